"""`reglament regulation check`: every error of an edition at once, with its file, line, table, key, and the remedy."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.toml_files import line_of
from domain.regulation import editions
from domain.regulation.edition import Critical
from domain.regulation.editions import DESKS, InvalidEdition
from tests.support.command_line import Run

STOREOLIS = (DESKS / "storeolis" / "2013-01-01.toml").read_text("utf-8")


def edition(folder: Path, *changes: tuple[str, str], name: str = "draft.toml") -> Path:
    """Write the Storeolis edition with each first text of `changes` replaced by the second."""
    text = STOREOLIS
    for old, new in changes:
        assert old in text, f"the edition no longer has {old!r}"
        text = text.replace(old, new, 1)
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_the_editions_that_ship_hold(run: Run) -> None:
    """Without a file, they are what is checked."""
    ran = run("regulation", "check", "--json")
    assert ran.status == 0
    assert {one["desk"] for one in ran.objects} == {"moi-dokumenty-online", "storeolis"}


@pytest.mark.parametrize(
    ("change", "line", "name", "found", "expected"),
    [
        (("warn_at_share", "warn_at_shere"), "warn_at_shere", "[reaction] warn_at_shere", "0.75", "did you mean warn_at_share?"),
        (("[rules.quota]\n", "[rules.quota]\nlimt = 3\n"), "limt", "[rules.quota] limt", "3", "did you mean limit?"),
        (("[hours]\n", "[hourz]\n"), "[hourz]", "hourz", "a table", "did you mean hours?"),
        (("[[clauses]]\nnumber = ", "[[clauses]]\n# "), "[[clauses]]", "[clauses #1] number", "nothing", "the key is required"),
        (("09:00-18:00", "18:00-09:00"), "18:00-09:00", "[hours] working_day #1", "'18:00-09:00'", "opening before closing"),
        (("09:00-18:00", "9-18"), "9-18", "[hours] working_day #1", "'9-18'", "09:00-18:00"),
        (("Europe/Moscow", "Europe/Moskva"), "Moskva", "[hours] time_zone", "'Europe/Moskva'", "IANA time zone"),
        (("working_days = 5", 'working_days = "5"'), 'working_days = "5"', "[reaction] working_days", "'5'", "without quotes"),
        (("working_days = 5", "working_days = 0"), "working_days = 0", "[reaction] working_days", "0", "greater than 0"),
        (("working_days = 5", "working_days = true"), "= true\ncounted", "[reaction] working_days", "true", "a number"),
        (("2013-01-01", '"01.01.2013"'), "01.01.2013", "effective_from", "'01.01.2013'", "a date such as"),
        (('"2.1"\nwarn', '"9.9"\nwarn'), "9.9", "[reaction] counted_from_clause", "'9.9'", "the number of one of"),
        (('number = "2.1"', 'number = "two"'), '"two"', "[clauses #2] number", "'two'", "a clause number such as 2.1"),
        (("per_ticket_per_hour = 5", "per_ticket_per_hour = 0"), "per_ticket_per_hour = 0", "[automatic_letters] per_ticket_per_hour", "0", "greater than 0"),
        (("per_address_per_day = 40", "per_address_per_day = 9"), "[automatic_letters]", "automatic_letters", "a table", "per_address_per_hour up to"),
        (("[automatic_letters]", "[automatic_leters]"), "[automatic_leters]", "automatic_leters", "a table", "did you mean automatic_letters?"),
        (("[reaction]", "[reaction"), "[reaction", "the file", "'[reaction'", "valid TOML"),
        (("working_days = 5", "working_days = 5\nworking_days = 6"), "= 6", "the file", "'working_days = 6'", "valid TOML"),
        (('without = ["у меня|', 'without = ["у мена|'), "у мена", "[rules.criticality.signs.пропали записи.unless] without #1", "'у мена|мои", "did you mean 'у меня|"),
        (('add = ["мой заказ"]', 'add = ["мой заказ", ".. заказ"]'), ".. заказ", "[rules.criticality.signs.пропали записи.unless] add #2", "'.. заказ'", "begins and ends with a word"),
        (('add = ["данные потеряны"]', 'add = ["безопасность"]'), 'add = ["безопасность"]', "[rules.criticality.graver] add #1", "'безопасность'", "does not have"),
        (('add = ["данные потеряны"]', "add = [3]"), "add = [3]", "[rules.criticality.graver] add #1", "3", "text in quotes"),
        (('add = ["данные потеряны"]', 'ad = ["данные потеряны"]'), 'ad = ["данные', "[rules.criticality.graver] ad", "['данные потеряны']", "add and without"),
        (('add = ["провайдер*|', 'add = ["& провайдер*|'), "& провайдер", "[rules.scope.items.third-party.names.оператор связи] add #1", "'& провайдер", "a phrase of words"),
        (('unless = ["обмен*",', 'unless = ["обмен*", "!",'), '"!"', "[rules.scope.items.client-software] unless #2", "'!'", "a phrase of words"),
        (("items.design]", "items.design]\nphrase = 3"), "phrase = 3", "[rules.scope.items.design] phrase", "3", "did you mean phrases?"),
        (("[rules.scope.items.design]", "[rules.scope.items.Design]"), "[rules.scope.items.Design]", "[rules.scope.items.Design] id", "'Design'", "text of the form"),
        (('[rules.scope.items.third-party]\nclause = "2.6"', "[rules.scope.items.third-party]"), "[rules.scope.items.third-party]", "[rules.scope.items.third-party] clause", "nothing", "the key is required"),
        (("[rules.scope.items.third-party]", "[rules.scope.items.third-party]\nthird_party = 1"), "third_party = 1", "[rules.scope.items.third-party] third_party", "1", "true or false"),
        (('[rules.clarity]\nclause = "2.2"', "[rules.clarity]"), "[rules.clarity]", "[rules] clarity", "a table with mode, hints, least_words", "a rule names its clause"),
        (('[rules.clarity]\nclause = "2.2"\nmode = "automatic"', '[rules.clarity]\nclause = "2.2"'), "[rules.clarity]", "[rules.clarity] mode", "nothing", "the key is required"),
    ],
)  # fmt: skip
def test_an_error_is_told_with_its_line_what_was_found_and_what_was_expected(
    run: Run, tmp_path: Path, change: tuple[str, str], line: str, name: str, found: str, expected: str
) -> None:
    """One line an error, as compilers print theirs."""
    file = edition(tmp_path, change)
    at = file.read_text("utf-8").split(line)[0].count("\n") + 1
    ran = run("regulation", "check", file)
    assert ran.status == 1
    told = [problem for problem in ran.out.splitlines() if problem.startswith(f"{file}:{at}: {name}: found {found}")]
    assert told, ran.out
    assert expected in told[0].partition(", expected ")[2]


def test_an_edition_that_ships_and_is_not_valid_is_told_by_every_verb(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its errors with its line, wherever it is needed first."""
    file = tmp_path / "storeolis" / "2013-01-01.toml"
    file.parent.mkdir()
    edition(
        file.parent, ("warn_at_share", "warn_at_shere"), ('without = ["у меня|', 'without = ["у мена|'), name=file.name
    )
    monkeypatch.setattr(editions, "DESKS", tmp_path)
    editions.editions.cache_clear()
    ran = run("deadline", "--desk", "storeolis", "--at", "2026-11-20T10:00:00+03:00")
    assert ran.status == 1
    assert ran.err.startswith(f"reglament deadline: {file}:")
    assert "[reaction] warn_at_shere: found 0.75, expected one of its keys (did you mean warn_at_share?)" in ran.err
    assert "without #1: found 'у мена|" in ran.err


