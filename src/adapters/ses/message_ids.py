"""The message ids of what SES sent."""

from __future__ import annotations


def without_ses_domain(message_id: str) -> str:
    """Return the id that SES returned: it sends under that id with its own domain, and answers name it so."""
    local, _, domain = message_id.rpartition("@")
    return local if local and domain.endswith("amazonses.com") else message_id
