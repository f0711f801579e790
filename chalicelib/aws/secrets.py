"""Reads API keys of providers from where the environment says that they lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def read_secret(word: str, client: Callable[[str], Any]) -> str:
    """A secret from the word for it: itself, ``ssm:<parameter>`` or ``secretsmanager:<secret>``.

    ``client``: makes the AWS client of a service. Errors are boto3's.
    """
    kind, _, name = word.partition(":")
    if kind == "ssm":
        answer = client("ssm").get_parameter(Name=name, WithDecryption=True)
        return str(answer["Parameter"]["Value"])
    if kind == "secretsmanager":
        return str(client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
    return word
