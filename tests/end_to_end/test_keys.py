"""Keys that an operator makes open the API of their stage, until they are revoked."""

from __future__ import annotations

import pytest
import requests
from machine.local_stack import LocalStack

from tests.end_to_end.api_keys import make_key, run_keys

LOCAL = "local"


def status_of(url: str, key: str) -> int:
    return requests.get(url, headers={"Authorization": f"Bearer {key}"}, timeout=30).status_code


def test_a_key_opens_both_ways_to_the_api_for_what_it_may_do(deployed_stack: LocalStack) -> None:
    key = make_key(deployed_stack, LOCAL, "--scopes", "jobs:read", "--name", "of the tests")
    for url in (deployed_stack.api_url, deployed_stack.gateway_url):
        assert status_of(f"{url}/jobs", key) == 200
        refused = requests.post(
            f"{url}/uploads", headers={"Authorization": f"Bearer {key}"}, timeout=30
        )
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert requests.get(f"{url}/jobs", timeout=30).status_code == 401
        assert requests.get(f"{url}/health", timeout=30).status_code == 200
    listed = run_keys(deployed_stack, LOCAL, "list").stdout
    (line,) = [line for line in listed.splitlines() if line.endswith("of the tests")]
    assert line.startswith(f"{key.split('_')[1]}  acme  jobs:read  expires 20")
    assert key.split("_")[2] not in listed


def test_a_key_that_is_revoked_opens_nothing(deployed_stack: LocalStack) -> None:
    key = make_key(deployed_stack, LOCAL)
    key_id = key.split("_")[1]
    assert run_keys(deployed_stack, LOCAL, "revoke", key_id).stdout.startswith(f"The key {key_id}")
    # Nobody has asked for it before, so that nothing remembers it.
    assert status_of(f"{deployed_stack.api_url}/jobs", key) == 401
    assert f"{key_id}  acme  jobs:read jobs:write  revoked 20" in (
        run_keys(deployed_stack, LOCAL, "list").stdout
    )


def test_the_secret_of_callbacks_is_shown_and_replaced(deployed_stack: LocalStack) -> None:
    def shown(owner: str, *options: str) -> str:
        return run_keys(deployed_stack, LOCAL, "callback-secret", owner, *options).stdout.strip()

    first, token = shown("acme"), shown("jwt:acme")
    assert first.startswith("whsec_")
    assert first == shown("acme") != token
    second = shown("acme", "--replace")
    assert second == shown("acme") != first
    assert token == shown("jwt:acme")


@pytest.mark.parametrize(
    ("stage", "arguments", "status", "message"),
    [
        (LOCAL, ("revoke", "0" * 16), 1, "no key of the id"),
        ("nowhere", ("list",), 1, "no stage nowhere"),
        (LOCAL, ("create", "two words"), 2, "is not 1 to 64 letters"),
        (
            LOCAL,
            ("create", "acme", "--scopes", "jobs:read,everything"),
            2,
            "is not all, or some of",
        ),
        (LOCAL, ("create", "acme", "--days", "-1"), 2, "--days"),
        (LOCAL, ("callback-secret", "two words"), 2, "is not the owner of a key"),
        ("nowhere", ("callback-secret", "acme"), 1, "no stage nowhere"),
        (LOCAL, ("create", "acme", "--name", "\033[2J"), 2, "is not a printable text"),
    ],
)
def test_what_cannot_be_done_is_told(
    deployed_stack: LocalStack, stage: str, arguments: tuple[str, ...], status: int, message: str
) -> None:
    assert message in run_keys(deployed_stack, stage, *arguments, status=status).stderr
