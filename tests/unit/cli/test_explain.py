"""`reglament explain`: letters in, what the desk would do out, and nothing else anywhere."""

from __future__ import annotations

import subprocess
import sys
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from tests.support.builders import DETAILS, MDO_ADDRESS, STOREOLIS_ADDRESS
from tests.support.changed_editions import mdo_changed
from tests.support.command_line import Run
from tests.support.forwarded_mail import forwarded


def eml(
    text: str,
    *,
    to: str = MDO_ADDRESS,
    sender: str = "Ольга Лебедева <olga@client.example>",
    subject: str = "Не приходит код",
    date: str = "Fri, 20 Nov 2026 17:00:00 +0300",
    **headers: str,
) -> bytes:
    """Return a plain letter as bytes; keywords with `_` for `-` are further fields."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=998))
    message["From"] = sender
    if to:
        message["To"] = to
    message["Subject"] = subject
    if date:
        message["Date"] = date
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


COMPLETE = f"Добрый день. При входе в приложение не приходит код из СМС, второй день не могу войти.\n\n{DETAILS}"
INCOMPLETE = "Добрый день. При входе в приложение не приходит код из СМС, второй день не могу войти."
FAULT = f"Срочно! Приложение не работает ни у кого во всём регионе, все центры стоят.\n\n{DETAILS}"
SES = (
    b"Return-Path: <olga@client.example>\r\n"
    b"Received: from mail.client.example by inbound-smtp.eu-west-1.amazonaws.com with SMTP id"
    b" 4k5jt3v0c1qpb8q2mhn6s0o8r9 for support@xn--d1achjhdicc8bh4h.xn--80asehdb;"
    b" Fri, 20 Nov 2026 07:00:00 +0000 (UTC)\r\n"
    b"X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n"
    b"Authentication-Results: amazonses.com; spf=pass (ok) client-ip=192.0.2.1; envelope-from=olga@client.example;"
    b" dkim=pass header.i=@client.example; dmarc=pass header.from=client.example;\r\n"
    b"X-SES-RECEIPT: x\r\n"
)


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    """Return an empty folder for letters."""
    folder = tmp_path / "letters"
    folder.mkdir()
    return folder


def test_a_complete_letter_is_accepted_with_the_deadline_of_its_clause(run: Run, letters: Path) -> None:
    """MDO 2.1: Friday 17:00 and four working hours are Monday 12:00."""
    (letters / "1.eml").write_bytes(eml(COMPLETE))
    found = run("explain", letters / "1.eml", "--json").object
    assert found["desk"] == "moi-dokumenty-online"
    assert found["edition"] == "2013-01-01"
    assert found["kind"] == "request"
    assert found["decision"] == {"outcome": "accept", "reason": "accepted", "clause": None}
    assert found["deadlines"] == {"reaction_due": "2026-11-23T12:00:00+03:00", "lapse_due": None}


def test_every_field_that_programs_rely_on_is_there(run: Run, letters: Path) -> None:
    """The surface is stable: fields may be added, none taken away."""
    (letters / "1.eml").write_bytes(eml(COMPLETE))
    found = run("explain", letters / "1.eml", "--json").object
    assert found.keys() >= {
        "file", "desk", "edition", "kind", "sender", "visible_text", "identification", "findings", "category",
        "out_of_scope_clause", "faq_id", "offence", "critical", "fault", "duplicate_of", "signature", "quoted_text",
        "set_apart_text", "listed",
        "decision", "deadlines",
    }  # fmt: skip
    assert found["sender"].keys() >= {"address", "trust"}
    assert found["identification"].keys() == {
        "full_name", "phone", "organisation", "position", "inn", "contract", "site", "client_id", "missing",
    }  # fmt: skip
    assert all(finding.keys() >= {"rule", "clause", "mode", "matched", "evidence"} for finding in found["findings"])
    assert found["identification"]["phone"] == "+79161234567"


def test_a_letter_without_details_is_asked_and_has_no_reaction_due(run: Run, letters: Path) -> None:
    """MDO 1.3.2 and 2.5: the desk asks, and silence lapses at the end of the second working day."""
    (letters / "1.eml").write_bytes(eml(INCOMPLETE))
    found = run("explain", letters / "1.eml", "--json").object
    assert found["decision"]["outcome"] == "ask"
    assert found["decision"]["clause"] == "1.3.2"
    assert found["deadlines"] == {"reaction_due": None, "lapse_due": "2026-11-25T00:00:00+03:00"}
    assert "phone" in found["identification"]["missing"]


def test_a_critical_fault_is_due_in_five_minutes_where_the_rule_is_automatic(run: Run, letters: Path) -> None:
    """MDO 2.1: round the clock, from the letter."""
    (letters / "1.eml").write_bytes(eml(FAULT, date="Sun, 22 Nov 2026 03:00:00 +0300", subject="Авария"))
    found = run("explain", letters / "1.eml", "--json").object
    assert found["critical"] is True
    assert found["deadlines"]["reaction_due"] == "2026-11-22T03:05:00+03:00"


def test_of_several_letters_about_one_outage_the_first_pages_and_the_others_join(run: Run, letters: Path) -> None:
    """MDO 2.1: one fault. What is plainly something else is one of its own."""
    security = "Нас взломали: злоумышленники получили доступ к персональным данным заявителей."
    texts = {"1": FAULT, "2": FAULT, "3": security, "4": COMPLETE}
    for name, text in texts.items():
        sender = f"client{name}@mfc{name}.example"
        date = f"Fri, 20 Nov 2026 17:0{name}:00 +0300"
        (letters / f"{name}.eml").write_bytes(eml(text, sender=sender, subject=f"Рабочее место {name}", date=date))
    first, second, other, ordinary = (one["fault"] for one in run("explain", letters, "--json").objects)
    assert (first["how"], first["reports"], first["pages"]) == ("open", 1, ["on_call"])
    assert second == {"fault": first["fault"], "how": "join", "reports": 2, "pages": []}
    assert (other["how"], other["pages"], other["fault"] != first["fault"]) == ("open", ["on_call"], True)
    assert ordinary is None
    out = run("explain", letters).out
    assert f"{first['fault']}, it opens: 1 report, the on-call is paged" in out
    assert f"{first['fault']}, it joins: 2 reports, no page of its own" in out


def test_several_letters_are_one_day_in_the_order_of_their_dates_printed_in_the_order_given(
    run: Run, letters: Path
) -> None:
    """A repetition given first is still the repetition, and names the earlier letter's file."""
    (letters / "later.eml").write_bytes(eml(COMPLETE, date="Fri, 20 Nov 2026 18:30:00 +0300"))
    (letters / "first.eml").write_bytes(eml(COMPLETE))
    later, first = run("explain", letters / "later.eml", letters / "first.eml", "--json").objects
    assert first["decision"]["outcome"] == "accept"
    assert later["decision"]["outcome"] == "attach"
    assert later["decision"]["reason"] == "duplicate"
    assert later["duplicate_of"] == first["file"] == str(letters / "first.eml")
    assert later["ticket"] == first["ticket"]


