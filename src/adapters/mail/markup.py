"""HTML to marked lines of text: what the mail program itself marked as quotation or signature stays marked.

The walk keeps its own stack: hostile letters nest thousands of elements, which recursion does not survive.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from adapters.mail.charsets import clean_text


class Mark(StrEnum):
    """What a line is known to be before its words are looked at."""

    NONE = "none"
    QUOTE = "quote"
    SIGNATURE = "signature"
    HISTORY = "history"
    """Earlier letters; everything after it too."""


class Line(NamedTuple):
    """One line of a body, without its line end; a quoted one without its `>`."""

    text: str
    mark: Mark = Mark.NONE
    by_program: bool = False
    """True where the mail program's own markup says so, not a `>` that anybody may type."""


_NONE = Mark.NONE
_new = tuple.__new__


def plain_line(text: str) -> Line:
    """Return `Line(text)`, in half the time: letters have many."""
    return _new(Line, (text, _NONE, False))


_SKIPPED = frozenset(
    {"head", "style", "script", "title", "template", "noscript", "object", "svg", "select", "audio", "video"}
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header "
    "hr html li main nav ol p pre section table tbody tfoot thead tr ul".split()
)
# Where a line ends or something is written; any other element leaves no trace but its text.
_ACTING = _BLOCKS | {"br", "a", "td", "th"}
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
# Gmail, Yahoo, Thunderbird, Proton, Zoho, Yandex, Mail.ru, Outlook for phones: see the fixtures' README.
_QUOTE_CLASSES = frozenset(
    "gmail_quote gmail_quote_container gmail_attr gmail_extra_quote yahoo_quoted moz-cite-prefix protonmail_quote "
    "moz-forward-container zmail_extra tutanota_quote mail-quote-collapse js-helper-quote".split()
)
_SIGNATURE_CLASSES = frozenset(
    "gmail_signature gmail_signature_prefix moz-signature protonmail_signature_block yandex-signature".split()
)
# Few, for every one is looked for in every element; each class above holds one of them.
_CLASS_PARTS = ("quote", "mail_", "moz-", "signature")
_SIGNATURE_IDS = frozenset(
    "signature x_signature applemailsignature ymail_android_signature ymail_ios_signature composer_signature "
    "ms-outlook-mobile-signature mail-signature".split()
)
_HISTORY_IDS = frozenset({"divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container", "zwchr"})
_MARKERS = {
    "__QUOTED_TEXT__": Mark.QUOTE,
    "__HEADERS__": Mark.QUOTE,
    "__SIG_PRE__": Mark.SIGNATURE,
    "__SIG_POST__": Mark.SIGNATURE,
}
# What an element must have to be looked at closely: the engine of the parser finds those faster than we would.
_TELLING = '[id],[data-signature-widget],[data-marker],blockquote,[style*="hid" i],[style*="none" i],' + ",".join(
    f'[class*="{part}"]' for part in _CLASS_PARTS
)
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden", re.IGNORECASE)
_NO_BORDER = re.compile(r"border\s*:\s*(?:none|0)", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f]+")
MAX_NODES = 200_000
# In how many pieces of its line a link's target may stand already: a line may hold a letter's worth of links.
_LOOKED_BACK = 50
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


@dataclass(slots=True)
class _Page:
    lines: list[Line] = field(default_factory=list)
    current: list[str] = field(default_factory=list)
    mark: Mark = Mark.NONE
    history: bool = False

    def write(self, text: str, mark: Mark) -> None:
        if mark is not self.mark:
            if "".join(self.current).strip():
                self.end_line()
            self.mark = mark
        self.current.append(text)

    def end_line(self, *, blank: bool = False) -> None:
        if not self.current:
            if blank:
                self.lines.append(Line("", self.mark, self.mark is not Mark.NONE))
            return
        text = "".join(self.current).strip(" \t\r\n\f")
        self.current.clear()
        if not text and not blank:
            return
        if "  " in text or not text.isprintable():
            # Entities bring in what the raw text was cleaned of.
            text = clean_text(_SPACES.sub(" ", text).strip(" ").replace("\x00", "\n"))
            if not text and not blank:
                return
        by_program = self.mark is not _NONE
        if "\n" not in text:
            text = text.strip()
            self.lines.append(Line(text, self.mark, by_program) if by_program else plain_line(text))
        else:
            self.lines.extend([Line(piece.strip(), self.mark, by_program) for piece in text.split("\n")])


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
            kept.append(f"<{match['end']}{'hr' if name in _BLOCKS else 'img'}")
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