@pytest.mark.parametrize(
    ("minutes", "key", "found", "expected"),
    [
        ("[2, 5, 3]", "repeat_minutes", "[2, 5, 3]", "pauses none of which is shorter than the one before it"),
        ("[]", "repeat_minutes", "[]", "pauses none of which is shorter than the one before it"),
        ("0", "repeat_minutes #1", "0", "greater than 0"),
        ("[2, -5]", "repeat_minutes #2", "-5", "greater than 0"),
        ('[2, "5"]', "repeat_minutes #2", "'5'", "a number, without quotes"),
        ('"2"', "repeat_minutes", "'2'", "a number of minutes, or a list of such numbers"),
        ("true", "repeat_minutes", "true", "a number of minutes, or a list of such numbers"),
    ],
)
def test_pauses_between_pages_are_positive_and_never_shrink(
    run: Run, tmp_path: Path, minutes: str, key: str, found: str, expected: str
) -> None:
    """A list of which the last one repeats for ever, or a single number for that one."""
    file = edition(tmp_path, ("repeat_minutes = [2, 2, 2, 5, 5, 10, 15, 30]", f"repeat_minutes = {minutes}"))
    ran = run("regulation", "check", file)
    assert ran.status == 1
    assert f"[critical] {key}: found {found}, expected {expected}" in ran.out


