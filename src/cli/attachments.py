"""`reglament attachment`: the files that came with a ticket's letters, listed and saved from the raw letters."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from adapters.mail.files import File
from adapters.mail.reading import Unreadable, read_files
from application.ports import LetterMissing
from cli import printing
from cli.options import Options
from cli.target import Failed, Misuse, connect, ticket_number, ticket_of
from composition import AwsServices
from domain.letter import Attachment
from domain.ticket.events import LetterAdded

STANDARD_OUTPUT = "-"
_NUMBER = re.compile(r"\d+(?:\.\d+)+")
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
# What Windows takes for a device, with any suffix (Microsoft, "Naming files, paths, and namespaces").
_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?", re.IGNORECASE | re.DOTALL
)
_MAX_NAME_BYTES = 200
_MAX_SUFFIX_BYTES = 20
_SUFFIXES = {
    "application/pdf": ".pdf",
    "application/ms-tnef": ".dat",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
}
"""For files that came without a name."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A file by its number on the ticket; `file` is None where the raw letter is gone, and only the record is left."""

    number: str
    letter: int
    attachment: Attachment
    file: File | None


def run(
    options: Options,
    services: AwsServices,
    ticket_id: str,
    *,
    which: str | None,
    letter: int | None,
    save: str | None,
    output: str | None,
    force: bool,
) -> int:
    """List the files, write one to a file or standard output, or save one or all to a folder."""
    _refuse_misuse(options, which, save, output)
    number = ticket_number(ticket_id)
    services = connect(options, services)
    ticket_of(number, services)
    letters = [event for _, event in services.store.history(number) if isinstance(event, LetterAdded)]
    if letter is not None and not 1 <= letter <= len(letters):
        raise Failed(f"{number} has {printing.count(len(letters), 'letter')}; there is no letter {letter}")
    wanted = letter
    if which is not None and _NUMBER.fullmatch(which):
        # The number says which letter to read; a file may still be called so.
        named = int(which.partition(".")[0][:9])
        wanted = wanted or (named if 1 <= named <= len(letters) else None)
    found = [
        file
        for place, event in enumerate(letters, 1)
        if event.attachments and wanted in (None, place)
        for file in _files(place, event, services)
    ]
    if which is None and save is None:
        _list(found, as_json=options.json)
        return 0
    chosen = found if which is None else [_chosen(found, which)]
    if not chosen:
        raise Failed(f"{number} has no attachments" + (f" in letter {letter}" if letter else ""))
    if output == STANDARD_OUTPUT:
        sys.stdout.buffer.write(_content(chosen[0]))
        sys.stdout.buffer.flush()
        return 0
    targets = [Path(output)] if output is not None else _targets(chosen, Path(save or "."))
    _save(chosen, targets, folder_too=output is None, force=force, as_json=options.json)
    return 0


def numbers(place: int, event: LetterAdded) -> Iterator[tuple[str, Attachment]]:
    """Yield what was recorded of a letter's files, each with its number; `place` is the letter's, counted from 1."""
    for index, attachment in enumerate(event.attachments, 1):
        yield f"{place}.{attachment.number or index}", attachment


def described(attachment: Attachment) -> str:
    """Return a file's name, or what stands for it, with its type and size."""
    return f"{attachment.name or '(no name)'} ({attachment.content_type}, {_size(attachment.size)})"


def safe_name(name: str, otherwise: str) -> str:
    """Return a name that is one file's in any folder on any system; `otherwise` where nothing is left of it."""
    shown = "".join(
        "_" if unicodedata.category(char)[0] == "C" else char for char in unicodedata.normalize("NFC", name)
    )
    plain = _FORBIDDEN.sub("_", shown).strip(" .")
    if not plain.strip("_"):
        return otherwise
    if plain[0] == "-" or _DEVICE.fullmatch(plain):
        plain = f"_{plain}"
    return _cut(plain)


def _refuse_misuse(options: Options, which: str | None, save: str | None, output: str | None) -> None:
    if output is not None and which is None:
        raise Misuse("-o takes one file: say which, by its number or name")
    if output is not None and save is not None:
        raise Misuse("give -o or --save, not both")
    if output == STANDARD_OUTPUT and options.json:
        raise Misuse("-o - writes the file itself to standard output: leave out --json")


