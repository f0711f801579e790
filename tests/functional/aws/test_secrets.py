"""Keys of providers: where they lie, and for how long a replaced one is still used."""

from __future__ import annotations

import boto3
import pytest
from moto import mock_aws

from chalicelib.aws.clients import create_client
from chalicelib.aws.secrets import SECRET_SECONDS, Secrets
from tests.functional.resources import ENVIRONMENT


@pytest.fixture(autouse=True)
def aws(monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


def store(kind: str, value: str) -> str:
    """Store a secret in place of the one before; the word for it."""
    if kind == "ssm":
        client = boto3.client("ssm")
        client.put_parameter(Name="/app/acme", Value=value, Type="SecureString", Overwrite=True)
        return "ssm:/app/acme"
    manager = boto3.client("secretsmanager")
    try:
        manager.create_secret(Name="app/acme", SecretString=value)
    except manager.exceptions.ResourceExistsException:
        manager.put_secret_value(SecretId="app/acme", SecretString=value)
    return "secretsmanager:app/acme"


@pytest.mark.parametrize("kind", ["ssm", "secretsmanager"])
def test_a_key_that_was_replaced_is_noticed_after_some_minutes(kind):
    now = [1000.0]
    secrets = Secrets(create_client, lambda: now[0])
    word = store(kind, "old")
    assert secrets.read(word) == "old"
    store(kind, "new")
    now[0] += SECRET_SECONDS - 1
    assert secrets.read(word) == "old"  # so that not every call reads it
    now[0] += 1
    assert secrets.read(word) == "new"


def test_a_process_that_has_just_started_reads_as_well():
    assert Secrets(create_client, lambda: 0.0).read(store("ssm", "any")) == "any"


@pytest.mark.parametrize("key", ["", "abc", "abc:def"])
def test_a_key_that_stands_in_the_environment_is_taken_as_it_is(key):
    assert Secrets(create_client).read(key) == key