def test_an_edition_with_one_pause_repeats_it_for_ever(run: Run, tmp_path: Path) -> None:
    """As editions said it before there were lists."""
    file = edition(tmp_path, ("repeat_minutes = [2, 2, 2, 5, 5, 10, 15, 30]", "repeat_minutes = 2"))
    assert run("regulation", "check", file).status == 0
    terms = {"clause": "2.1", "mode": "automatic", "within_minutes": 5, "repeat_minutes": 2, "escalate_minutes": 4}
    critical = Critical.model_validate(terms)
    assert [critical.pause(pages) for pages in (1, 2, 500)] == [timedelta(minutes=2)] * 3
    assert critical.pages_within(timedelta(hours=12)) == (361, 362)


def test_an_edition_shows_what_a_fault_costs_that_nobody_acknowledges(run: Run) -> None:
    """Before anybody is paged by it."""
    ran = run("regulation", "show", "mdo", "--at", "2026-11-20")
    assert "repeated after 2, 2, 2, 5, 5, 10, 15, then every 30 minutes; from minute 4 on to escalation too" in ran.out
    assert "in 12 hours at most 30 pages to the on-call and 31 to escalation" in ran.out


def test_all_errors_are_told_at_once_in_the_order_of_their_lines(run: Run, tmp_path: Path) -> None:
    """A person mends the file in one go."""
    file = edition(
        tmp_path,
        ("Europe/Moscow", "Mars/Olympus"),
        ("within_minutes", "within_minuts"),
        ('mode = "automatic"', 'mode = "auto"'),
    )
    problems = run("regulation", "check", file, "--json").objects
    assert {(one["table"], one["key"]) for one in problems} >= {
        ("hours", "time_zone"),
        ("critical", "within_minutes"),
        ("critical", "within_minuts"),
    }
    lines = [one["line"] for one in problems]
    assert lines == sorted(lines)


def test_editions_of_one_desk_may_not_overlap(run: Run, tmp_path: Path) -> None:
    """Each day has one regulation."""
    edition(
        tmp_path,
        ("effective_from = 2013-01-01", "effective_from = 2013-01-01\neffective_until = 2026-12-31"),
        name="2013-01-01.toml",
    )
    later = edition(tmp_path, ("effective_from = 2013-01-01", "effective_from = 2026-06-01"), name="2026-06-01.toml")
    ran = run("regulation", "check", tmp_path)
    assert ran.status == 1
    assert f"{later}:5: effective_from: found 2026-06-01, expected a date after 2026-12-31" in ran.out
    assert "2013-01-01.toml" in ran.out


def test_editions_of_two_desks_are_not_compared(run: Run) -> None:
    """Both have one of the same day."""
    files = [DESKS / desk / "2013-01-01.toml" for desk in ("storeolis", "moi-dokumenty-online")]
    assert run("regulation", "check", *files).status == 0


def test_a_file_is_in_force_from_the_day_it_is_named_after(run: Run, tmp_path: Path) -> None:
    """Or people would look in the wrong one."""
    file = edition(tmp_path, name="2014-01-01.toml")
    assert "expected 2014-01-01, as the file is named" in run("regulation", "check", file).out


def test_a_file_in_another_encoding_is_told_with_the_line(run: Run, tmp_path: Path) -> None:
    """The usual one of an old editor."""
    file = tmp_path / "draft.toml"
    file.write_bytes(b'# ok\ntitle = "\xd0\xe5\xe3\xeb\xe0\xec\xe5\xed\xf2"\n')
    assert f"{file}:2: the file: found bytes that are no UTF-8" in run("regulation", "check", file).out


