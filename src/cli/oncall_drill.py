"""`reglament oncall drill`: let a marked fault wake whose turn it is, and time it."""

from __future__ import annotations

import sys
import time
from datetime import timedelta

from adapters.event_bus import NotTaken
from application.drills import Drill, Point, Reached, end, look_on, under_way
from cli import printing
from cli.journal import note
from cli.options import Options
from cli.target import Failed, Misuse, connect, desk_named
from composition import AwsServices
from domain.caller import shown_caller

SECONDS_BETWEEN_LOOKS = 1.0
_SAID = {
    Point.OPENED: "the fault {fault.id} is open",
    Point.PAGED: "a page has left to whose turn it is",
    Point.ESCALATED: "a page has left to escalation",
    Point.ACKNOWLEDGED: "{by} has acknowledged it",
}


def drill(options: Options, services: AwsServices, desk: str, minutes: int) -> int:
    """Report the fault, or go on with the one that is under way; print each point with its seconds, and end it."""
    if not 1 <= minutes <= 60:
        raise Misuse(f"--minutes: found {minutes}, expected 1 to 60")
    desk, services = desk_named(desk), connect(options, services)
    store, bus = services.store, services.event_bus
    known = under_way(store, desk)
    note(services, "oncall drill", desk)
    if known is None:
        this = Drill.at(desk, services.now())
        try:
            bus.report(this.said("ALARM", this.began_at))
        except NotTaken as error:
            raise Failed(f"EventBridge did not take the event ({error}): nobody is woken. Try again") from error
    else:
        this, fault = known
        print(f"{fault.id} is under way: looking on", file=sys.stderr)
    reached: dict[Point, Reached] = {}
    try:
        looked = look_on(
            store, this, services.now, lambda: time.sleep(SECONDS_BETWEEN_LOOKS), timedelta(minutes=minutes)
        )
        for one in looked:
            reached[one.point] = one
            _show(options, one)
            if one.point is Point.OPENED:
                print(f"to acknowledge: answer the page «принято», or `reglament ack {one.fault.id}`", file=sys.stderr)
    finally:
        # Whoever interrupts it ends it: nobody is woken on for an exercise.
        _end(this, services)
    return _judge(reached, minutes)


def _show(options: Options, one: Reached) -> None:
    seconds = one.after.total_seconds()
    if options.json:
        printing.as_json({"point": one.point, "seconds": round(seconds, 1), "fault": one.fault.id})
        return
    by = one.fault.acknowledged_by or ""
    print(f"{seconds:7.1f} s  {_SAID[one.point].format(fault=one.fault, by=by)}", flush=True)


def _end(this: Drill, services: AwsServices) -> None:
    try:
        fault = end(services.store, this, services.event_bus, shown_caller(services.caller), services.now)
    except NotTaken as error:
        print(f"the exercise is over; that it is was not taken by EventBridge ({error})", file=sys.stderr)
        return
    if fault is None:
        # What was put is delivered for an hour yet: it would wake somebody whom nobody times.
        print("no fault was opened; look at `reglament doctor` and the log of alarm", file=sys.stderr)


def _judge(reached: dict[Point, Reached], minutes: int) -> int:
    if Point.OPENED not in reached:
        raise Failed(f"no fault came of the event within {minutes} minutes: the rule, the function alarm or the table")
    if Point.PAGED not in reached:
        raise Failed(f"no page has left within {minutes} minutes: `reglament oncall check`, then the log of pager")
    if Point.ACKNOWLEDGED not in reached:
        raise Failed(f"nobody has acknowledged within {minutes} minutes")
    return 0
