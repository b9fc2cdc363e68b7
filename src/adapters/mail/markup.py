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
MAX_DEPTH = 500
"""Of elements within elements: programs that quote the quoted reach a hundred."""
TOO_DEEP = f"only the outermost {MAX_DEPTH} levels of its HTML were told apart"
"""The defect of a letter that has more."""
# With fewer tags than this no nesting takes time.
_FEW_TAGS = 1_000
_TAG = re.compile(
    r"""<!--.*?(?:-->|\Z)|<(?P<end>/?)(?P<name>[a-z][^ \t\n\r\f/>]*)"""
    r"""(?P<plain>(?:[ \t\n\r\f/]+(?:[^ \t\n\r\f"'<>=/]+(?:=(?:"[^"<>]*"|'[^'<>]*'|[^ \t\n\r\f"'<>=`]+))?)?)*+>)?""",
    re.IGNORECASE | re.DOTALL,
)
_OPENING = re.compile(r"<(?=[a-z])", re.IGNORECASE)
# Those a parser opens anew in every block until they are closed (HTML standard, 13.2.4.3): their product is the danger.
_REOPENED = re.compile(r"<(/?)(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[ \t\n\r\f/>])", re.IGNORECASE)
_FOREIGN = re.compile(r"<(?:svg|math)", re.IGNORECASE)
_EMPTY = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# One ends where the next of its name begins.
_SELF_ENDING = frozenset("p li dt dd tr td th".split())


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
    """The HTML with no more than `MAX_DEPTH` elements open at once, and whether any tag was left out for that.

    The parser looks at every open element for each that opens (HTML standard, 13.2.4.2): a megabyte of `<div>` takes
    it minutes. This goes through the tags once, and rather thinks an element open that is not: every `<name` opens
    one, wherever it stands; an end counts only for the element opened last, and only as long as every tag before was
    written plainly, for in a quoted value stands anything.
    """
    if html.count("<") < _FEW_TAGS:
        return html, False
    html = _REOPENED.sub(r"<\1span", html)
    foreign = bool(_FOREIGN.search(html))
    empty, self_ending = (frozenset[str](), frozenset[str]()) if foreign else (_EMPTY, _SELF_ENDING)
    kept: list[str] = []
    kept_from = 0
    opened: list[str] = []  # those above the limit, too
    left_out = certain = False
    certain = True
    for match in _TAG.finditer(html):
        name = (match["name"] or "").lower()
        if not name:
            # A parser may see the comment end earlier, or none begin: what opens in it counts, what ends does not.
            certain = certain and match[0].endswith("-->") and not match[0].startswith(("<!-->", "<!--->"))
            opened.extend("!" for _ in _OPENING.finditer(match[0]))
            continue
        certain = certain and match["plain"] is not None
        if match["end"]:
            if not certain or not opened or opened[-1] != name:
                continue
            opened.pop()
        elif name in empty or (name in self_ending and opened and opened[-1] == name):
            continue
        else:
            opened.append(name)
        if len(opened) + bool(match["end"]) > MAX_DEPTH:
            left_out = True
            kept.append(html[kept_from : match.start()])
            kept.append("<hr>" if name in _BLOCKS else "")
            kept_from = match.end()
    return "".join(kept) + html[kept_from:], left_out


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
        text = "".join(page.current)
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