def html_lines(html: str) -> list[Line]:
    """The lines a reader of `shallow` HTML sees, each marked. Links keep their target, lists their dashes."""
    root = LexborHTMLParser(html).body
    if root is None:
        return []
    page = _Page()
    telling = {node.mem_id for node in root.css(_TELLING)} | {root.mem_id}
    # The elements that the current node stands in: each with its tag, and the mark of what is around it.
    around: list[tuple[LexborNode, str, Mark]] = []
    node, mark = root, Mark.NONE
    for _ in range(MAX_NODES):
        if node.is_text_node:
            _write_text(page, node, mark)
        elif (tag := node.tag or "") not in _SKIPPED:
            outer = mark
            inner: Mark | None = mark
            if node.mem_id in telling:
                inner = _mark_of(page, node, tag, mark)
            if inner is not None:
                acting = tag in _ACTING
                if acting:
                    _enter(page, tag, node, inner)
                child = node.child
                if child is not None:
                    around.append((node, tag, outer))
                    node, mark = child, inner
                    continue
                if acting:
                    _leave(page, node, tag, inner)
        following = node.next
        if following is None or not around:
            following, mark = _onward(page, around, mark)
            if following is None:
                break
        node = following
    page.end_line()
    return page.lines


def _onward(page: _Page, around: list[tuple[LexborNode, str, Mark]], mark: Mark) -> tuple[LexborNode | None, Mark]:
    """The node after the elements that end here, and the mark of what is around it."""
    while around:
        node, tag, outer = around.pop()
        if tag in _ACTING:
            _leave(page, node, tag, mark)
        mark = outer
        following = node.next
        if following is not None and around:
            return following, mark
    return None, mark


def _write_text(page: _Page, node: LexborNode, mark: Mark) -> None:
    text = node.text_content
    if not text or (not page.current and text.isspace()):
        return  # nothing, or the space between blocks
    if "\n" in text and _in_pre(node):
        text = text.replace("\r\n", "\n").replace("\n", "\x00")
    page.write(text, Mark.HISTORY if page.history else mark)


def _mark_of(page: _Page, node: LexborNode, tag: str, mark: Mark) -> Mark | None:
    """The mark of an element that `_TELLING` chose; None where it is hidden."""
    attributes = node.attributes
    if _HIDDEN.search(attributes.get("style") or ""):
        return None
    identifier = (attributes.get("id") or "").lower()
    classes = (attributes.get("class") or "").split()
    if identifier in _HISTORY_IDS:
        page.end_line()
        page.history = True
    if mark is not Mark.NONE:
        return mark
    if identifier in _SIGNATURE_IDS or "data-signature-widget" in attributes:
        return Mark.SIGNATURE
    if not _SIGNATURE_CLASSES.isdisjoint(classes):
        return Mark.SIGNATURE
    if not _QUOTE_CLASSES.isdisjoint(classes) and not _holds_answers(node, tag, classes):
        return Mark.QUOTE
    if tag == "blockquote" and not _is_indent(attributes):
        return Mark.QUOTE
    return _MARKERS.get(attributes.get("data-marker") or "", Mark.NONE)


def _holds_answers(node: LexborNode, tag: str, classes: list[str]) -> bool:
    """True for the box Gmail puts around a quotation: an answer between the quoted lines stands in it too."""
    return tag == "div" and "gmail_quote" in classes and node.css_first("blockquote") is not None


def _is_indent(attributes: dict[str, str | None]) -> bool:
    """True for a blockquote made by an "increase indent" button: no border, and not said to cite."""
    if (attributes.get("type") or "").lower() == "cite" or attributes.get("cite"):
        return False
    return bool(_NO_BORDER.search(attributes.get("style") or "")) and "gmail_quote" not in (
        attributes.get("class") or ""
    )


def _enter(page: _Page, tag: str, node: LexborNode, mark: Mark) -> None:
    shown = Mark.HISTORY if page.history else mark
    if tag == "br":
        page.mark = shown if not page.current else page.mark
        page.end_line(blank=True)
        return
    if tag in _BLOCKS:
        page.end_line()
        page.mark = shown
    if tag == "li":
        parent = node.parent
        page.write("1. " if parent is not None and parent.tag == "ol" else "- ", shown)


def _leave(page: _Page, node: LexborNode, tag: str, mark: Mark) -> None:
    shown = Mark.HISTORY if page.history else mark
    if tag == "a":
        target = (node.attributes.get("href") or "").strip()
        text = "".join(page.current[-_LOOKED_BACK:])
        if (
            target[:4].lower() == "http"
            and target.rstrip("/") not in text
            and "".join((node.text_content or "").split()) != target
        ):
            page.write(f" <{target[:500]}>", shown)
    elif tag in ("td", "th"):
        page.write("\t ", shown)
    elif tag in _BLOCKS:
        page.end_line()
        if tag in _SPACED and "Mso" not in (node.attributes.get("class") or ""):
            page.mark = shown
            page.end_line(blank=True)


def _in_pre(node: LexborNode) -> bool:
    parent = node.parent
    for _ in range(4):
        if parent is None:
            return False
        if parent.tag in ("pre", "textarea"):
            return True
        parent = parent.parent
    return False
