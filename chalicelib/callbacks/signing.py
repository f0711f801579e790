"""Signs callbacks as Standard Webhooks does, so that a receiver knows who sent them.

The specification: github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md,
"Signature scheme" and "Webhook headers (sender metadata)".
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence

_PREFIX = "whsec_"


def secret_text(secret: bytes) -> str:
    """A secret as its owner sees it; Standard Webhooks wants 24 to 64 bytes."""
    return _PREFIX + b64encode(secret).decode()


def signed_headers(
    secrets: Sequence[str], message_id: str, now: float, body: bytes
) -> dict[str, str]:
    """The headers of a callback: one signature for each secret, any of which proves it.

    ``message_id``: the same for each try. ``now``: seconds since the epoch.
    """
    sent = f"{message_id}.{int(now)}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now)),
        "webhook-signature": " ".join(_signature(secret, sent) for secret in secrets),
    }


def _signature(secret: str, sent: bytes) -> str:
    digest = hmac.digest(b64decode(secret.removeprefix(_PREFIX)), sent, "sha256")
    return f"v1,{b64encode(digest).decode()}"
