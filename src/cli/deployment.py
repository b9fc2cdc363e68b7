"""`reglament doctor` and `reglament subscriptions`: the verbs about the deployed stack itself, and their help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.command import Verb, Verbs, common_options
from cli.options import Options

if TYPE_CHECKING:
    from composition import AwsServices


@click.command("doctor", cls=Verb, example="reglament doctor --stack reglament")
@click.argument("checks", nargs=-1, metavar="[CHECK]...", help="these alone, such as mx or dkim (default: all)")
@click.option("--nameserver", metavar="IP[:PORT]", help="ask this server for DNS (default: those of this machine)")
@click.option("--strict", is_flag=True, help="exit status 1 for warnings and unknowns too")
def doctor(
    options: Options, services: AwsServices, *, checks: tuple[str, ...], nameserver: str | None, strict: bool
) -> int:
    """Look at a deployed stack, from the way in to the alarms, and change nothing; each fault with its remedy."""
    from cli.doctor import run

    return run(options, services, checks, nameserver, strict=strict)


@click.group(cls=Verbs, invoke_without_command=True, params=common_options(hide_place=True))
@click.pass_context
def subscriptions(ctx: click.Context) -> int | None:
    """Who hears of pages and alarms: list, confirm; alone, it lists."""
    return subscriptions_list.invoke(ctx) if ctx.invoked_subcommand is None else None


@subscriptions.command("list", cls=Verb, example="reglament subscriptions list --json")
def subscriptions_list(options: Options, services: AwsServices) -> int:
    """The subscriptions of the topics of pages and of alarms: whether each is confirmed, and for what."""
    from cli import subscriptions as verb

    return verb.show(options, services)


@subscriptions.command(
    "confirm",
    cls=Verb,
    example="reglament subscriptions confirm 'https://sns.eu-west-1.amazonaws.com/confirmation.html?TopicArn=...'",
)
@click.argument(
    "link", metavar="LINK|TOKEN", help="the link of the letter that SNS sent, copied and not opened; or its token"
)
@click.option("--topic", metavar="T", help="pages, operations, or the ARN of a topic that is not this stack's")
def subscriptions_confirm(options: Options, services: AwsServices, *, link: str, topic: str | None) -> int:
    """Confirm a subscription so that the link below its messages cannot end it."""
    from cli import subscriptions as verb

    return verb.confirm(options, services, link, topic)
