"""A job tells a receiver on this machine that it has ended: the POST, its signature, and what the status says."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from chalicelib.aws.callback_secrets import OVERLAP_SECONDS, CallbackSecrets
from chalicelib.aws.table import Table
from chalicelib.aws.vault import Vault
from chalicelib.callbacks.sending import Sender
from chalicelib.model.callback_urls import Target
from chalicelib.services import services
from tests.functional.jobs import LIST, fail_batch
from tests.receiver import Receiver

NAME = "hooks.example.org"


@pytest.fixture
def receiver(stack, monkeypatch) -> Iterator[Receiver]:
    """Of a stack that says that it is an emulator's, for the stage "local"."""
    monkeypatch.setenv("STAGE", "local")
    monkeypatch.setenv("EMULATED", "true")
    services.cache_clear()
    with Receiver() as made:
        yield made


def start(stack, receiver: Receiver, text: str = LIST) -> str:
    return stack.submit_csv(text, f"?callback_url={quote(receiver.url, safe='')}")


def send(stack, job_id: str, run: int = 0) -> dict[str, Any]:
    return dict(stack.invoke("send_callback", {"job_id": job_id, "run": run}))


def test_a_job_tells_its_end(stack, receiver):
    job_id = start(stack, receiver)
    assert stack.status(job_id)["callback"] == {
        "delivered": False,
        "tries": 0,
        **dict.fromkeys(("last_try_at", "http_status", "problem", "next_try_at")),
    }
    assert send(stack, job_id) == {"again": False, "wait_seconds": 1}  # it has not ended
    status = stack.run(job_id)
    assert receiver.received == []
    assert send(stack, job_id) == {"again": False, "wait_seconds": 1}

    (received,) = receiver.received
    assert (received.method, received.path) == ("POST", "/hook?token=not-to-be-told")
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["webhook-id"] == f"msg_{job_id}_0"
    (secret,) = services().callback_secrets.of("default", 0)
    assert received.is_signed_with(secret)
    names = ("id", "status", "created_at", "finished_at", "contacts", "batches")
    assert received.event == {
        "type": "job.ended",
        "timestamp": status["finished_at"],
        "data": {name: status[name] for name in names},
    }
    told = stack.status(job_id)["callback"]
    assert told.pop("last_try_at") > status["finished_at"]
    assert told == {
        "delivered": True,
        "tries": 1,
        "http_status": 204,
        "problem": None,
        "next_try_at": None,
    }
    send(stack, job_id)
    assert len(receiver.received) == 1


@pytest.mark.parametrize("end", ["COMPLETED_WITH_ERRORS", "FAILED", "CANCELLED"])
def test_every_end_is_told(stack, receiver, end):
    cut_off = "[" + '{"email": "a@example.org"},' * 4_000
    job_id = start(stack, receiver, cut_off if end == "FAILED" else LIST)
    if end == "CANCELLED":
        stack.client.http.post(f"/jobs/{job_id}/cancel")
    state = stack.invoke("split_batches", {"job_id": job_id})
    if end == "COMPLETED_WITH_ERRORS":
        fail_batch(job_id, 1)
    status = stack.run_on(job_id, state)
    assert status["status"] == end
    send(stack, job_id)
    assert receiver.received[0].event["data"]["status"] == end


def test_a_receiver_that_fails_is_asked_again_and_the_status_says_when(stack, receiver):
    receiver.answers = [(503, {})]
    job_id = start(stack, receiver)
    before = stack.run(job_id)
    waits = send(stack, job_id)
    assert waits == {"again": True, "wait_seconds": 30}
    status = stack.status(job_id)
    told = status.pop("callback")
    assert (told["delivered"], told["http_status"], told["problem"]) == (False, 503, None)
    assert told["next_try_at"] > told["last_try_at"] > before["finished_at"]
    for changing in ("callback", "result"):  # the link is signed anew
        before.pop(changing, None)
        status.pop(changing, None)
    assert status == before
    assert 1 <= send(stack, job_id)["wait_seconds"] <= 30  # before its time: no other request
    assert len(receiver.received) == 1


def test_a_receiver_that_cannot_be_reached_is_no_error_of_the_step(stack, receiver, capsys):
    with Receiver() as gone:
        job_id = start(stack, gone)
    stack.run(job_id)
    assert send(stack, job_id)["again"] is True
    assert stack.status(job_id)["callback"]["problem"] == "the host cannot be reached"
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (line,) = [line for line in lines if line["event"] == "callback_tried"]
    assert line["job"] == job_id
    assert not re.search(r"token|hook|127\.0\.0\.1", json.dumps(lines))


def test_a_callback_that_nobody_sends_any_more_is_not_announced(stack, receiver):
    """Somebody stopped the execution for good."""
    receiver.answers = [(503, {})]
    job_id = start(stack, receiver)
    stack.run(job_id)
    send(stack, job_id)
    table = boto3.client("dynamodb")
    key = {"pk": {"S": job_id}, "sk": {"S": "JOB"}}
    stored = json.loads(table.get_item(TableName="test-control", Key=key)["Item"]["callback"]["S"])
    stored["next_at"] -= 4_000
    table.update_item(
        TableName="test-control",
        Key=key,
        UpdateExpression="SET callback = :c",
        ExpressionAttributeValues={":c": {"S": json.dumps(stored)}},
    )
    assert stack.status(job_id)["callback"]["next_try_at"] is None


def test_a_job_without_a_receiver_has_nothing_to_tell(stack):
    job_id = stack.submit_csv(LIST)
    assert stack.run(job_id)["callback"] is None
    assert send(stack, job_id) == {"again": False, "wait_seconds": 1}


