"""Whoever holds a full dump of both tables and none of the secrets cannot find out whether somebody was looked up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import re
import zlib
from collections.abc import Iterator

import boto3
import pytest

from chalicelib.aws.vault import Vault
from chalicelib.identity.fingerprint import fingerprint
from chalicelib.services import services
from tests.functional.resources import ENVIRONMENT, TABLES, create_tables, put_key

JANE, JOE = "jane@example.org", "joe@example.org"
QUERY = "?providers=offline,pdl&max_credits=5"


def looked_up(stack, who: str) -> None:
    """Somebody was looked up by all that a careless client does: alone in a list, and named in the key."""
    sent = {"contacts": [{"email": who}]}
    headers = {"Content-Type": "application/json", "Idempotency-Key": who}
    answer = stack.client.http.post(
        f"/process{QUERY}", headers=headers, body=json.dumps(sent).encode()
    )
    assert answer.status_code == 202, answer.json_body
    status = stack.run(answer.json_body["id"])
    assert status["contacts"]["processed"] == 1
    assert status["providers"][1]["lookups"] == 1


def dump() -> list[bytes]:
    """Every text and every piece of binary data in both tables; what is compressed also as it was."""
    found = []
    for table in ("test-control", "test-records"):
        items = boto3.client("dynamodb").scan(TableName=table)["Items"]
        for value in itertools.chain.from_iterable(item.values() for item in items):
            ((kind, content),) = value.items()
            data = content if kind == "B" else str(content).encode()
            found.append(data)
            try:
                found.append(zlib.decompress(data))
            except zlib.error:
                continue
    return found


def texts_about(who: str) -> Iterator[bytes]:
    """What may have been hashed: identities, lists and requests, in every form that the code makes of them."""
    prints = [fingerprint({"email": who}), hashlib.sha256(f"email:{who}".encode()).hexdigest()]
    body = json.dumps({"contacts": [{"email": who}]}).encode()
    parameters = sorted(part.split("=") for part in QUERY[1:].split("&"))
    head = json.dumps(["application/json", parameters]).encode()
    request = head + b"\n" + body
    yield from (who.encode(), who.upper().encode(), f"email:{who}".encode(), body, request)
    yield json.dumps([{"email": who}]).encode()
    yield f"7 default {who}".encode()
    for person in (*prints, who):
        yield person.encode()
        for parts in (
            ("person", "default", "pdl", person),
            ("answer", "default", "pdl", person),
            ("idempotency", "default", person),
            ("request", "default", hashlib.sha256(request).hexdigest()),
        ):
            yield json.dumps(parts).encode()


def marks(who: str, secrets: list[bytes]) -> Iterator[bytes]:
    """What the attacker looks for: the texts, their hashes, and their hashes under guessed secrets."""
    for text in texts_about(who):
        yield text
        digests = [hashlib.new(name, text).digest() for name in ("md5", "sha1", "sha256", "sha512")]
        digests += [hmac.digest(secret, text, "sha256") for secret in secrets]
        for digest in digests:
            yield from (digest, digest.hex().encode(), base64.b64encode(digest))


def signs_of(who: str, secrets: list[bytes]) -> list[bytes]:
    found = dump()
    return [mark for mark in marks(who, secrets) if any(mark in data for data in found)]


GUESSES = [b"", b"secret", b"contact-enrichment", b"test-records", b"default", b"pdl"]


def test_to_search_the_dump_for_a_person_by_every_hash_that_can_be_made(stack, vendors):
    looked_up(stack, JANE)
    assert signs_of(JANE, GUESSES) == []
    # The search is a real one: with the secret it finds her, and nobody else.
    secret = [ENVIRONMENT["LEDGER_SECRET"].encode()]
    assert len(signs_of(JANE, secret)) >= 3  # the ledger, the key, the request
    assert signs_of(JOE, secret) == []


def test_to_open_what_is_encrypted_under_guessed_secrets_and_all_that_is_known_of_her(
    stack, vendors
):
    looked_up(stack, JANE)
    sealed = [data for data in dump() if data.startswith(b"\x01")]
    # The answer, the rows, what they came to, and which fields they have.
    assert len(sealed) == 4
    parts = ("default", "pdl", fingerprint({"email": JANE}))
    for data, guess in itertools.product(sealed, GUESSES):
        vault = Vault(guess.decode)
        with pytest.raises(RuntimeError, match="not encrypted under"):
            vault.unseal(data, "answer", *parts)
    vault = Vault(lambda: ENVIRONMENT["LEDGER_SECRET"])
    opened = [data for data in sealed if _opens(vault, data, parts)]
    assert len(opened) == 1


def _opens(vault: Vault, data: bytes, parts: tuple[str, ...]) -> bool:
    try:
        return b"outcome" in vault.unseal(data, "answer", *parts)
    except RuntimeError:
        return False


def dump_of(monkeypatch: pytest.MonkeyPatch, stack, who: str, secret: str) -> set[bytes]:
    """The dump of a new service with this secret, in which this person was looked up; without times,
    which two services may have in common.
    """
    client = boto3.client("dynamodb")
    for table in TABLES.values():
        client.delete_table(TableName=table)
    create_tables()
    put_key()
    monkeypatch.setenv("LEDGER_SECRET", secret)
    services.cache_clear()
    looked_up(stack, who)
    return {found for found in dump() if not re.fullmatch(rb"\d{10}", found)}


def test_to_look_for_what_a_dump_shares_with_one_of_a_service_that_looked_the_same_person_up(
    stack, vendors, monkeypatch
):
    hers, again = (dump_of(monkeypatch, stack, JANE, secret) for secret in ("one", "two"))
    others = dump_of(monkeypatch, stack, "joan@example.org", "three")
    assert (hers & again) - others == set()
    # The same secret would show it.
    assert (again & dump_of(monkeypatch, stack, JANE, "two")) - others != set()
