"""HTML to marked lines of text: what the mail program itself marked as quotation or signature stays marked.

The walk keeps its own stack: hostile letters nest thousands of elements, which recursion does not survive.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from selectolax.lexbor import LexborHTMLParser, LexborNode


class Mark(StrEnum):
    """What a line is known to be before its words are looked at."""

    NONE = "none"
    QUOTE = "quote"
    SIGNATURE = "signature"
    HISTORY = "history"
    """Earlier letters; everything after it too."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a body, without its line end; a quoted one without its `>`."""

    text: str
    mark: Mark = Mark.NONE
    by_program: bool = False
    """True where the mail program's own markup says so, not a `>` that anybody may type."""


_SKIPPED = frozenset(
    {"head", "style", "script", "title", "template", "noscript", "object", "svg", "select", "audio", "video"}
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header "
    "hr html li main nav ol p pre section table tbody tfoot thead tr ul".split()
)
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
# Gmail, Yahoo, Thunderbird, Proton, Zoho, Yandex, Mail.ru, Outlook for phones: see the fixtures' README.
_QUOTE_CLASSES = frozenset(
    "gmail_quote gmail_quote_container gmail_attr gmail_extra_quote yahoo_quoted moz-cite-prefix protonmail_quote "
    "moz-forward-container zmail_extra tutanota_quote mail-quote-collapse js-helper-quote".split()
)
_SIGNATURE_CLASSES = frozenset(
    "gmail_signature gmail_signature_prefix moz-signature protonmail_signature_block yandex-signature".split()
)
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
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden", re.IGNORECASE)
_NO_BORDER = re.compile(r"border\s*:\s*(?:none|0)", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f]+")
MAX_NODES = 200_000


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
        text = _SPACES.sub(" ", "".join(self.current)).strip(" ") if self.current else ""
        if text or blank:
            text = text.replace("\x00", "\n")
            self.lines.extend(Line(piece.strip(), self.mark, self.mark is not Mark.NONE) for piece in text.split("\n"))
        self.current.clear()


def html_lines(html: str) -> list[Line]:
    """The lines a reader of the HTML sees, each marked. Links keep their target, lists their dashes."""
    root = LexborHTMLParser(html).body
    if root is None:
        return []
    page = _Page()
    # (node, its mark, True when all of it was read)
    stack: list[tuple[LexborNode, Mark, bool]] = [(root, Mark.NONE, False)]
    budget = MAX_NODES
    while stack and budget:
        budget -= 1
        node, mark, done = stack.pop()
        if done:
            _leave(page, node, mark)
            continue
        if node.is_text_node:
            text = node.text_content or ""
            if text.strip() and _in_pre(node):
                text = text.replace("\r\n", "\n").replace("\n", "\x00")
            if text:
                page.write(text, Mark.HISTORY if page.history else mark)
            continue
        tag = node.tag or ""
        if not node.is_element_node or tag in _SKIPPED:
            continue
        attributes = node.attributes
        if _HIDDEN.search(attributes.get("style") or ""):
            continue
        mark = _mark_of(page, node, tag, attributes, mark)
        _enter(page, tag, node, mark)
        stack.append((node, mark, True))
        children = []
        child = node.child
        while child is not None:
            children.append((child, mark, False))
            child = child.next
        stack.extend(reversed(children))
    page.end_line()
    return page.lines


def _mark_of(page: _Page, node: LexborNode, tag: str, attributes: dict[str, str | None], mark: Mark) -> Mark:
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


def _leave(page: _Page, node: LexborNode, mark: Mark) -> None:
    tag = node.tag or ""
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
