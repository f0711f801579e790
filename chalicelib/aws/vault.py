"""Hides whom the tables are about: keyed hashes in keys and encrypted values, under the secret of the stage.

Hashes are HMAC-SHA256 of a JSON list, so that no two lists of parts look the same. Values are encrypted with
AES-256-GCM, each under a key of its own that is the HMAC of its parts: who has a table and not the secret can
neither guess nor read, and who has both has to know whom to look for.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

#: What encrypted data begins with; no compressed rows (zlib) and no JSON do.
_VERSION = b"\x01"
#: Bytes of a nonce. 12 is what GCM is made for (NIST SP 800-38D, 5.2.1.1).
_NONCE = 12


class TamperedError(RuntimeError):
    """What a table holds was not encrypted under this stage's secret, or was changed since."""


class Vault:
    """``read_secret``: gives the secret of the stage; it is read at the first use, and once."""

    def __init__(self, read_secret: Callable[[], str]) -> None:
        self._read_secret = read_secret

    @cached_property
    def _secret(self) -> bytes:
        # Once for the life of the process: a claim and its answer must have the same key.
        return self._read_secret().encode()

    def digest(self, kind: str, *parts: str) -> str:
        """A keyed hash of a list of texts, in hexadecimal. ``kind``: what it is for."""
        return self._mac(kind, *parts).hex()

    def seal(self, data: bytes, kind: str, *parts: str) -> bytes:
        """The data, encrypted under the key of these parts; different each time."""
        nonce = os.urandom(_NONCE)
        return _VERSION + nonce + self._cipher(kind, *parts).encrypt(nonce, data, _VERSION)

    def unseal(self, sealed: bytes, kind: str, *parts: str) -> bytes:
        """What ``seal`` got with the same parts. TamperedError for anything else."""
        from cryptography.exceptions import InvalidTag

        nonce, encrypted = sealed[1 : _NONCE + 1], sealed[_NONCE + 1 :]
        try:
            return self._cipher(kind, *parts).decrypt(nonce, encrypted, sealed[:1])
        except (InvalidTag, ValueError):
            raise TamperedError(
                "A stored value was not encrypted under this stage's secret."
            ) from None

    def _cipher(self, *parts: str) -> AESGCM:
        # 8 MB of memory and 30 ms of CPU that a job which asks nobody does not need.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._mac("key", *parts))

    def _mac(self, *parts: str) -> bytes:
        # In ASCII: any text of Python has a form in it, also halves of surrogate pairs.
        return hmac.digest(self._secret, json.dumps(parts).encode("ascii"), "sha256")


def is_sealed(data: bytes) -> bool:
    """Whether data was encrypted, as opposed to compressed only."""
    return data.startswith(_VERSION)