def test_an_answer_to_a_letter_of_the_day_joins_its_ticket_and_starts_the_clock(run: Run, letters: Path) -> None:
    """MDO 1.3: the promise counts from the letter that completes the details."""
    (letters / "1.eml").write_bytes(eml(INCOMPLETE, Message_ID="<1@client.example>"))
    answer = eml(DETAILS, date="Mon, 23 Nov 2026 10:00:00 +0300", In_Reply_To="<1@client.example>")
    (letters / "2.eml").write_bytes(answer)
    _, joined = run("explain", letters, "--json").objects
    assert joined["kind"] == "reply"
    assert joined["decision"] == {"outcome": "attach", "reason": "follow_up", "clause": None}
    assert joined["deadlines"]["reaction_due"] == "2026-11-23T14:00:00+03:00"


def test_however_many_letters_of_one_sender_are_explained_as_the_first(run: Run, letters: Path) -> None:
    """Nothing is mailed here, so that no limit of automatic letters is reached."""
    for number, word in enumerate("абвгдежзиклм"):
        text = f"Добрый день. Не открывается раздел {word * 9}, ошибка {word * 5}."
        (letters / f"{number:02}.eml").write_bytes(eml(text, subject=word * 7))
    found = run("explain", letters, "--json", "--at", "2026-11-20T10:00").objects
    assert len({one["ticket"] for one in found}) == 12
    assert {one["deadlines"]["lapse_due"] for one in found} == {"2026-11-25T00:00:00+03:00"}


