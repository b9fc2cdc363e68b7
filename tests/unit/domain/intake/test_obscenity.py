"""Obscene words and insults (Storeolis 2.6)."""

from __future__ import annotations

from pathlib import Path

from domain.findings import Mode
from domain.intake import obscenity
from domain.regulation.editions import editions
from domain.russian import disguise
from tests.support.builders import a_letter
from tests.support.cases import each_case

CASES = Path(__file__).with_name("obscenity.toml")

RULE = editions("storeolis")[-1].rules.obscenity


def offence(text: str, subject: str = "Вопрос") -> str | None:
    return obscenity.examine(a_letter(text, subject=subject), RULE)[1]


@each_case(CASES, "obscene")
def test_storeolis_2_6_an_obscene_word_is_known_however_it_is_written(text: str) -> None:
    """Look-alike letters, digits, spaces, dots, asterisks, invisible signs and transliteration hide nothing."""
    assert offence(text) == "obscene"


@each_case(CASES, "decent")
def test_storeolis_2_6_false_friends_names_and_goods_are_decent(text: str) -> None:
    """A wrong refusal hurts a client: decent words, names, goods and addresses never match."""
    assert offence(text) is None


@each_case(CASES, "insults")
def test_storeolis_2_6_an_insult_has_an_addressee(text: str) -> None:
    """Said to the desk or of its people, a rude word is an insult."""
    assert offence(text) == "insult"


@each_case(CASES, "no-insults")
def test_storeolis_2_6_a_reported_insult_or_one_of_oneself_is_none(text: str) -> None:
    """Who complains of an insult insults nobody."""
    assert offence(text) is None


def test_storeolis_2_6_quoted_history_is_not_read() -> None:
    """Only what the person wrote now counts: the whole body may quote anybody."""
    letter = a_letter("Спасибо, всё работает", quoted_text="вы там охуели")
    assert obscenity.examine(letter, RULE)[1] is None


def test_storeolis_2_6_obscenity_refuses_by_itself_and_an_insult_is_suggested() -> None:
    """Obscene words are certain; of an insult a specialist judges who is meant."""
    refused, _ = obscenity.examine(a_letter("пошли вы на хуй"), RULE)
    suggested, _ = obscenity.examine(a_letter("Вы идиоты?"), RULE)
    assert (refused.decides, suggested.decides, suggested.mode) == (True, False, Mode.SUGGEST)


def test_mdo_has_no_clause_on_language_so_nothing_follows() -> None:
    """The letter is classified on every desk; at MDO the mode is off."""
    found, kind = obscenity.examine(a_letter("пошли вы на хуй"), editions("moi-dokumenty-online")[-1].rules.obscenity)
    assert (kind, found.mode, found.clause) == ("obscene", Mode.OFF, None)


@each_case(CASES, "disguised")
def test_storeolis_2_6_a_disguise_of_any_kind_hides_nothing(text: str) -> None:
    """Digits inside, hidden, parted, stretched and transliterated letters, and quotation marks of scorn."""
    assert offence(text) == "obscene"


@each_case(CASES, "not-disguised")
def test_storeolis_2_6_initials_codes_and_decent_asterisks_are_no_disguise(text: str) -> None:
    """What has dots, digits and asterisks for another reason is never read as a hidden word."""
    assert offence(text) is None


@each_case(CASES, "said-by-others")
def test_storeolis_2_6_what_others_said_offends_nobody(text: str) -> None:
    """Words within quotation marks, after a colon or told of, when introduced as somebody's, are not the writer's."""
    assert offence(text) is None


@each_case(CASES, "addressed")
def test_storeolis_2_6_an_insult_is_known_by_whom_it_addresses(text: str) -> None:
    """A call, a pronoun, the staff, an indignant question: the addressee may stand anywhere."""
    assert offence(text) == "insult"


@each_case(CASES, "not-addressed")
def test_storeolis_2_6_a_rude_word_of_somebody_or_something_else_is_no_insult(text: str) -> None:
    """Things, third persons, surnames, goods and questions about fraud have no addressee at the desk."""
    assert offence(text) is None


DECENT = """
застрахуйте подстрахуй страхует страховка психую худой худеем хуже художник хулиган хурма хутор хуторянин
хребет хлебать хлебный хлебы гребля грёб скребёт погребать требует требуется употреблять потребитель истреблять
оскорблён рубля корабля сабля сабель дабл небо небес небесный небезопасно себе себя тебе ребёнок ребята жеребец
учебник лечебный колебания колеблется дебаты дебет дебют мебель обеды погреб серебро молебен целебный враждебный
команда командир мандарин мандат мандала мудрый мудрость чудак скипидар педиатр педикюр педагог пидоренко
сукно сук сучья сухой рассудка досуг суккулент бляха бляшка облако блесна блеять ослабла разослать
гондола гондольер гондурас херсон херес херувим шхера шопен каприз пицца пиза
срочно среда сражение срамота сравнение пострадать говорить говядина говеть шлюз шлюпка
ебург каспиец россиец дробление облагать ссылка ссуда засорение хуанович хулиан хуснутдинов
хуэй мандельштам сучков сукачев дурнев козлов баранов мудрик кобелев худякова хабибуллин педро себастьян
"""


def test_storeolis_2_6_decent_words_and_names_are_never_obscene() -> None:
    """Words that contain an obscene one's letters, and surnames."""
    assert [word for word in DECENT.split() if obscenity.is_obscene(disguise.fold_token(word), RULE)] == []
