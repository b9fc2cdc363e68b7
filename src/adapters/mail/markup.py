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
from adapters.mail.nesting import BLOCKS
from adapters.mail.numbering import Numbering, numbering_of


class Mark(StrEnum):
    """What a line is known to be before its words are looked at."""

    NONE = "none"
    QUOTE = "quote"
    SIGNATURE = "signature"
    HISTORY = "history"
    """Earlier letters; everything after it too."""
    UNSEEN = "unseen"
    """No reader sees it; no line has this mark, for such text is left out."""


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


_SKIPPED = frozenset({"head", "style", "script", "title", "template", "object", "svg", "select", "audio", "video"})
# Where a line ends or something is written; any other element leaves no trace but its text.
_ACTING = BLOCKS | {"br", "a", "td", "th"}
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
_TELLING = "[id],[data-signature-widget],[data-marker],[hidden],blockquote," + ",".join(
    f'[class*="{part}"]' for part in _CLASS_PARTS
)
_TELLING_STYLE = re.compile(
    r"hid|none|opacity|transparent|(?:text-indent|left)\s*:\s*-\d{4}|font-size\s*:\s*(?:[01](?!\d)|\.)|border-left\s*:\s*solid",
    re.IGNORECASE,
)
# An element that is hidden with all that is in it. Newsletters have a line for the list of letters hidden in these ways.
_HIDDEN = re.compile(
    r"display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden|(?<![\w-])opacity\s*:\s*0(?:\.0+)?\s*(?:;|$|!)"
    r"|(?<![\w-])color\s*:\s*transparent|(?<![\w-])(?:text-indent|left)\s*:\s*-\d{4,}",
    re.IGNORECASE,
)
_NO_HEIGHT = re.compile(r"(?<![\w-])(?:max-)?(?:height|width)\s*:\s*0(?:px|pt)?\s*(?:;|$|!)", re.IGNORECASE)
_CUT_OFF = re.compile(r"overflow\s*:\s*hidden", re.IGNORECASE)
_FONT_SIZE = re.compile(r"font-size\s*:\s*(\d{0,4}\.?\d{1,4})\s*(px|pt|em|rem|%)?", re.IGNORECASE)
# Up to this size nobody can read a letter, in the unit named.
_UNREADABLE = {"px": 1.0, "pt": 1.0, "em": 0.1, "rem": 0.1, "%": 10.0, "": 0.0}
# So Outlook marks what it quotes where it is set to put a line before it.
_OUTLOOK_QUOTE = re.compile(r"border-left\s*:\s*solid\s+(?:blue|#[0-9a-f]{6})\s+1\.5pt", re.IGNORECASE)
# Word writes the numbers of its lists itself, with spaces that do not break.
_WORD_LIST = re.compile(r"^(\d{1,3}[.)]|[^\W\d_][.)]|[·•§o–-]) {2,}(?=\S)")
_BULLETS = frozenset("·•§o")
_NO_BORDER = re.compile(r"border\s*:\s*(?:none|0)", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f]+")
MAX_NODES = 200_000
# In how many pieces of its line a link's target may stand already: a line may hold a letter's worth of links.
_LOOKED_BACK = 50
UNSEEN_TEXT = "text that no reader of the HTML can see was left out"
"""The defect of a letter that has some: it pages nobody."""


@dataclass(slots=True)
class _Page:
    lines: list[Line] = field(default_factory=list)
    current: list[str] = field(default_factory=list)
    mark: Mark = Mark.NONE
    history: bool = False
    unseen: bool = False
    """Some text was left out because no reader sees it."""
    behind: Mark = Mark.NONE
    """The mark of what stands around text that is too small to read."""
    lists: list[Numbering | None] = field(default_factory=list)
    """The lists that the current node stands in, without a numbering where they have none."""
    item: str = ""
    """The number or the dash of a list's item whose first word has not come yet."""

    def write(self, text: str, mark: Mark) -> None:
        if mark is Mark.UNSEEN:
            self.unseen = self.unseen or bool(text.strip())
            return
        if mark is not self.mark:
            if "".join(self.current).strip():
                self.end_line()
            self.mark = mark
        if self.item and text.strip():
            self.current.append(self.item)
            self.item = ""
        self.current.append(text)

    def end_line(self, *, blank: bool = False) -> None:
        if not self.current:
            if blank and self.mark is not Mark.UNSEEN:
                self.lines.append(Line("", self.mark, self.mark is not Mark.NONE))
            return
        text = "".join(self.current).strip(" \t\r\n\f")
        self.current.clear()
        if not text and not blank:
            return
        if "  " in text or not text.isprintable():
            # Entities bring in what the raw text was cleaned of.
            text = clean_text(_SPACES.sub(" ", text).strip(" ").replace("\x00", "\n"))
            text = _WORD_LIST.sub(lambda match: f"{'-' if match[1] in _BULLETS else match[1]} ", text)
            if not text and not blank:
                return
        by_program = self.mark is not _NONE
        if "\n" not in text:
            text = text.strip()
            self.lines.append(Line(text, self.mark, by_program) if by_program else plain_line(text))
        else:
            self.lines.extend([Line(piece.strip(), self.mark, by_program) for piece in text.split("\n")])