def test_folders_are_walked_sorted_and_only_letters_are_read(run: Run, letters: Path) -> None:
    """Notes beside the letters are no letters."""
    (letters / "b").mkdir()
    for name in ("b/1.eml", "a.eml", "c.EML"):
        (letters / name).write_bytes(eml(COMPLETE, subject=name))
    (letters / "README.md").write_text("a note", encoding="utf-8")
    found = run("explain", letters, "--json").objects
    assert [one["file"] for one in found] == [str(letters / name) for name in ("a.eml", "b/1.eml", "c.EML")]


def test_the_instant_of_arrival_may_be_given_by_the_desks_own_clock(run: Run, letters: Path) -> None:
    """Sat 2024-12-28 16:00 and four working hours are Thu 2025-01-09 11:00."""
    (letters / "1.eml").write_bytes(eml(COMPLETE))
    found = run("explain", letters, "--at", "2024-12-28T16:00", "--json").object
    assert found["deadlines"]["reaction_due"] == "2025-01-09T11:00:00+03:00"


@pytest.mark.parametrize(
    "field", ["Delivered_To", "Cc", "X_Original_To"], ids=["delivered to", "copy", "original recipient"]
)
def test_the_desk_is_found_by_whichever_field_names_it(run: Run, letters: Path, field: str) -> None:
    """Without --desk the headers stand in for the envelope."""
    (letters / "1.eml").write_bytes(eml(COMPLETE, to="somebody@else.example", **{field: STOREOLIS_ADDRESS}))
    assert run("explain", letters, "--json").object["desk"] == "storeolis"


def test_the_desk_is_found_by_the_line_of_a_server_that_took_the_letter(run: Run, letters: Path) -> None:
    """A blind copy is named by Received alone."""
    received = f"from a.example by mx.example with ESMTP id 1 for <{MDO_ADDRESS}>; Fri, 20 Nov 2026 17:00:00 +0300"
    (letters / "1.eml").write_bytes(eml(COMPLETE, to="", Received=received))
    assert run("explain", letters, "--json").object["desk"] == "moi-dokumenty-online"


def test_a_letter_to_no_desk_is_read_and_says_so(run: Run, letters: Path) -> None:
    """It was read, so the exit status is 0; what to do is said apart."""
    (letters / "1.eml").write_bytes(eml(COMPLETE, to="somebody@else.example"))
    ran = run("explain", letters, "--json")
    assert ran.status == 0
    assert ran.object["desk"] is None
    assert ran.object["kind"] == "request"
    assert ran.object["decision"] == {"outcome": "ignore", "reason": "no_desk", "clause": None}
    assert "--desk" in ran.err


def test_a_named_desk_takes_the_letter_whoever_it_was_addressed_to(run: Run, letters: Path) -> None:
    """By its ticket prefix, in any case."""
    (letters / "1.eml").write_bytes(eml(COMPLETE, to="somebody@else.example"))
    assert run("explain", letters, "--desk", "sto", "--json").object["desk"] == "storeolis"


def test_what_ses_wrote_above_the_letter_proves_the_sender(run: Run, letters: Path) -> None:
    """And gives the time of arrival."""
    (letters / "1.eml").write_bytes(SES + eml(COMPLETE))
    found = run("explain", letters, "--json").object
    assert found["sender"]["trust"] == "verified"
    assert found["arrived_at"] == "2026-11-20T10:00:00+03:00"


def test_without_verdicts_of_ses_the_sender_is_only_claimed(run: Run, letters: Path) -> None:
    """Whatever the letter says of itself."""
    planted = "amazonses.com; dmarc=pass header.from=client.example;"
    (letters / "1.eml").write_bytes(eml(COMPLETE, Authentication_Results=planted))
    assert run("explain", letters, "--json").object["sender"]["trust"] == "claimed"


def test_the_same_delivery_twice_is_a_redelivery(run: Run, letters: Path) -> None:
    """SES gave both the same id, so the second changes nothing."""
    for name in ("1.eml", "2.eml"):
        (letters / name).write_bytes(SES + eml(COMPLETE))
    _, again = run("explain", letters, "--json").objects
    assert again["decision"] == {"outcome": "ignore", "reason": "redelivery", "clause": None}
    assert again["duplicate_of"] == str(letters / "1.eml")


