"""Who watches from outside is told that all is well, and nothing that goes wrong there matters here."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest

from adapters import outside_watch
from adapters.outside_watch import NotTold, OutsideWatch
from tests.support.builders import moscow
from tests.support.listening import listening

NOW = moscow("2026-11-21 03:00")
MINUTE = timedelta(minutes=1)


def test_the_service_is_asked_for_its_own_address() -> None:
    with listening() as outside:
        assert OutsideWatch(f" {outside.url} ").say_alive(NOW)
        assert outside.heard == ["/ping/4f1c?from=clock"]


def test_nothing_is_said_while_it_is_held_back_by_whatever_lasts_longest() -> None:
    with listening() as outside:
        watch = OutsideWatch(outside.url)
        watch.hold_back(NOW + 10 * MINUTE)
        watch.hold_back(NOW + MINUTE)
        assert [watch.say_alive(NOW + minutes * MINUTE) for minutes in (0, 2, 9, 10)] == [False, False, False, True]
        assert len(outside.heard) == 1


@pytest.mark.parametrize(
    "url",
    ["", "  ", "http://watch.example/ping", "ftp://watch.example", "watch.example", "https:///x", "file:///etc/passwd"],
)
def test_without_an_address_that_is_https_nobody_is_told(url: str) -> None:
    assert not OutsideWatch(url).say_alive(NOW)


@pytest.mark.parametrize("status", [301, 302, 404, 429, 500])
def test_an_answer_that_is_no_success_is_not_told_and_is_followed_nowhere(status: int) -> None:
    with listening() as outside:
        outside.status = status
        with pytest.raises(NotTold, match=rf"^answered {status}$"):
            OutsideWatch(outside.url).say_alive(NOW)
        assert len(outside.heard) == 1


def test_a_service_that_is_not_there_is_named_by_the_error_alone() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotTold) as refused:
        OutsideWatch(f"http://127.0.0.1:{port}/ping/secret").say_alive(NOW)
    assert str(refused.value) == "answered ConnectionRefusedError"


def test_a_service_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside_watch, "WAITED_SECONDS", 0.05)
    with listening() as outside:
        outside.silent.clear()
        with pytest.raises(NotTold, match=r"^no answer in time$"):
            OutsideWatch(outside.url).say_alive(NOW)


def test_an_address_that_cannot_be_asked_is_not_told() -> None:
    with pytest.raises(NotTold):
        OutsideWatch("http://127.0.0.1:99999/ping").say_alive(NOW)
