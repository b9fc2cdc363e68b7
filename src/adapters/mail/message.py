"""The standard library's message, made to bear what it raises on and to keep a body that needs no decoding as it came."""

from __future__ import annotations

from email.message import Message
from typing import Any

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