def test_a_letter_that_cannot_be_read_is_quarantined_and_the_next_one_goes_on(run: Run, letters: Path) -> None:
    """Any bytes may arrive."""
    (letters / "1.eml").write_bytes(b"\x00" * 100)
    (letters / "2.eml").write_bytes(eml(COMPLETE))
    broken, whole = run("explain", letters, "--desk", "MDO", "--json").objects
    assert broken["kind"] == "quarantined"
    assert broken["decision"]["outcome"] == "ignore"
    assert whole["decision"]["outcome"] == "accept"


def test_automatic_mail_is_ignored_and_asked_no_rule(run: Run, letters: Path) -> None:
    """Its kind is the reason."""
    (letters / "1.eml").write_bytes(eml("Я в отпуске.", Auto_Submitted="auto-replied"))
    found = run("explain", letters, "--json").object
    assert found["kind"] == "auto_reply"
    assert found["decision"] == {"outcome": "ignore", "reason": "auto_reply", "clause": None}
    assert found["category"] is None
    assert found["findings"] == []


def test_the_fourth_how_to_question_of_the_month_is_refused_by_the_clause(run: Run, letters: Path) -> None:
    """Storeolis 2.6."""
    questions = (
        "Подскажите, как добавить второй склад в личном кабинете и перенести туда остатки?",
        "Подскажите, как настроить скидку для постоянных покупателей на весь каталог?",
        "Подскажите, как изменить порядок категорий на главной странице витрины?",
        "Подскажите, как выгрузить список заказов за прошлый квартал в таблицу?",
    )
    for number, question in enumerate(questions, 1):
        text = f"Добрый день.\n{question}\nНаш магазин: lampa.storeolis.ru, договор СТ-2041."
        date = f"Mon, {number + 8:02} Nov 2026 10:00:00 +0300"
        letter = eml(text, to=STOREOLIS_ADDRESS, subject=f"Вопрос {number}", date=date)
        (letters / f"{number}.eml").write_bytes(letter)
    found = run("explain", letters, "--json").objects
    quota = [next(one for one in letter["findings"] if one["rule"] == "quota") for letter in found]
    assert [finding["matched"] for finding in quota] == [False, False, False, True]
    assert quota[-1]["clause"] == "2.6"


def test_a_registry_names_the_client_behind_a_letter(run: Run, letters: Path, tmp_path: Path) -> None:
    """The same file that `client import` reads."""
    clients = tmp_path / "clients.csv"
    clients.write_text(
        "id,kind,name,addresses,phones\nU-1,user,Лебедева,olga@client.example,8 916 123-45-67\n", encoding="utf-8"
    )
    (letters / "1.eml").write_bytes(SES + eml(INCOMPLETE))
    found = run("explain", letters, "--clients", clients, "--json").object
    assert found["identification"]["client_id"] == "U-1"
    assert found["identification"]["phone"] == "+79161234567"


def test_a_registry_names_the_client_by_its_organisation_and_says_how_weak_that_is(
    run: Run, letters: Path, tmp_path: Path
) -> None:
    """Storeolis 2.1: whom it names is for the specialist's eye, and the details are asked for all the same."""
    clients = tmp_path / "clients.csv"
    clients.write_text("id,organisation\nK-1,ООО «Лён»\n", encoding="utf-8")
    text = "Не открывается корзина на витрине.\nОрганизация: Общество с ограниченной ответственностью «Лён»"
    (letters / "1.eml").write_bytes(eml(text, to=STOREOLIS_ADDRESS))
    found = run("explain", letters, "--clients", clients, "--json").object
    assert found["client"] == {"id": "K-1", "surety": "hinted", "by": ["organisation"]}
    assert found["decision"]["outcome"] == "ask"
    shown = run("explain", letters, "--clients", clients).out
    assert "K-1 (the only one of that name, the weakest evidence; by organisation)" in shown
    clients.write_text("id,organisation\nK-1,ООО «Лён»\nK-2,«Лён» ООО\n", encoding="utf-8")
    assert run("explain", letters, "--clients", clients, "--json").object["client"] is None


def test_a_broken_registry_is_refused_whole(run: Run, letters: Path, tmp_path: Path) -> None:
    """With the line and the column."""
    clients = tmp_path / "clients.csv"
    clients.write_text("id,phones\nU-1,12\n", encoding="utf-8")
    (letters / "1.eml").write_bytes(eml(COMPLETE))
    ran = run("explain", letters, "--clients", clients)
    assert ran.status == 2
    assert f"{clients}:2: phones: found '12'" in ran.err