def _files(place: int, event: LetterAdded, services: AwsServices) -> Iterator[Numbered]:
    try:
        raw = services.mail_store.read(event.letter)
    except LetterMissing:
        printing.warn(f"letter {place} is no longer in the bucket: its files are known by name only")
        for number, attachment in numbers(place, event):
            yield Numbered(number, place, attachment, None)
        return
    try:
        found = read_files(raw)
    except Unreadable as error:
        raise Failed(f"letter {place} cannot be opened: {error}") from error
    for file in found:
        yield Numbered(f"{place}.{file.attachment.number}", place, file.attachment, file)


def _chosen(found: list[Numbered], which: str) -> Numbered:
    by_number = [file for file in found if file.number == which]
    named = by_number or [file for file in found if file.attachment.name.casefold() == which.casefold()]
    if not named:
        raise Failed(f"there is no attachment {which!r}: `reglament attachment` with the ticket alone lists them")
    if len(named) > 1:
        raise Failed(f"several attachments are called {which!r}: say one of {', '.join(file.number for file in named)}")
    return named[0]


def _list(found: list[Numbered], *, as_json: bool) -> None:
    if as_json:
        for file in found:
            one = file.attachment
            printing.as_json(
                {
                    "number": file.number,
                    "letter": file.letter,
                    "name": one.name,
                    "type": one.content_type,
                    "size": one.size,
                    "inline": one.inline,
                    "kept": file.file is not None,
                }
            )
        return
    rows = [
        (file.number, _size(file.attachment.size), file.attachment.content_type, file.attachment.name or "(no name)")
        for file in found
    ]
    printing.table([("number", "size", "type", "name"), *rows] if rows else [])
    if not rows:
        print("no attachments")


def _content(file: Numbered) -> bytes:
    if file.file is None:
        raise Failed(f"{file.number}: the letter is no longer in the bucket")
    return file.file.content()


# Saving ---------------------------------------------------------------------------------------------------


def _save(chosen: list[Numbered], targets: list[Path], *, folder_too: bool, force: bool, as_json: bool) -> None:
    """Write each file to its target, whose folder is made where `folder_too`."""
    taken = [str(target) for target in targets if os.path.lexists(target) and not _is_device(target)]
    if taken and not force:
        raise Failed(f"already there: {', '.join(taken)}; nothing was written. --force writes over it")
    contents = ((file, _content(file)) for file in chosen)
    for target, (file, content) in zip(targets, contents, strict=True):
        try:
            if folder_too:
                target.parent.mkdir(parents=True, exist_ok=True)
            _write(target, content, force=force)
        except OSError as error:
            raise Failed(f"{target}: {error.strerror or error}") from error
        if as_json:
            printing.as_json({"number": file.number, "file": str(target), "bytes": len(content)})
        else:
            print(f"{file.number}: {target} ({_size(len(content))})")


def _targets(chosen: list[Numbered], folder: Path) -> list[Path]:
    """Return where each file goes: no two to one name, in systems that take capitals for small letters too."""
    used: set[str] = set()
    targets = []
    for file in chosen:
        suffix = _SUFFIXES.get(file.attachment.content_type, "")
        name = safe_name(file.attachment.name, f"attachment-{file.number}{suffix}")
        stem, dot, end = name.rpartition(".")
        candidate, again = name, 1
        while candidate.casefold() in used:
            again += 1
            candidate = f"{stem} ({again}).{end}" if dot and stem else f"{name} ({again})"
        used.add(candidate.casefold())
        targets.append(folder / candidate)
    return targets


def _is_device(target: Path) -> bool:
    return target.exists() and not target.is_file() and not target.is_dir()


def _write(target: Path, content: bytes, *, force: bool) -> None:
    """Write a file whole. A link that lies there is replaced, never followed."""
    if _is_device(target):
        target.write_bytes(content)
        return
    if not force:
        with target.open("xb") as file:
            file.write(content)
        return
    handle, beside = tempfile.mkstemp(dir=target.parent, prefix=".attachment-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(beside).replace(target)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise


def _cut(name: str) -> str:
    """Return the name in as many bytes as file systems take, its suffix kept."""
    if len(name.encode()) <= _MAX_NAME_BYTES:
        return name
    stem, dot, end = name.rpartition(".")
    suffix = f"{dot}{end}" if len(end.encode()) <= _MAX_SUFFIX_BYTES and stem else ""
    stem = name.removesuffix(suffix)
    kept = stem.encode()[: _MAX_NAME_BYTES - len(suffix.encode())].decode("utf-8", "ignore")
    return kept.rstrip(" .") + suffix


def _size(number: int) -> str:
    """Return a number of bytes for people."""
    if number < 1_000:
        return f"{number} B"
    return f"{number / 1_000:.0f} kB" if number < 1_000_000 else f"{number / 1_000_000:.1f} MB"
