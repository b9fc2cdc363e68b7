"""Who writes (MDO 1.3.2; Storeolis 2.1): details read from the letter, and which of them are missing."""

from __future__ import annotations

import pytest

from domain.client import Client, Contact, ContactKind
from domain.findings import Identification, Mode
from domain.intake import identification
from domain.letter import Address
from domain.regulation.editions import editions
from domain.writer.contacts import inn_is_valid, normalise_phone, phones_in
from tests.support.builders import a_letter

MDO = editions("moi-dokumenty-online")[-1].rules.identification
STOREOLIS = editions("storeolis")[-1].rules.identification


def who(
    text: str, rule: identification.IdentificationRule = MDO, name: str = "Ольга", **changes: object
) -> Identification:
    letter = a_letter(text, sender=Address("o@client.example", name), **changes)
    return identification.completed(identification.identify(letter, rule), rule)


def test_mdo_1_3_2_labelled_lines_are_read() -> None:
    """A filled form gives all four details, and nothing is missing."""
    known = who("ФИО: Панин Сергей Ильич\nМобильный: 8 (903) 222-33-44\nОрганизация: МБУ «Досуг»\nДолжность: методист")
    assert known == Identification(
        full_name="Панин Сергей Ильич",
        phone="+79032223344",
        phone_is_mobile=True,
        organisation="МБУ «Досуг»",
        position="методист",
    )


def test_mdo_1_3_2_a_landline_alone_is_incomplete() -> None:
    """The clause asks for a mobile number: a landline is kept, and the phone stays missing."""
    known = who("ФИО: Панин Сергей Ильич\nТелефон: 8 495 123-45-67\nОрганизация: МБУ «Досуг»\nДолжность: методист")
    assert (known.phone, known.missing) == ("+74951234567", ("phone",))


def test_mdo_1_3_2_a_mobile_is_preferred_to_a_landline() -> None:
    """Of several own numbers the mobile one is the writer's phone."""
    assert who("Раб. тел. 8 (495) 123-45-67, моб. 8-916-111-22-33").phone == "+79161112233"


def test_mdo_1_3_2_dashes_in_a_form_declare_an_absence() -> None:
    """A dash after the label is an answer: there is no organisation, and a specialist judges that."""
    known = who("ФИО: Панин Сергей Ильич\nТелефон: 8 903 222 33 44\nОрганизация: -\nДолжность: -")
    found = identification.examine(known, MDO)
    assert (known.organisation, known.position, known.missing) == (None, None, ())
    assert (found.matched, found.mode, found.clause) == (True, Mode.SUGGEST, "1.3.2")
    assert found.evidence == ("Организация: -", "Должность: -")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Прошу рассмотреть обращение от Ивановой Марии Петровны", "Иванова Мария Петровна"),
        ("Обращаюсь от имени Петрова Сергея Ильича", "Петров Сергей Ильич"),
        ("Сергей Викторович Панин, инженер", "Панин Сергей Викторович"),
        ("ОРЛОВА ВЕРА ЛЬВОВНА", "Орлова Вера Львовна"),
        ("не грузится. иванова мария петровна", "Иванова Мария Петровна"),
        ("Г. А. Лунина, бухгалтер", "Лунина Г. А."),
    ],
)
def test_mdo_1_3_2_names_come_out_in_the_nominative_surname_first(text: str, name: str) -> None:
    """However a name stands in the text, it is kept in one form."""
    assert who(text, name="").full_name == name


def test_mdo_1_3_2_a_bare_first_name_is_no_full_name() -> None:
    """The display name «Ольга» identifies nobody."""
    assert who("Не приходит код").full_name is None


def test_mdo_1_3_2_somebody_elses_number_is_not_the_writers() -> None:
    """A visitor's name and phone stand before the writer's own."""
    known = who(
        "Гражданин Сидоров Пётр Ильич, тел. 8 916 777 88 99, не может войти. Орлова Вера Львовна, +7 905 111-22-33"
    )
    assert (known.full_name, known.phone) == ("Орлова Вера Львовна", "+79051112233")


def test_mdo_1_3_2_forwarded_people_are_not_the_writer() -> None:
    """Only the new text and the signature are read for identity."""
    known = who("Пересылаю жалобу", forwarded_text="Сидоров Пётр Ильич, 8 916 777 88 99")
    assert (known.full_name, known.phone) == (None, None)


def test_mdo_1_3_2_what_the_registry_knows_is_not_asked_again() -> None:
    """A registered client's details complete the letter."""
    client = Client(
        id="c1",
        desk="moi-dokumenty-online",
        full_name="Панин Сергей Ильич",
        organisation="МБУ «Досуг»",
        position="методист",
        contacts=(Contact(kind=ContactKind.PHONE, value="+79032223344"),),
    )
    said = identification.identify(a_letter("Не приходит код"), MDO)
    assert identification.completed(said, MDO, client=client).missing == ()


@pytest.mark.parametrize("text", ["ИНН 7707083893", "Договор СТ-2024/0012", "Наш сайт chai.storeolis.ru"])
def test_storeolis_2_1_any_exact_detail_identifies_the_client(text: str) -> None:
    """An INN, a contract or a site is enough."""
    assert who(text, STOREOLIS).missing == ()


def test_storeolis_2_1_a_letter_without_any_is_incomplete() -> None:
    """The missing details are reported as one, since one of them suffices."""
    assert who("Не работает корзина, почта ivan@mail.ru, файл price.xlsx", STOREOLIS).missing == (
        "inn_or_contract_or_site",
    )


def test_a_very_long_letter_is_read_at_its_beginning_and_its_end() -> None:
    """What names the writer stands there; the middle is not compared word by word."""
    known = who("ФИО: Панин Сергей Ильич\n" + "Не приходит код. " * 5_000 + "\nТел.: 8 903 222-33-44")
    assert (known.full_name, known.phone) == ("Панин Сергей Ильич", "+79032223344")


def test_storeolis_2_1_an_inn_with_a_wrong_check_sum_is_none() -> None:
    """A mistyped INN identifies nobody."""
    assert who("ИНН 7707083894", STOREOLIS).inn is None


@pytest.mark.parametrize(
    ("inn", "valid"),
    [
        ("7707083893", True),
        ("500100732259", True),
        ("7707083894", False),
        ("123", False),
        ("0000000000", False),
    ],
)
def test_inn_check_digits(inn: str, valid: bool) -> None:
    """Ten digits have one check digit, twelve have two."""
    assert inn_is_valid(inn) is valid


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("8 (916) 111-22-33", "+79161112233"),
        ("+7.916.111.22.33", "+79161112233"),
        ("8‑916‑111‑22‑33", "+79161112233"),
        ("+375 (29) 600-11-22", "+375296001122"),
        ("12345", None),
        ("+0 123 456 78 90", None),
    ],
)
def test_phones_are_normalised_to_e_164(written: str, number: str | None) -> None:
    """Russian habits and foreign numbers alike."""
    assert normalise_phone(written) == number


def test_numbers_of_documents_are_not_phones() -> None:
    """Orders, waybills, cards and request ids look like phones and are none."""
    assert (
        phones_in("Заказ 89161234567, накладная 1234567890, карта 2202 2011 1234 5678, request-id: 8920001112233") == ()
    )
