"""HTML with no more elements within elements than a parser can take in good time."""

from __future__ import annotations

import re

BLOCKS = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header "
    "hr html li main nav ol p pre section table tbody tfoot thead tr ul".split()
)
"""The elements that end a line."""
MAX_DEPTH = 500
"""Of elements within elements: programs that quote the quoted reach a hundred."""
TOO_DEEP = f"only the outermost {MAX_DEPTH} levels of its HTML were told apart"
"""The defect of a letter that has more."""
# So many more levels take a second at worst; people's programs leave fewer elements open.
_LENIENCE = 1_500
_REACH = 12
# With fewer tags than this no nesting takes time.
_FEW_TAGS = 4_000
_TAG = re.compile(
    r"""<!--|<(?P<end>/?)(?P<name>[a-z][^ \t\n\r\f/>]*)(?P<plain>(?:[ \t\n\r\f/]+"""
    r"""(?:[^ \t\n\r\f"'<>=/]+(?:[ \t\n\r\f]*=[ \t\n\r\f]*"""
    r"""(?:"[^"<>]*"|'[^'<>]*'|[^ \t\n\r\f"'<>=`][^ \t\n\r\f<>]*))?)?)*+>)?|<[!?/][^>]*""",
    re.IGNORECASE,
)
_ANY_NAME = re.compile(r"</?[a-z]", re.IGNORECASE)
# Those a parser opens anew in every block until they are closed (HTML standard, 13.2.4.3): blocks times those.
_REOPENED = re.compile(r"<(/?)(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[ \t\n\r\f/>])", re.IGNORECASE)
_FOREIGN = re.compile(r"<(?:svg|math)", re.IGNORECASE)
_EMPTY = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# What need not be ended, by what begins after it.
_UNENDED = {
    "p": frozenset({"p"}),
    "li": frozenset({"li", "p"}),
    **dict.fromkeys(("dt", "dd"), frozenset({"dt", "dd", "p"})),
    **dict.fromkeys(("td", "th"), frozenset({"td", "th", "p"})),
    "tr": frozenset({"tr", "td", "th", "p"}),
}
# Those that are the same within a drawing or a formula, because they end it.
_NEVER_FOREIGN = frozenset("br embed hr img meta p li dt dd".split())
_RAW = frozenset("style script title textarea xmp iframe noembed noframes noscript plaintext".split())


def shallow(html: str) -> tuple[str, bool]:
    """The HTML with no more than `MAX_DEPTH` elements open at once, and whether any had to give way for that.

    The parser looks through the open elements for each one that opens (HTML standard, 13.2.4.2): of a megabyte of
    `<div>` it takes a minute. This goes through the tags once, and where it is not sure it rather thinks an element
    open: `<name` opens one wherever it stands, and an end counts for nothing but the element opened last, as long as
    every tag before was written plainly. Of other ends it believes as many as do no harm if they were none. What
    would open deeper becomes an empty element, with its attributes.
    """
    if html.count("<") < _FEW_TAGS:
        return html, False
    html = _REOPENED.sub(r"<\1span", html)
    foreign = bool(_FOREIGN.search(html))
    empty = _EMPTY & _NEVER_FOREIGN if foreign else _EMPTY
    unended = {name: ends for name, ends in _UNENDED.items() if not foreign or name in _NEVER_FOREIGN}
    sure = not foreign
    opened: list[str] = []  # those that gave way, too
    lenience = _LENIENCE
    raw = 0  # how many of them hold text that only looks like tags
    kept: list[str] = []
    kept_from = position = 0
    while match := _TAG.search(html, position):
        position = match.end()
        if not match["name"]:
            if sure and match[0] == "<!--":
                sure, position = _past_comment(html, match.start(), in_raw=bool(raw))
            continue
        name = match["name"].lower()
        sure = sure and match["plain"] is not None
        if match["end"]:
            ended = opened[-1:] if opened and opened[-1] == name else _reaching(opened, name)
            spent = sum(one not in unended for one in ended[1:]) + (not sure)
            if not ended or spent > lenience:
                continue
            lenience -= spent
            depth = len(opened) - len(ended) + 1
            del opened[-len(ended) :]
            raw -= sum(one in _RAW for one in ended)
        elif name in empty:
            continue
        else:
            while opened and name in unended and opened[-1] in unended[name]:
                opened.pop()
            opened.append(name)
            raw += name in _RAW
            depth = len(opened)
        if depth > MAX_DEPTH and (foreign or name not in _RAW):
            kept.append(html[kept_from : match.start()])
            kept.append(f"<{match['end']}{'hr' if name in BLOCKS else 'img'}")
            kept_from = match.end("name")
    return "".join(kept) + html[kept_from:], bool(kept)


def _reaching(opened: list[str], name: str) -> list[str]:
    """The last few open elements from the one of that name on; none where it is not among them."""
    last = opened[-_REACH:]
    return last[len(last) - 1 - last[::-1].index(name) :] if name in last else []


def _past_comment(html: str, start: int, *, in_raw: bool) -> tuple[bool, int]:
    """Whether it is sure where the comment ends that starts here, if it is one; and where to look for tags again."""
    end = html.find("-->", start + 2)
    inside = html[start + 4 : end]
    if end < 0 or ((in_raw or "--!>" in inside) and _ANY_NAME.search(inside)):
        return False, start + 4
    return True, end + 3