@pytest.mark.parametrize(
    ("stage", "emulated"), [("local", ""), ("local", "false"), ("prod", "true"), ("", "true")]
)
def test_this_machine_is_a_receiver_in_the_local_stage_of_an_emulator_only(
    stack, receiver, monkeypatch, stage, emulated
):
    job_id = start(stack, receiver)  # accepted before, say
    stack.run(job_id)
    monkeypatch.setenv("STAGE", stage)
    monkeypatch.setenv("EMULATED", emulated)
    services.cache_clear()
    assert send(stack, job_id)["again"] is False
    assert receiver.received == []
    assert stack.status(job_id)["callback"]["problem"] == "callback_url is not accepted any more"
    answer = stack.post("/process", {"contacts": [{"email": "a"}], "callback_url": receiver.url})
    assert answer.status_code == 400


# Secrets


def test_each_owner_and_each_stage_has_a_secret_of_its_own(stack):
    table = Table(boto3.client("dynamodb"), "test-control")
    here, there = (CallbackSecrets(table, Vault(lambda s=s: s)) for s in ("one", "other"))
    found = {*here.of("acme", 0), *here.of("jwt:acme", 0), *there.of("acme", 0)}
    assert len(found) == 3
    assert all(re.fullmatch(r"whsec_[\w+/]{43}=", secret) for secret in found)
    assert here.of("acme", 0) == here.of("acme", 1e9)
    items = boto3.client("dynamodb").scan(TableName="test-control")["Items"]
    assert items == []


def test_a_replaced_secret_signs_beside_the_new_one_for_a_day(stack, receiver):
    secrets, now = services().callback_secrets, services().clock()
    (first,) = secrets.of("default", now)
    secrets.replace("default", now)
    second, kept = secrets.of("default", now)
    assert kept == first
    assert second != first
    job_id = start(stack, receiver)
    stack.run(job_id)
    send(stack, job_id)
    assert receiver.received[0].is_signed_with(first)
    assert receiver.received[0].is_signed_with(second)
    assert secrets.of("default", now + OVERLAP_SECONDS + 1) == (second,)
    secrets.replace("default", now)
    assert first not in secrets.of("default", now)


# TLS


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority (ca.pem) and a certificate of it for the name (host.pem, host.key)."""
    folder, now = tmp_path_factory.mktemp("tls"), datetime.now(timezone.utc)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in ("Invented CA", NAME)
    ]
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key())
    for file, is_ca in (("ca", True), ("host", False)):
        key, name = keys[not is_ca], names[not is_ca]
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(names[0])
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
            .add_extension(authority, critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        )
        if is_ca:
            usage = {name: name == "key_cert_sign" for name in _USAGES}
            builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
        else:
            names_of_host = x509.SubjectAlternativeName([x509.DNSName(NAME)])
            builder = builder.add_extension(names_of_host, critical=False)
            server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
            builder = builder.add_extension(server, critical=False)
        made = builder.sign(keys[0], hashes.SHA256())
        (folder / f"{file}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "host.key").write_bytes(
        keys[1].private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder


_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


@pytest.fixture
def secure(certificates: Path) -> Iterator[tuple[Receiver, list[str | None]]]:
    """A receiver that speaks TLS, and the names that clients have asked it for."""
    asked: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "host.pem", certificates / "host.key")
    context.sni_callback = lambda _channel, name, _context: asked.append(name)
    made = Receiver()
    made.server.socket = context.wrap_socket(made.server.socket, server_side=True)
    with made:
        yield made, asked


def sender(ca_file: str, port: int) -> Sender:
    """All names are those of this machine."""
    found = [(0, 0, 0, "", ("127.0.0.1", port))]
    return Sender(loopback=True, resolve=lambda *_, **__: found, ca_file=ca_file)


def test_the_host_is_asked_for_by_its_name_at_the_address_that_was_checked(certificates, secure):
    receiver, asked = secure
    target = Target(True, NAME, receiver.port, "/hook")
    outcome = sender(str(certificates / "ca.pem"), receiver.port).post(target, b"{}", {})
    assert (outcome.status, outcome.is_delivered) == (204, True)
    assert asked == [NAME]
    assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"


@pytest.mark.parametrize(("name", "is_known"), [("other.example.org", True), (NAME, False)])
def test_a_host_without_a_valid_certificate_gets_nothing(certificates, secure, name, is_known):
    receiver, _ = secure
    ca_file = str(certificates / "ca.pem") if is_known else ""
    outcome = sender(ca_file, receiver.port).post(Target(True, name, receiver.port, "/"), b"{}", {})
    assert (outcome.status, outcome.is_final) == (0, False)
    assert outcome.problem == "the certificate of the host is not valid"
    assert receiver.received == []


def test_a_host_that_speaks_no_tls_gets_nothing(certificates):
    with Receiver() as receiver:
        target = Target(True, NAME, receiver.port, "/")
        outcome = sender(str(certificates / "ca.pem"), receiver.port).post(target, b"{}", {})
        assert (outcome.status, receiver.received) == (0, [])
        assert "broke" in outcome.problem


def test_the_next_address_is_tried_where_one_does_not_answer():
    with Receiver() as receiver:
        found = [(0, 0, 0, "", (a, receiver.port)) for a in ("127.0.0.2", "::1", "127.0.0.1")]
        lookup = Sender(loopback=True, resolve=lambda *_, **__: found)
        target = Target(False, "localhost", receiver.port, "/")
        assert lookup.post(target, b"{}", {}).is_delivered
