"""The lexicon, and what an edition adds to it and leaves out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.regulation.edition import Edition
from domain.regulation.editions import DESKS, desk_ids, edition_files, editions
from domain.regulation.lexicon import Slip, lexicon, with_lexicon

FILES = [file for desk in desk_ids() for file in edition_files(DESKS / desk)]
FILLER = lexicon()["clarity"]["filler"]
SIGNS = list(lexicon()["criticality"]["signs"])


def merged(rule: str, **own: Any) -> Any:
    """Return a rule's table as an edition that says no more of it gets it; nothing may be wrong."""
    tables, slips = with_lexicon({"rules": {rule: {"mode": "suggest", **own}}})
    assert slips == ()
    return tables["rules"][rule]


def slips_of(rule: str, **own: Any) -> tuple[Slip, ...]:
    """Return what does not fit the lexicon, with places within the rule's table."""
    slips = with_lexicon({"rules": {rule: {"mode": "suggest", **own}}}).slips
    assert all(slip.place[:2] == ("rules", rule) for slip in slips)
    return tuple(slip._replace(place=slip.place[2:]) for slip in slips)


def texts_of(value: object) -> Iterator[str]:
    """Return the texts of all lists within a value."""
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if isinstance(inner, str) and isinstance(value, list):
            yield inner
        yield from texts_of(inner)


# The editions that ship ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("desk", desk_ids())
def test_the_words_of_the_lexicon_need_no_check_at_a_start(desk: str) -> None:
    """Checked and folded, they are what they are without: every phrase and every expression is well written."""
    unchecked = editions(desk)
    checked = [
        Edition.model_validate(with_lexicon(tomllib.loads(file.read_text("utf-8"))).tables)
        for file in sorted(edition_files(DESKS / desk))
    ]
    assert [edition.model_dump() for edition in checked] == [edition.model_dump() for edition in unchecked]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_an_edition_is_short_enough_to_be_read(file: Path) -> None:
    """It says what its regulation says, and no vocabulary."""
    assert len(file.read_text("utf-8").splitlines()) <= 450


def test_few_words_are_in_the_editions_of_both_desks() -> None:
    """What two companies share is the lexicon's."""
    one, other = ({*texts_of(tomllib.loads(file.read_text("utf-8")))} for file in FILES)
    assert len(one & other) < 150


# What an edition says of a list -------------------------------------------------------------------------------


def test_a_list_that_an_edition_does_not_mention_is_the_lexicons() -> None:
    """In the lexicon's order."""
    assert merged("clarity")["filler"] == FILLER


def test_words_are_added_behind_the_lexicons_and_left_out_in_place() -> None:
    """So that the order of the others is kept."""
    words = merged("clarity", filler={"without": [FILLER[1]], "add": ["иное слово"]})["filler"]
    assert words == [FILLER[0], *FILLER[2:], "иное слово"]


def test_a_list_written_out_takes_the_place_of_the_lexicons() -> None:
    """As a company's own words for its standard questions do."""
    assert merged("clarity", filler=["иное слово"])["filler"] == ["иное слово"]


def test_a_word_left_out_that_the_lexicon_does_not_have_is_named() -> None:
    """With the one that was probably meant."""
    typo = FILLER[0] + "ъ"
    (slip,) = slips_of("clarity", filler={"without": [FILLER[1], typo]})
    assert slip.place == ("filler", "without", 1)
    assert slip.found == typo
    assert f"did you mean {FILLER[0]!r}?" in slip.expected


def test_a_word_added_that_the_lexicon_has_is_named() -> None:
    """It would be said twice."""
    (slip,) = slips_of("clarity", filler={"add": ["иное слово", FILLER[0]]})
    assert (slip.place, slip.found) == (("filler", "add", 1), FILLER[0])


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"ad": ["x"]}, ("filler", "ad")),
        ({"add": "x"}, ("filler", "add")),
        ({"without": "x"}, ("filler", "without")),
        ({"without": [["x"]]}, ("filler", "without", 0)),
    ],
)
def test_a_change_of_a_list_is_add_and_without_and_both_are_lists(said: dict[str, Any], place: tuple[Any, ...]) -> None:
    """Anything else is told with its place."""
    assert [slip.place for slip in slips_of("clarity", filler=said)] == [place]


# What an edition says of tables by name -----------------------------------------------------------------------


def test_signs_are_merged_by_name_and_left_out_by_name() -> None:
    """The lexicon's first, in its order."""
    own = {"without": [SIGNS[1]], "иной": {"weight": 1, "phrases": ["иное слово"]}, SIGNS[0]: {"weight": 9}}
    signs = merged("criticality", signs=own)["signs"]
    assert [sign["name"] for sign in signs] == [SIGNS[0], *SIGNS[2:], "иной"]
    assert signs[0]["weight"] == 9
    assert signs[0]["phrases"] == lexicon()["criticality"]["signs"][SIGNS[0]]["phrases"]


def test_of_the_lexicons_items_those_count_that_an_edition_names() -> None:
    """In the edition's order: a service is excluded by a clause."""
    items = merged("scope", items={"training": {"phrases": ["иное слово"]}, "third-party": {"clause": "3"}})["items"]
    assert [item["id"] for item in items] == ["training", "third-party"]
    assert items[1]["names"] == lexicon()["scope"]["items"]["third-party"]["names"]
    assert "items" not in merged("scope")


@pytest.mark.parametrize(
    ("rule", "own", "place"),
    [
        ("criticality", {"signs": {"without": ["никто не ждёт"]}}, ("signs", "without", 0)),
        ("criticality", {"signs": [{"name": "иной"}]}, ("signs",)),
        ("criticality", {"signs": {"иной": 3}}, ("signs", "иной")),
        ("criticality", {"signs": {SIGNS[0]: 3}}, ("signs", SIGNS[0])),
        ("scope", {"items": [{"id": "training"}]}, ("items",)),
        ("scope", {"items": {"training": {"id": "trainings"}}}, ("items", "training", "id")),
        ("scope", {"items": {"third-party": {"names": {"without": ["банк"]}}}}, ("items", "third-party", "names", "without", 0)),
    ],
)  # fmt: skip
def test_a_name_that_is_unknown_and_a_table_that_is_none_are_told(
    rule: str, own: dict[str, Any], place: tuple[Any, ...]
) -> None:
    """With their places in the edition."""
    assert [slip.place for slip in slips_of(rule, **own)] == [place]


# Rules that are off -------------------------------------------------------------------------------------------


def test_a_rule_that_is_off_needs_to_say_no_more() -> None:
    """And is a house rule where it names no clause."""
    rules = with_lexicon({"rules": {"quota": {"mode": "off"}, "clarity": {"mode": "off", "clause": "2"}}}).tables[
        "rules"
    ]
    assert (rules["quota"]["house_rule"], rules["clarity"]["house_rule"]) == (True, False)
    assert rules["eligibility"] == {"mode": "off", "house_rule": True, "kinds": {}}


def test_merging_changes_neither_the_edition_nor_the_lexicon() -> None:
    """Every desk merges with the same one."""
    own = {"rules": {"clarity": {"mode": "off", "filler": {"add": ["иное слово"]}}}}
    with_lexicon(own)
    assert own == {"rules": {"clarity": {"mode": "off", "filler": {"add": ["иное слово"]}}}}
    assert "иное слово" not in lexicon()["clarity"]["filler"]