def test_a_date_that_no_edition_covers_is_no_time_of_arrival(run: Run, letters: Path) -> None:
    """A mail program with its clock at 1970 still gets its letter explained."""
    (letters / "1.eml").write_bytes(eml(COMPLETE, date="Thu, 01 Jan 1970 00:00:00 +0000"))
    ran = run("explain", letters, "--json")
    assert ran.object["arrived_at"] == "2026-11-20T12:00:00+03:00"
    assert "no time of arrival" in ran.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere.eml",), "no such file or folder"),
        (("{letters}",), "found no letters"),
        (("{letters}/1.eml", "--desk", "XYZ"), "no desk 'XYZ'"),
        (("{letters}/1.eml", "--at", "soon"), "expected an instant"),
        (("{letters}/1.eml", "--at", "2001-01-01"), "no regulation in force"),
    ],
)
def test_misuse_is_said_and_exits_with_2(run: Run, letters: Path, arguments: tuple[str, ...], says: str) -> None:
    """Nothing is printed on standard output."""
    if arguments != ("{letters}",):
        (letters / "1.eml").write_bytes(eml(COMPLETE))
    ran = run("explain", *(argument.format(letters=letters) for argument in arguments))
    assert (ran.status, ran.out) == (2, "")
    assert says in ran.err


def test_the_card_for_a_person_names_clause_and_deadline(run: Run, letters: Path) -> None:
    """The same facts, readable."""
    (letters / "1.eml").write_bytes(eml(INCOMPLETE))
    out = run("explain", letters).out
    assert "identification (cl. 1.3.2, automatic)" in out
    assert "ask: missing_details (cl. 1.3.2)" in out
    assert "Tue 2026-11-24 24:00 MSK" in out


def test_explaining_loads_no_sdk_and_opens_no_connection(letters: Path) -> None:
    """It starts quickly, and works with no network at all."""
    (letters / "1.eml").write_bytes(eml(COMPLETE))
    script = (
        "import sys, socket\n"
        "def refuse(*_): raise AssertionError('a connection')\n"
        "socket.socket.connect = refuse\n"
        "from cli.main import main\n"
        f"assert main(['explain', {str(letters)!r}, '--json']) == 0\n"
        "assert not {'boto3', 'botocore', 'aws_lambda_powertools', 'jinja2'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Мария Белова", ", display name «Мария Белова»"),
        ("maria@client.example", ", display name, not an address: «maria@client.example»"),
        ("", ""),
    ],
)
def test_the_verdict_stands_with_the_address_and_never_with_the_display_name(
    run: Run, letters: Path, name: str, shown: str
) -> None:
    """The name comes last, in quotation marks."""
    (letters / "1.eml").write_bytes(eml(COMPLETE, sender=f'"{name}" <thief@evil.example>'))
    out = run("explain", letters / "1.eml").out
    (line,) = (line for line in out.splitlines() if line.startswith("  from"))
    address, _, rest = line.partition(" (claimed: ")
    assert address == "  from      thief@evil.example"
    assert rest.partition(")")[2] == shown


def test_a_letter_for_which_spf_fails_is_accepted_and_shown_to_be_answered_by_nobody(run: Run, tmp_path: Path) -> None:
    """The line of its sender says why."""
    file = tmp_path / "forwarded.eml"
    file.write_bytes(forwarded(letter=eml(COMPLETE, sender="lomova@zavod.example")))
    found = run("explain", file, "--desk", "MDO", "--json").object
    assert found["decision"]["outcome"] == "accept"
    assert found["sender"]["trust"] == "claimed"
    assert (
        "SPF failed, and no signature of From's domain passed: nothing automatic answers"
        in found["sender"]["trust_evidence"]
    )
    assert "nothing automatic answers" in run("explain", file, "--desk", "MDO").out


def test_a_letter_says_which_forwarder_vouches_for_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "forwarded.eml"
    file.write_bytes(forwarded(letter=eml(COMPLETE, sender="lomova@zavod.example")))
    named = 'forwarders = [{ authserv_id = "mx.example.ru", dkim_domain = "example.ru" }]\n'
    with mdo_changed(tmp_path, monkeypatch, ("cloudwatch_alarm_prefixes", f"{named}cloudwatch_alarm_prefixes")):
        sender = run("explain", file, "--desk", "MDO", "--json").object["sender"]
    assert sender["trust"] == "verified"
    assert "the forwarder mx.example.ru that the desk names" in sender["trust_evidence"]
