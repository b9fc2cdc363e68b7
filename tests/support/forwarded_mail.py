"""A letter that the company's own server forwarded, as Amazon SES stores it."""

from __future__ import annotations

SES_ID = "sesid0000000000000000017"
FOUND = "mx.example.ru; dmarc=pass (p=reject dis=none) header.from=zavod.example"
SIGNED = (
    "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.ru; s=mail; h=from:to:subject:date:message-id:"
    "authentication-results; bh=abc=; b=AbC/"
)


def forwarded(
    *,
    above: tuple[str, ...] = (f"Authentication-Results: {FOUND}", f"DKIM-Signature: {SIGNED}"),
    below: tuple[str, ...] = (),
    spf: str = "spf=fail (spfCheck: domain of zavod.example does not designate 192.0.2.7)",
    envelope_from: str = "lomova@zavod.example",
    dkim: str = "dkim=pass header.i=@example.ru;",
    sender: str = "lomova@zavod.example",
    letter: bytes = b"",
    ses_id: str = SES_ID,
) -> bytes:
    """Return a letter as SES stores it: its own fields, what the forwarder wrote, then what the author's server did.

    `letter` is the author's own, in place of a plain one of `sender`.
    """
    plain = f"From: {sender}\r\nTo: support@example.ru\r\nSubject: x\r\n\r\nhi\r\n".encode()
    return (
        "\r\n".join(
            [
                f"Return-Path: <{envelope_from}>",
                (
                    "Received: from mx.example.ru (mx.example.ru [192.0.2.7]) by inbound-smtp.eu-west-1.amazonaws.com with SMTP id "
                    f"{ses_id} for support@desk.example.ru; Mon, 23 Nov 2026 09:00:00 +0000 (UTC)"
                ),
                "X-SES-Spam-Verdict: PASS",
                "X-SES-Virus-Verdict: PASS",
                (
                    f"Authentication-Results: amazonses.com; {spf} client-ip=192.0.2.7; envelope-from={envelope_from}; "
                    f"helo=mx.example.ru; {dkim}"
                ),
                "X-SES-RECEIPT: AEFB",
                "X-SES-DKIM-SIGNATURE: a=rsa-sha256; b=x; d=amazonses.com; h=From:X-SES-RECEIPT;",
                *above,
                "Received: from out.zavod.example (out.zavod.example [192.0.2.9]) by mx.example.ru with ESMTPS id 4F; x",
                *below,
                "Received: from [10.0.0.7] by out.zavod.example; x",
            ]
        ).encode()
        + b"\r\n"
        + (letter or plain)
    )
