"""Reads API keys of providers from where the environment says that they lie."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

#: A key that was replaced by a new one is used for so long, at most.
SECRET_SECONDS = 300


class Secrets:
    """Secrets by the words for them: the secret itself, ``ssm:<parameter>`` or
    ``secretsmanager:<secret>``. Each is read again after ``SECRET_SECONDS``.

    ``client``: makes the AWS client of a service. Threads may share it.
    """

    def __init__(
        self, client: Callable[[str], Any], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client, self._clock = client, clock
        self._known: dict[str, tuple[str, float]] = {}

    def read(self, word: str) -> str:
        """The secret. Errors are boto3's."""
        kind, _, name = word.partition(":")
        if kind not in ("ssm", "secretsmanager"):
            return word
        secret, read_at = self._known.get(word, ("", -SECRET_SECONDS))
        now = self._clock()
        if now - read_at >= SECRET_SECONDS:
            secret = self._fetch(kind, name)
            self._known[word] = secret, now
        return secret

    def _fetch(self, kind: str, name: str) -> str:
        client = self._client(kind)
        if kind == "ssm":
            answer = client.get_parameter(Name=name, WithDecryption=True)
            return str(answer["Parameter"]["Value"])
        return str(client.get_secret_value(SecretId=name)["SecretString"])