def html_lines(html: str) -> tuple[list[Line], bool]:
    """The lines that a reader of `shallow` HTML sees, each marked, and whether there is text that no reader sees.

    Links keep their target, lists their numbers and dashes.
    """
    root = LexborHTMLParser(html).body
    if root is None:
        return [], False
    page = _Page()
    telling = {node.mem_id for node in root.css(_TELLING)} | {root.mem_id} | _styled(root)
    # The elements that the current node stands in: each with its tag, and the mark of what is around it.
    around: list[tuple[LexborNode, str, Mark]] = []
    node, mark = root, Mark.NONE
    for _ in range(MAX_NODES):
        if node.is_text_node:
            _write_text(page, node, mark)
        elif (tag := node.tag or "") not in _SKIPPED:
            outer = mark
            inner: Mark | None = mark
            if mark is Mark.UNSEEN or node.mem_id in telling:
                inner = _mark_of(page, node, tag, mark)
            if inner is None:
                page.unseen = page.unseen or bool(node.text().strip())
            else:
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
    return page.lines, page.unseen


def _styled(root: LexborNode) -> set[int]:
    """The elements whose style is to be looked at; a letter has few styles, many times."""
    judged: dict[str, bool] = {}
    found = set()
    for node in root.css("[style]"):
        style = node.attributes.get("style") or ""
        if style not in judged:
            judged[style] = bool(_TELLING_STYLE.search(style))
        if judged[style]:
            found.add(node.mem_id)
    return found


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
    page.write(text, _shown(page, mark))


def _shown(page: _Page, mark: Mark) -> Mark:
    return Mark.HISTORY if page.history and mark is not Mark.UNSEEN else mark


def _mark_of(page: _Page, node: LexborNode, tag: str, mark: Mark) -> Mark | None:
    """The mark of an element that `_TELLING` chose; None where it is hidden."""
    attributes = node.attributes
    style = attributes.get("style") or ""
    if "hidden" in attributes or (style and _is_hidden(style)):
        return None
    mark = _mark_by_size(page, style, mark)
    if mark is Mark.UNSEEN:
        return mark
    identifier = (attributes.get("id") or "").lower()
    classes = (attributes.get("class") or "").split()
    if identifier in _HISTORY_IDS:
        page.end_line()
        page.history = True
    if mark is not Mark.NONE:
        return mark
    by_name = identifier in _SIGNATURE_IDS or not _SIGNATURE_CLASSES.isdisjoint(classes)
    if by_name or "data-signature-widget" in attributes:
        return Mark.SIGNATURE
    if not _QUOTE_CLASSES.isdisjoint(classes) and not _holds_answers(node, tag, classes):
        return Mark.QUOTE
    if (tag == "blockquote" and not _is_indent(attributes)) or (tag == "div" and _OUTLOOK_QUOTE.search(style)):
        return Mark.QUOTE
    return _MARKERS.get(attributes.get("data-marker") or "", Mark.NONE)


def _mark_by_size(page: _Page, style: str, mark: Mark) -> Mark:
    """The mark of the text by its size: an element within may have one of its own, as tables of newsletters do."""
    size = _FONT_SIZE.search(style)
    if size is None:
        return mark
    if float(size[1]) > _UNREADABLE[(size[2] or "").lower()]:
        return page.behind if mark is Mark.UNSEEN else mark
    page.behind = page.behind if mark is Mark.UNSEEN else mark
    return Mark.UNSEEN


def _is_hidden(style: str) -> bool:
    return bool(_HIDDEN.search(style) or (_CUT_OFF.search(style) and _NO_HEIGHT.search(style)))


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
    shown = _shown(page, mark)
    if tag == "br":
        page.mark = shown if not page.current else page.mark
        page.end_line(blank=True)
        return
    if tag in BLOCKS:
        page.end_line()
        page.mark = shown
    if tag in ("ol", "ul"):
        page.lists.append(numbering_of(node.attributes) if tag == "ol" else None)
    elif tag == "li" and mark is not Mark.UNSEEN:
        numbering = page.lists[-1] if page.lists else None
        page.item = "- " if numbering is None else numbering.following(node.attributes)


def _leave(page: _Page, node: LexborNode, tag: str, mark: Mark) -> None:
    shown = _shown(page, mark)
    if tag == "a":
        target = (node.attributes.get("href") or "").strip()
        text = "".join(page.current[-_LOOKED_BACK:])
        if target[:4].lower() == "http" and target.rstrip("/") not in text and "".join(node.text().split()) != target:
            page.write(f" <{target[:500]}>", shown)
    elif tag in ("td", "th"):
        page.write("\t ", shown)
    elif tag in BLOCKS:
        page.end_line()
        if tag in ("ol", "ul"):
            page.lists.pop()
        elif tag == "li":
            page.item = ""
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
