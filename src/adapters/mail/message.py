"""The standard library's message, made to bear what it raises on and to keep a body that needs no decoding as it came."""

from __future__ import annotations

from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Any

from adapters.mail.cutting import body_start
from adapters.mail.headers import parameter

_UNENCODED = frozenset({"", "7bit", "8bit", "binary"})


class TolerantMessage(Message):
    """What the parser builds, for the letter and for each of its parts."""

    body: bytes | None = None
    """The body of a letter without parts, where the parser was given the header alone."""

    def get_param(self, param: str, failobj: Any = None, header: str = "content-type", unquote: bool = True) -> Any:  # noqa: FBT001, FBT002 - the signature is the library's
        """A parameter; read plainly where the library trips over its pieces, such as `name*0=a; name*=b`."""
        try:
            return super().get_param(param, failobj, header, unquote)
        except (TypeError, ValueError, LookupError):
            found = parameter(str(self.get(header, "")), param)
            return failobj if found is None else found

    def get_payload(self, i: Any = None, decode: Any = False) -> Any:  # noqa: FBT002 - as above
        """The parts or the body; see `email.message.Message.get_payload`."""
        if self.body is not None:
            if decode and str(self.get("content-transfer-encoding", "")).lower() in _UNENCODED:
                return self.body
            self.set_payload(self.body.decode("ascii", "surrogateescape"))
            self.body = None
        return super().get_payload(i, decode)


def parse(data: bytes) -> Message:
    """The letter as the standard parser reads it.

    It goes through a body line by line, looking for parts. Where the header says that there are none, it is
    given the header alone, and the body stands under it as it came.
    """
    parser = BytesParser(TolerantMessage, policy=compat32)
    start = body_start(data)
    message = parser.parsebytes(data[:start], headersonly=True)
    if not isinstance(message, TolerantMessage) or raw_body(message) or message.defects:
        return parser.parsebytes(data)
    if message.get_content_maintype() in ("multipart", "message"):
        return parser.parsebytes(data)
    message.body = data[start:]
    return message


def raw_body(part: Message) -> str:
    """A leaf's body as it came. `Message.get_payload` raises on some charset labels though it decodes nothing."""
    try:
        return str(part.get_payload())
    except (ValueError, LookupError):
        data = part.get_payload(decode=True)
        return data.decode("ascii", "replace") if isinstance(data, bytes) else ""
