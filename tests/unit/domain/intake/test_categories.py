"""What a request is about: criticality, scope, passwords, standard questions, clarity."""

from __future__ import annotations

import pytest

from domain.client import Client, Recent
from domain.findings import Classification, Mode, Outcome
from domain.intake import eligibility
from domain.intake.classify import classify, identify, rule_on
from domain.intake.identification import contacts_of
from domain.intake.password import mask_secrets
from domain.intake.secrets import MASK
from domain.regulation.editions import edition_at, editions
from tests.support.builders import DETAILS, STOREOLIS_ADDRESS, a_letter

MDO = editions("moi-dokumenty-online")[-1]
STOREOLIS = editions("storeolis")[-1]


def classified(text: str, edition: object = STOREOLIS, subject: str = "Обращение") -> Classification:
    letter = a_letter(text, subject=subject)
    chosen = MDO if edition is MDO else STOREOLIS
    return classify(letter, chosen, client=None, recent=Recent(), now=letter.envelope.received_at)


@pytest.mark.parametrize(
    "text",
    [
        "Приложение не открывается ни у кого из сотрудников, граждане не могут записаться",
        "Авторизация лежит по всему региону",
        "Вижу чужие паспорта в своём профиле",
        "С 7 утра никто в области не может войти в приложение",
        "Пропали все заявления жителей за октябрь",
    ],
)
def test_mdo_2_1_a_critical_fault_is_recognised(text: str) -> None:
    """The whole service, many people, lost data or a leak."""
    assert classified(text, MDO).critical


@pytest.mark.parametrize(
    "text",
    [
        "СРОЧНО! Катастрофа! Не могу поменять номер в профиле",
        "У меня не открывается приложение на телефоне, у жены всё работает",
        "Вчера приложение лежало, уже работает, спасибо. Напишите причину",
        "Что делать, если приложение взломают?",
        "Не работает кнопка записи",
    ],
)
def test_mdo_2_1_urgency_past_and_minor_faults_wake_nobody(text: str) -> None:
    """Words of alarm alone, what is over, feared or one person's own is not critical."""
    assert not classified(text, MDO).critical


def test_storeolis_criticality_is_a_house_rule_and_only_suggests() -> None:
    """No clause of Storeolis promises anybody round the clock."""
    found = classified("Сайт лежит с ночи, 502 на всех страницах").finding("criticality")
    assert found is not None
    assert (found.matched, found.mode, found.clause) == (True, Mode.SUGGEST, None)


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("Добавьте, пожалуйста, тёмную тему в приложение", "3.1-feature"),
        ("Проведите обучение для наших сотрудников", "3.1-training"),
        ("Напишите методичку для операторов", "3.1-manual"),
        ("Проведите нагрузочное тестирование нашего портала", "3.1-testing"),
        ("Настройте мониторинг доступности СМЭВ", "3.1-monitoring"),
        ("Нужна консультация по стратегии цифрового развития", "3.1-consulting"),
        ("Настройте nginx на нашем сервере", "3.1-server-admin"),
    ],
)
def test_mdo_3_1_each_excluded_service_has_its_item(text: str, item: str) -> None:
    """The item is found, and a specialist confirms: the mode is suggest."""
    found = classified(text, MDO)
    assert found.out_of_scope_clause == item
    assert rule_on(found, MDO).outcome is Outcome.ASK  # the details are asked for; the scope refuses nobody alone


def test_mdo_3_1_a_fault_of_a_new_function_asks_for_no_function() -> None:
    """Words of a fault outweigh words of a wish."""
    assert classified("Новая функция «Избранное» не работает, список пуст", MDO).category == "in_scope"


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("Модуль писал сторонний подрядчик, теперь выгрузка выдаёт ошибку", "3.2"),
        ("Наш провайдер отключил интернет в здании, всё медленно", "3.3"),
        ("На самих Госуслугах вход не работает", "3.4"),
    ],
)
def test_mdo_3_2_to_3_4_other_peoples_faults(text: str, clause: str) -> None:
    """A third party's fault is named with its clause."""
    found = classified(text, MDO)
    scope = found.finding("scope")
    assert scope is not None
    assert (found.category, scope.clause) == ("third_party", clause)


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("Напишите скрипт на PHP для выгрузки остатков из нашей базы", "2.4-programming"),
        ("Посоветуйте, какие шрифты подойдут магазину чая", "2.4-design"),
        ("Помогите настроить Outlook на моём компьютере", "2.4-client-software"),
        ("Наполните наш каталог товарами за нас, 300 позиций", "2.6-not-in-contract"),
    ],
)
def test_storeolis_2_4_and_2_6_services_outside_the_contract(text: str, item: str) -> None:
    """Programming, design, the client's own software, and what no contract has."""
    assert classified(text).out_of_scope_clause == item


