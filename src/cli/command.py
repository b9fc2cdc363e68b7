"""What every verb of the command line has: an example in its help, the three options, and an exit status that tells."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from cli.access import meant_for
from cli.options import Options

if TYPE_CHECKING:
    from composition import AwsServices

INTERRUPTED = 130
FILE = click.Path(readable=False)
"""Completed as the names of files are; whether there is such a file is for the verb to say."""
FOLDER = click.Path(file_okay=False, readable=False)
ONE_DESK = click.option("--desk", metavar="D", help="one desk (default: all)")


class Given(NamedTuple):
    """What a verb is handed besides its own arguments."""

    options: Options
    services: Callable[[], AwsServices]
    """Called once a verb runs: help needs none."""


class Verb(click.Command):
    """A verb. The three options are taken after it as well, and what is given there wins."""

    def __init__(self, name: str, *, example: str, params: list[click.Parameter], **attributes: Any) -> None:
        super().__init__(name, params=[*params, *common_options(hide_place=True)], **attributes)
        self.example = example
        self.short_help = _listed(self.help)

    def invoke(self, ctx: click.Context) -> int:
        """Run the verb with the options, the services and its arguments, and return its exit status."""
        return _exit_status(self.path(ctx), lambda: self._run(ctx))

    @staticmethod
    def path(ctx: click.Context) -> str:
        """Return the verb with the group that it is in, such as `client remove`."""
        return " ".join(ctx.command_path.split()[1:])

    def _run(self, ctx: click.Context) -> int:
        given: Given = ctx.obj
        assert self.callback is not None  # by declaration
        status: int = ctx.invoke(self.callback, given.options, given.services(), **ctx.params)
        return status

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example in one line, to be copied, and whose verb it is."""
        formatter.write(f"\nexample:\n  {self.example}\n\nfor:\n  {meant_for(self.path(ctx))}\n")


class Verbs(click.Group):
    """A group of verbs, listed in the order of their declaration."""

    command_class = Verb

    def __init__(self, name: str, **attributes: Any) -> None:
        super().__init__(name, subcommand_metavar="VERB ...", **attributes)
        self.short_help = _listed(self.help)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the verbs as they were declared."""
        return list(self.commands)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the closing lines as they are."""
        if self.epilog:
            formatter.write(f"\n{self.epilog}\n")


def common_options(*, hide_place: bool = False) -> list[click.Parameter]:
    """Return the options that may be given before or after any verb; `hide_place` hides those that name the stack."""
    stack = "the deployed stack (default: $REGLAMENT_STACK, else reglament)"
    endpoint = "another endpoint of AWS, such as that of `make run`"
    return [
        _option("--json", is_flag=True, default=None, help="print JSON, one object a line"),
        _option("--stack", metavar="NAME", help=stack, hidden=hide_place),
        _option("--endpoint", metavar="URL", help=endpoint, hidden=hide_place),
    ]


def _option(name: str, **attributes: Any) -> click.Option:
    return click.Option([name], expose_value=False, callback=_keep, **attributes)


def _keep(ctx: click.Context, option: click.Parameter, value: Any) -> None:
    # Absent after the verb is not the same as false: what was said before the verb holds.
    if value is not None:
        ctx.obj = ctx.obj._replace(options=replace(ctx.obj.options, **{option.name: value}))


def _listed(text: str | None) -> str:
    """Return the first paragraph of a help text as a line of a list."""
    first = " ".join((text or "").partition("\n\n")[0].split())
    return first[:1].lower() + first[1:].removesuffix(".")


def _exit_status(path: str, run: Callable[[], int]) -> int:
    """Return what `run` returns, or the exit status of its failure, which is told on standard error."""
    try:
        status = _run(path, run)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has enough of it. Python would complain again on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _run(path: str, run: Callable[[], int]) -> int:
    from cli.target import Failed, Misuse
    from composition import NotConfigured
    from domain.regulation.editions import InvalidEdition, NoEditionInForce

    verb = path.partition(" ")[0]
    try:
        return run()
    except Misuse as error:
        print(f"reglament {verb}: {error}", file=sys.stderr)
        return 2
    except InvalidEdition as error:
        from adapters.edition_files import problems_behind

        print(f"reglament {verb}:", "\n".join(map(str, problems_behind(error))) or error, file=sys.stderr)
        return 1
    except (Failed, NotConfigured, NoEditionInForce) as error:
        print(f"reglament {verb}: {error}", file=sys.stderr)
        return 1
    except Exception as error:
        if not _is_of_aws(error):
            raise
        from cli.remedies import told

        says = told(error)  # type: ignore[arg-type]  # by the question above
        whose = f". {path}: for {meant_for(path)}" if _is_forbidden(error) else ""
        print(f"reglament {verb}: {says}{whose}", file=sys.stderr)
        return 1


def _is_of_aws(error: Exception) -> bool:
    """Return whether the SDK raised it; asked by name, because verbs without AWS never import it."""
    return any(kind.__module__.startswith("botocore.") for kind in type(error).__mro__)


def _is_forbidden(error: Exception) -> bool:
    answer: dict[str, dict[str, str]] = getattr(error, "response", {})
    return answer.get("Error", {}).get("Code") in {"AccessDenied", "AccessDeniedException"}
