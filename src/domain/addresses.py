"""Mail addresses as comparable text: one mailbox has one spelling, whichever form a person typed."""

from __future__ import annotations

import unicodedata
from encodings import idna

# IDNA separates labels by any of these (RFC 3490 section 3.1); DNS only by the first.
_DOTS = str.maketrans({"\u3002": ".", "\uff0e": ".", "\uff61": "."})
_ACE_PREFIX = "xn--"
# RFC 5321 section 4.5.3.1: a path is at most 254 octets; RFC 1035 section 2.3.4: a label at most 63.
MAX_ADDRESS_LENGTH = 254
_MAX_LABEL_LENGTH = 63


def normalise_address(text: str) -> str:
    """The comparable form: trimmed, lower-case, the domain in punycode.

    Never fails: a domain that IDNA refuses stays lower-case as written, so that two spellings of a
    broken address still compare. The local part is lower-cased too: RFC 5321 section 2.4 lets a host
    tell case apart, and no mailbox in use does. Labels follow IDNA 2003 (RFC 3490), which the
    standard library implements; it differs from IDNA 2008 on a few letters no Russian name has.
    """
    text = unicodedata.normalize("NFC", text.strip().strip("<>").strip())
    if text[:7].lower() == "mailto:":
        text = text[7:]
    local, at, domain = text.rpartition("@")
    if not at:
        return text.lower()
    return f"{local.lower()}@{normalise_domain(domain)}"


def normalise_domain(domain: str) -> str:
    """The domain in lower-case punycode, label by label, without the root's trailing dot."""
    labels = domain.strip().translate(_DOTS).rstrip(".").split(".")
    return ".".join(_to_ascii(label) for label in labels)


def display_address(address: str) -> str:
    """The address for people: the domain back in Unicode wherever that reads back to the same domain."""
    local, at, domain = address.rpartition("@")
    if not at:
        return address  # no domain to show otherwise
    shown = ".".join(_to_unicode(label) for label in domain.split("."))
    return f"{local}{at}{shown}"


def split_plus(local: str) -> tuple[str, str | None]:
    """The mailbox and the detail after its first `+` (RFC 5233); None where there is no plus."""
    base, plus, detail = local.partition("+")
    return (base, detail) if plus else (local, None)


def without_plus(address: str) -> str:
    """The address of the mailbox itself: `support+token@desk.example` is `support@desk.example`."""
    local, at, domain = address.rpartition("@")
    return f"{split_plus(local)[0]}{at}{domain}"


def _to_ascii(label: str) -> str:
    if label.isascii():
        return label.lower()
    # The codec is applied to one label of a bounded length: on long input it takes quadratic time.
    if len(label) > _MAX_LABEL_LENGTH:
        return label.lower()
    try:
        return idna.ToASCII(label.lower()).decode("ascii").lower()
    except UnicodeError:
        return label.lower()


def _to_unicode(label: str) -> str:
    if not label.startswith(_ACE_PREFIX) or len(label) > _MAX_LABEL_LENGTH:
        return label
    try:
        shown = idna.ToUnicode(label)
    except UnicodeError:
        return label
    # A label that reads back as another one, or holds invisible characters, is shown as it travels.
    if not shown.isprintable() or _to_ascii(shown) != label:
        return label
    return shown