def test_storeolis_1_1_a_password_change_gets_the_self_service_link_first() -> None:
    """The letter to the client carries the link; the specialist sees the proof."""
    found = classified("Забыл пароль от админки, ссылка не приходит. ИНН 7707083893")
    secret = found.finding("password")
    assert secret is not None
    assert found.category == "password"
    assert "self_service_url" in rule_on(found, STOREOLIS).params
    assert secret.evidence[-1] == "адрес отправителя подтверждён"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("пароль: Qwerty123!", f"пароль: {MASK}!"),
        ("Логин admin, пароль от админки zx9-Kq7", f"Логин admin, пароль от админки {MASK}"),
        ("пароль не приходит", "пароль не приходит"),
        ("забыл пароль от приложения", "забыл пароль от приложения"),
    ],
)
def test_storeolis_1_1_passwords_in_clear_are_masked(text: str, masked: str) -> None:
    """A secret is hidden; a sentence about passwords is not."""
    assert mask_secrets(text) == masked


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Как привязать свой домен к магазину?", "F1"),
        ("Подскажите, как импортировать товары из csv", "F3"),
        ("Куда вставить счётчик Яндекс Метрики?", "F10"),
        ("Где взять акт выполненных работ за октябрь?", "F11"),
    ],
)
def test_storeolis_2_5_a_standard_question_gets_its_link_and_stays_open(text: str, question: str) -> None:
    """The link rides in the acknowledgement: the ruling accepts."""
    found = classified(f"{text} ИНН 7707083893")
    ruling = rule_on(found, STOREOLIS)
    assert found.faq_id == question
    assert (ruling.outcome, "faq_url" in ruling.params) == (Outcome.ACCEPT, True)


@pytest.mark.parametrize(
    "text", ["Логотип в шапке не загружается, ошибка 500", "Выгрузка заказов в Excel падает с ошибкой"]
)
def test_storeolis_2_5_a_fault_is_no_standard_question(text: str) -> None:
    """What does not work is not asked how it works."""
    assert classified(text).faq_id is None


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("", ""),
        ("Вопрос", "Здравствуйте! Перезвоните мне"),
        ("Помогите", "Всё сломалось!!!"),
        ("фото", "См. вложение"),
        ("", "Не работает"),
    ],
)
def test_storeolis_2_2_a_letter_without_a_task_is_asked_about(subject: str, text: str) -> None:
    """A greeting, «see attached», «does not work» with nothing else."""
    assert classified(text, subject=subject).category == "unclear"


def test_storeolis_2_2_a_task_in_the_subject_is_a_task() -> None:
    """An empty body under a clear subject is clear."""
    assert classified("", subject="Смените телефон в шапке магазина").category != "unclear"


def test_storeolis_2_2_client_and_task_are_asked_for_in_one_letter() -> None:
    """The form comes with the hints, so that the client is written to once."""
    ruling = rule_on(classified("Здравствуйте!", subject=""), STOREOLIS)
    assert (ruling.rule, "hints" in ruling.params) == ("identification", True)


def test_mdo_1_3_a_complete_request_is_accepted() -> None:
    """With the four details nothing is asked."""
    ruling = rule_on(classified(f"Не приходит код подтверждения при входе.\n{DETAILS}", MDO), MDO)
    assert (ruling.outcome, ruling.edition) == (Outcome.ACCEPT, "2013-01-01")


def test_mdo_1_1_an_empty_registry_refuses_nobody() -> None:
    """Only where clients are registered is a stranger worth a remark, and then it is suggested."""
    rule = MDO.rules.eligibility
    assert not eligibility.examine(rule, client=None, registry_is_empty=True).matched
    stranger = eligibility.examine(rule, client=None, registry_is_empty=False)
    assert (stranger.matched, stranger.mode, stranger.clause) == (True, Mode.SUGGEST, "1.1")


def test_mdo_1_1_2_a_region_without_an_accepted_offer_is_remarked_on() -> None:
    """Representatives of regions need the accepted offer."""
    region = Client(id="r", desk="moi-dokumenty-online", kind="region")
    assert eligibility.examine(MDO.rules.eligibility, client=region).matched


def test_storeolis_2_6_a_critical_fault_is_never_refused_by_a_rule() -> None:
    """Bad language about a fault that stops everything goes to a specialist."""
    found = classified("Сайт лежит с ночи, 502 на всех страницах, вы охуели? ИНН 7707083893")
    assert (found.offence, rule_on(found, STOREOLIS).outcome) == ("obscene", Outcome.ACCEPT)


def test_contacts_are_listed_surest_first() -> None:
    """The sender's address leads; what the text claims follows."""
    letter = a_letter("ИНН 7707083893, договор СТ-2024/0012, сайт chai.storeolis.ru, 8 916 111-22-33")
    assert letter.sender is not None
    found, organisation = contacts_of(identify(letter, STOREOLIS), letter.sender.address)
    assert [contact.kind.value for contact in found] == ["address", "inn", "contract", "site", "phone"]
    assert organisation is None


def test_storeolis_terms_a_client_is_a_sole_proprietor_or_a_company() -> None:
    """By the definition of a client; anybody else in the registry is put before the specialist."""
    rule = STOREOLIS.rules.eligibility
    served = ("client", "sole_proprietor", "company")
    assert not any(eligibility.examine(rule, client=Client(id="c", desk="storeolis", kind=k)).matched for k in served)
    private = eligibility.examine(rule, client=Client(id="c", desk="storeolis", kind="private"))
    assert (private.matched, private.mode, private.clause) == (True, Mode.SUGGEST, "2.6")


@pytest.mark.parametrize(
    "form",
    [
        "ФИО: Лебедева Ольга Игоревна\nОрганизация: ООО «Лавка»\nТелефон: +7 916 123-45-67",
        "ИНН: 7707083893\nНомер договора: 1412-17",
    ],
)
def test_storeolis_2_2_the_labels_of_a_filled_in_form_state_no_task(form: str) -> None:
    """Who writes is not what is wanted."""
    letter = a_letter(f"Не работает.\n\n{form}", subject="", recipients=(STOREOLIS_ADDRESS,))
    edition = edition_at("storeolis", letter.envelope.received_at)
    found = classify(letter, edition, client=None, recent=Recent(), now=letter.envelope.received_at)
    clarity = found.finding("clarity")
    assert clarity is not None
    assert clarity.matched
