"""E-mail addresses: what is read, what is refused and in which words, what the spelling says."""

from __future__ import annotations

import pytest

from chalicelib.identity.domains import is_disposable, is_free
from chalicelib.identity.emails import is_role, parse_email


@pytest.mark.parametrize(
    ("cell", "canonical"),
    [
        ("Jane.Doe@Example.ORG", "jane.doe@example.org"),
        ("mailto:jane@example.org?subject=Hello", "jane@example.org"),
        ("E-mail: jane@example.org", "jane@example.org"),
        ("Jane Doe <jane@example.org>", "jane@example.org"),
        ('"Doe, Jane" <jane@example.org>', "jane@example.org"),
        ("<jane@example.org>", "jane@example.org"),
        ("'jane@example.org", "jane@example.org"),
        ("jane@example.org.", "jane@example.org"),
        ("jane@example.org (work)", "jane@example.org"),
        ("\u200b jane@example.org\u00a0", "jane@example.org"),
        ("jane+news@example.org", "jane+news@example.org"),
        ("jane@xn--mller-kva.de", "jane@müller.de"),
        ("Jörg@Müller.de", "jörg@müller.de"),
        ("jo\u0308rg@example.org", "jörg@example.org"),
        # several addresses: the first that is valid
        ("jane@example.org ::: joe@example.org", "jane@example.org"),
        ("jane@example.org,joe@example.org", "jane@example.org"),
        ("jane@example.org / joe@example.org", "jane@example.org"),
        ("jane@; joe@example.org", "joe@example.org"),
        ("none; jane@example.org", "jane@example.org"),
    ],
)
def test_reads_addresses(cell: str, canonical: str) -> None:
    assert parse_email(cell) == (canonical, "")


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("jane", "no @ sign"),
        ("jane@", "nothing after the @ sign"),
        ("@example.org", "nothing before the @ sign"),
        ("jane@doe@example.org", "more than one @ sign"),
        ("jane@example", "no dot after the @ sign"),
        ("jane@example.con", "no such top-level domain"),
        ("jane@1.2.3.4", "no such top-level domain"),
        ("jane@example.test", "a reserved domain that gets no e-mail"),
        ("jane..doe@example.org", "two dots in a row"),
        (".jane@example.org", "a dot or hyphen in the wrong place"),
        ("jane@-example.org", "a dot or hyphen in the wrong place"),
        ("jane doe@example.org", "characters before the @ sign that are not allowed there"),
        ("jane@exam ple.org", "characters after the @ sign that are not allowed there"),
        (f"{'j' * 300}@example.org", "too long"),
        (f"{'j' * 5000}@example.org", "too long"),
        # "doe@example.org" may be somebody else
        ("jane,doe@example.org", "characters before the @ sign that are not allowed there"),
    ],
)
def test_says_what_is_wrong(cell: str, problem: str) -> None:
    assert parse_email(cell) == ("", problem)


@pytest.mark.parametrize(
    ("email", "free", "disposable"),
    [
        ("jane@example.org", False, False),
        ("jane@gmail.com", True, False),
        ("jane@hey.com", True, False),
        ("jane@proton.me", True, False),
        ("jane@mailinator.com", True, True),
        ("jane@inbox.mailinator.com", True, True),
    ],
)
def test_knows_mailbox_services(email: str, free: bool, disposable: bool) -> None:
    domain = email.partition("@")[2]
    assert (is_free(domain), is_disposable(domain)) == (free, disposable)


@pytest.mark.parametrize("local", ["info", "sales", "customer-service", "no_reply", "hr.uk", "dev"])
def test_functions_are_roles(local: str) -> None:
    assert is_role(local)


@pytest.mark.parametrize("local", ["jane", "jane.doe", "dev.patel", "", "emily.post", "a.info"])
def test_people_are_not_roles(local: str) -> None:
    assert not is_role(local)
