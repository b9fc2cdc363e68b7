"""Obscene words and insults (Storeolis 2.6)."""

from __future__ import annotations

import pytest

from domain.findings import Mode
from domain.intake import obscenity
from domain.regulation.editions import editions
from domain.russian import disguise
from tests.support.builders import a_letter

RULE = editions("storeolis")[-1].rules.obscenity


def offence(text: str, subject: str = "Вопрос") -> str | None:
    return obscenity.examine(a_letter(text, subject=subject), RULE)[1]


@pytest.mark.parametrize(
    "text",
    [
        "Какого х@я не грузится корзина?",
        "п*здец полный, а не сервис",
        "xуйня ваш магазин",
        "н а х у й такой сервис",
        "ваш саппорт - пи3да",
        "ваш редактор ху.евый",
        "блять, опять",
        "бл**ь, сколько ждать",
        "e6aть, заказы пропали",
        "х\u200bу\u200bй вам, а не оплата",
        "blyat, opyat ne rabotaet",
        "what a shitty service",
        "сука, верните деньги",
    ],
)
def test_storeolis_2_6_an_obscene_word_is_known_however_it_is_written(text: str) -> None:
    """Look-alike letters, digits, spaces, dots, asterisks, invisible signs and transliteration hide nothing."""
    assert offence(text) == "obscene"


@pytest.mark.parametrize(
    "text",
    [
        "Застрахуйте груз: употреблять до мая, хлебать нельзя",
        "Сабля, колебания курса, доставка в Херсон, Мудьюгу и Небеса",
        "У нас в каталоге козлы для пиления и бараны",
        "Психую, но жду; подстрахуйте нас",
        "Пряжка-бляха не отображается, мебель и учебники тоже",
        "Hui Min, our partner, asks about the price",
        "Щенок хаски, сука, привита: карточка не сохраняется",
        "Чёрт, блин, опять не работает",
        "Книга «Идиот» не открывается на сайте",
        "Артикул x-y-3, размер 0, цвет 6б",
        "Пишите на suka@client.example или https://client.example/pizda",
    ],
)
def test_storeolis_2_6_false_friends_names_and_goods_are_decent(text: str) -> None:
    """A wrong refusal hurts a client: decent words, names, goods and addresses never match."""
    assert offence(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Вы идиоты?",
        "Кретины, почините корзину, вы же обещали",
        "Ваши программисты — криворукие бездари",
        "Козлы вы вонючие",
        "Верните деньги, твари!",
        "Ты дурак или притворяешься?",
    ],
)
def test_storeolis_2_6_an_insult_has_an_addressee(text: str) -> None:
    """Said to the desk or of its people, a rude word is an insult."""
    assert offence(text) == "insult"


@pytest.mark.parametrize(
    "text",
    [
        "Покупатель назвал нас идиотами в отзыве, удалите отзыв",
        "Я тупая, не могу понять, где у вас кнопка",
        "У вас тупой угол обрезан на баннере",
        "Это дурацкая ошибка, посмотрите",
    ],
)
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


@pytest.mark.parametrize(
    "text",
    [
        "п1здец как удобно",
        "ху1ня какая-то",
        "Пu3дец",
        "бл9ть, опять",
        "х**ня, а не корзина",
        "б***ь, сколько можно",
        "З**БАЛИ",
        "пи**ец",
        "на х** такой сервис",
        "п.и.з.д.е.ц",
        "п-и-з-д-е-ц",
        "Б Л Я Д Ь",
        "х уйня и п издец",
        "ебааать, опять",
        "еб вашу мать",
        "fuuuck",
        "ohuet' mozhno",
        "bl9t",
        "ваш «охуенный» сервис",
        "я вам сказал: идите на хуй",
    ],
)
def test_storeolis_2_6_a_disguise_of_any_kind_hides_nothing(text: str) -> None:
    """Digits inside, hidden, parted, stretched and transliterated letters, and quotation marks of scorn."""
    assert offence(text) == "obscene"


@pytest.mark.parametrize(
    "text",
    [
        "Иванова Е.Б., директор; Иванова Е. Б. и Петров Х.У.",
        "Отдел Е.Б. а также артикулы ЕБ-012, ЕБ120, ХУ9М-4",
        "Платёж от ПАВЕЛ П***А, карта 4276 **** **** 1234",
        "Категория «Пе***юр» отображается неверно",
        "Файлы *.jpg и *.png не загружаются, пароль п*****",
        "В приложении я Эбелинг, а по паспорту Ебелинг",
        "Размеры: S M L X Y, варианты: а б в г д",
    ],
)
def test_storeolis_2_6_initials_codes_and_decent_asterisks_are_no_disguise(text: str) -> None:
    """What has dots, digits and asterisks for another reason is never read as a hidden word."""
    assert offence(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Покупатель оставил отзыв: «Чай — полная хуйня, деньги на ветер». Удалить не могу",
        "Клиент написал в чат: идите на хуй. Что с ним делать?",
        "Фильтр пропускает слово «пиздец»",
        "Курьер послал меня на хуй, примите меры",
        "Клиент обозвал нас мудаками",
        "Посетитель шлёт «вы дуры», «сдохните» и подобное",
    ],
)
def test_storeolis_2_6_what_others_said_offends_nobody(text: str) -> None:
    """Words within quotation marks, after a colon or told of, when introduced as somebody's, are not the writer's."""
    assert offence(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Ну что, уроды, долго ещё ждать?",
        "козлы",
        "Верните деньги, козлы!",
        "kretiny vy a ne podderzhka",
        "Д*билы, почините корзину",
        "д е б и л ы, почините",
        "Таким идиотам, как вы, нельзя доверять сайт",
        "В вашей конторе одни идиоты",
        "вы что, совсем тупые?",
        "Какой идиот это придумал?",
        "тупая поддержка",
        "Вы жулики и воры",
        "сборище идиотов",
        "Бездельники и бездари, а не техподдержка!",
    ],
)
def test_storeolis_2_6_an_insult_is_known_by_whom_it_addresses(text: str) -> None:
    """A call, a pronoun, the staff, an indignant question: the addressee may stand anywhere."""
    assert offence(text) == "insult"


@pytest.mark.parametrize(
    "text",
    [
        "Это вы писали или мошенники?",
        "Мне звонили мошенники, вы можете проверить?",
        "Ваше дебильное приложение не работает",
        "Вы меня за идиота держите?",
        "Любой дурак настроит, если вы напишете инструкцию",
        "Сосед идиот, удалил приложение, помогите",
        "Козлы строительные не отображаются",
        "Добавьте в каталог козлы, бараны",
        "Достоевский, Идиот, издание 1998",
        "Вам пишет Болванов Юрий",
        "Ваш оператор мне нахамил",
    ],
)
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
