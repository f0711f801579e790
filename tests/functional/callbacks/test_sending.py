"""Callbacks go out by TLS to the host that the URL names, at an address that was checked."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from chalicelib.callbacks.sending import Sender
from chalicelib.model.callback_urls import Target
from tests.receiver import Receiver

NAME = "hooks.example.org"


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