def test_a_missing_file_and_a_folder_without_editions_are_misuse(run: Run, tmp_path: Path) -> None:
    """Nothing was checked, so nothing holds."""
    assert run("regulation", "check", tmp_path / "none.toml").status == 2
    assert run("regulation", "check", tmp_path).status == 2


def test_lines_within_lists_and_long_texts_are_no_keys_and_no_tables() -> None:
    """What looks like one there misleads nobody."""
    text = '[a]\nlist = [\n  ["x"],\n  "key = 1",\n]\ntext = """\n[b]\nkey = 2\n"""\nkey = 3\n'
    assert line_of(text, ("a", "key")) == 10


def test_two_desks_may_not_have_one_prefix_or_address(run: Run, tmp_path: Path) -> None:
    """A ticket and a letter find their desk by them."""
    other = edition(tmp_path, ('id = "storeolis"', 'id = "lavka"'))
    ran = run("regulation", "check", DESKS / "storeolis" / "2013-01-01.toml", other)
    assert ran.status == 1
    assert "[desk] prefix: found 'sto', expected one of its own: the desk storeolis has it" in ran.out
    assert "[desk] address: found 'support@storeolis.ru', expected one of its own" in ran.out


def test_the_address_of_a_form_may_not_be_another_desks(run: Run, tmp_path: Path) -> None:
    """A letter from it would be taken for two desks' clients."""
    forms = ('clause = "2.2"', 'form_addresses = ["support@xn--d1achjhdicc8bh4h.xn--80asehdb"]\nclause = "2.2"')
    other = edition(tmp_path, ('id = "storeolis"', 'id = "lavka"'), ('prefix = "STO"', 'prefix = "LAV"'), forms)
    ran = run("regulation", "check", DESKS / "moi-dokumenty-online" / "2013-01-01.toml", other)
    assert ran.status == 1
    assert (
        "[desk] form_addresses: found 'support@xn--d1achjhdicc8bh4h.xn--80asehdb', expected one of its own" in ran.out
    )


@pytest.mark.parametrize(
    ("change", "folder"),
    [
        (('id = "storeolis"', 'id = "lavka"'), "storeolis"),
        (('clause = "2.6"', 'clause = "33"'), "storeolis"),
    ],
)
def test_a_function_uses_no_edition_in_the_wrong_folder_or_with_a_clause_that_it_does_not_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str], folder: str
) -> None:
    """A letter would be refused by a clause that nobody has published."""
    file = tmp_path / folder / "2013-01-01.toml"
    file.parent.mkdir()
    edition(file.parent, change, name=file.name)
    monkeypatch.setattr(editions, "DESKS", tmp_path)
    editions.editions.cache_clear()
    with pytest.raises(InvalidEdition, match="regulation check"):
        editions.editions(folder)


def test_an_edition_that_ends_and_that_none_follows_is_warned_of(run: Run, tmp_path: Path) -> None:
    """Where it says so, what will happen, and what to do; the edition is valid all the same."""
    file = edition(
        tmp_path, ("effective_from = 2013-01-01", "effective_from = 2013-01-01\neffective_until = 2026-12-31")
    )
    line = file.read_text("utf-8").split("\n").index("effective_until = 2026-12-31") + 1
    ran = run("regulation", "check", str(file))
    assert ran.status == 0
    warning, holds = ran.out.splitlines()
    assert warning.startswith(
        f"{file}:{line}: warning: effective_until: the desk storeolis has no regulation in force after"
    )
    assert "2026-12-31, and no edition follows" in warning
    assert "Write the next edition's file, or take effective_until out" in warning
    assert "holds" in holds
    (told, _) = run("regulation", "check", "--json", str(file)).objects
    assert (told["line"], told["key"]) == (line, "effective_until")
    assert told["warning"] in warning


@pytest.mark.parametrize(("next_from", "warned"), [("2027-01-01", False), ("2027-01-02", True), (None, True)])
def test_an_edition_that_ends_is_warned_of_unless_the_next_begins_the_day_after(
    run: Run, tmp_path: Path, next_from: str | None, *, warned: bool
) -> None:
    """The next is found beside it, whether or not it is checked too."""
    ends = ("effective_from = 2013-01-01", "effective_from = 2013-01-01\neffective_until = 2026-12-31")
    file = edition(tmp_path, ends, name="2013-01-01.toml")
    if next_from is not None:
        edition(tmp_path, ("effective_from = 2013-01-01", f"effective_from = {next_from}"), name=f"{next_from}.toml")
    ran = run("regulation", "check", str(file))
    assert ran.status == 0
    assert ("warning" in ran.out) is warned
    assert ("until 2027-01-02, when the next edition begins" in ran.out) is (next_from == "2027-01-02")


@pytest.mark.parametrize("key", ['team_address = "team@storeolis.ru"', 'specialists = ["anna@storeolis.ru"]'])
def test_an_edition_that_still_has_people_is_told_where_they_belong(run: Run, tmp_path: Path, key: str) -> None:
    file = edition(tmp_path, ('prefix = "STO"', f'prefix = "STO"\n{key}'))
    ran = run("regulation", "check", file)
    assert ran.status == 1
    assert f"[desk] {key.split(' ', maxsplit=1)[0]}: found " in ran.out
    assert "people are no part of an edition" in ran.out
    assert "`reglament people import`" in ran.out


def test_two_desks_have_no_place_in_common_where_ses_takes_their_mail(run: Run, tmp_path: Path) -> None:
    other = edition(tmp_path, ('"storeolis"', '"other"'), ('"STO"', '"OTH"'), ('= "support@', '= "help@'))
    ran = run("regulation", "check", DESKS / "storeolis" / "2013-01-01.toml", other)
    assert ran.status == 1
    assert "[desk] receives_at: found 'support@desk.storeolis.ru', expected one of its own" in ran.out


@pytest.mark.parametrize(
    ("line", "where", "expected"),
    [
        ('receives_at = ["support+a@desk.storeolis.ru"]', "[desk] receives_at #1", "without a plus part"),
        ('replies_at = "help@storeolis.ru"', "desk", "replies_at as one of address, aliases and receives_at"),
        ('forwarders = [{ authserv_id = "mx", dkim_domain = "storeolis.ru" }]', "authserv_id", "such as mx.example.ru"),
        ('forwarders = [{ authserv_id = "mx.storeolis.ru" }]', "dkim_domain", "the key is required"),
    ],
)
def test_how_mail_comes_to_a_desk_is_checked_like_all_else(
    line: str, where: str, expected: str, run: Run, tmp_path: Path
) -> None:
    receives = next(known for known in STOREOLIS.splitlines() if known.startswith("receives_at"))
    changed = line if line.startswith("receives_at") else f"{receives}\n{line}"
    ran = run("regulation", "check", edition(tmp_path, (receives, changed)))
    assert ran.status == 1
    assert where in ran.out
    assert expected in ran.out


def test_the_addresses_of_a_deployment_are_listed_as_its_parameter_has_them(run: Run) -> None:
    """And the list that is printed is the list that is right."""
    listed = run("regulation", "addresses", "--json").object
    assert listed["receiving_domains"] == ["desk.storeolis.ru", "desk.xn--d1achjhdicc8bh4h.xn--80asehdb"]
    assert f"DeskAddresses={listed['desk_addresses']}\n" in run("regulation", "addresses").out
    same = run("regulation", "addresses", "--listed", listed["desk_addresses"])
    assert (same.status, same.err) == (0, "")


def test_a_parameter_that_differs_from_the_editions_is_told_address_by_address(run: Run) -> None:
    given = "support@моидокументы.онлайн,support@storeolis.ru,x@other.example"
    ran = run("regulation", "addresses", "--listed", given)
    assert ran.status == 1
    assert "lacks support@desk.storeolis.ru" in ran.err
    assert "has x@other.example, which is no desk's" in ran.err
    assert "has support@моидокументы.онлайн: write support@xn--d1achjhdicc8bh4h.xn--80asehdb" in ran.err
    told = run("regulation", "addresses", "--json", "--listed", given).object
    assert told["unknown"] == ["x@other.example"]
