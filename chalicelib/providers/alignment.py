"""First floor: whose answer is whose. What is known of contacts and what vendors say of people go in,
the answer that is each contact's comes out. By identity, never by position: vendors leave people out
and change their order.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from chalicelib.identity.companies import employer_domain
from chalicelib.identity.names import name_from_email, split_name
from chalicelib.providers.base import Match, NoMatch, Outcome

Answered = TypeVar("Answered")


@dataclass(frozen=True)
class Identity:
    """What tells one person from another, canonical. ``employers``: their domains."""

    emails: frozenset[str] = frozenset()
    linkedin_url: str = ""
    phones: frozenset[str] = frozenset()
    name: str = ""
    employers: frozenset[str] = frozenset()


def identity_of(*told: Mapping[str, str]) -> Identity:
    """Of one person, of whom one or several sets of canonical values by field are told."""
    return Identity(
        emails=frozenset(each["email"] for each in told if "email" in each),
        linkedin_url=next((each["linkedin_url"] for each in told if "linkedin_url" in each), ""),
        phones=frozenset(each["phone"] for each in told if "phone" in each),
        name=next(filter(None, map(_name, told)), ""),
        employers=frozenset(domain for each in told for domain in _employers(each)),
    )


def align(
    contacts: Sequence[Mapping[str, str]], answers: Sequence[tuple[Identity, Answered]]
) -> list[Answered | None]:
    """Each contact's answer; None where none, or more than one person, can be meant.

    ``contacts``: canonical values by field (Contact.known). Where one was asked for and one is told
    of, it is enough that nothing contradicts that: vendors find people by addresses that they do
    not tell.
    """
    if len(contacts) == len(answers) == 1:
        other, answer = answers[0]
        return [None if _contradict(identity_of(contacts[0]), other) else answer]
    return [_of(identity_of(known), answers) for known in contacts]


def share_credits(outcomes: Sequence[Outcome], credits: float) -> list[Outcome]:
    """The outcomes, with what the vendor charged for the whole call shared among the matches.

    Where an answer was paid for that nobody could be given, the misses bear it, so that the sum is
    right in any case.
    """
    bearers = [at for at, outcome in enumerate(outcomes) if isinstance(outcome, Match)]
    if not bearers and credits:
        bearers = [at for at, outcome in enumerate(outcomes) if isinstance(outcome, NoMatch)]
    share = credits / len(bearers) if bearers else 0.0
    shares = dict.fromkeys(bearers, share)
    return [replace(each, credits=shares.get(at, 0.0)) for at, each in enumerate(outcomes)]


def _of(one: Identity, answers: Sequence[tuple[Identity, Answered]]) -> Answered | None:
    """By the surest evidence that there is: what a weaker one says does not count then."""
    for agrees in (_same_email, _same_linkedin, _same_phone, _same_name):
        found = [answer for other, answer in answers if agrees(one, other)]
        if found:
            # The same record twice is one person; two records are two.
            return found[0] if all(answer == found[0] for answer in found) else None
    return None


def _same_email(one: Identity, other: Identity) -> bool:
    return not one.emails.isdisjoint(other.emails)


def _same_linkedin(one: Identity, other: Identity) -> bool:
    return bool(one.linkedin_url) and one.linkedin_url == other.linkedin_url


def _same_phone(one: Identity, other: Identity) -> bool:
    """Companies have one number for many people: it counts where nothing contradicts it."""
    is_named_otherwise = bool(one.name and other.name) and one.name != other.name
    is_shared = is_named_otherwise or _contradict(one, other)
    return not one.phones.isdisjoint(other.phones) and not is_shared


def _same_name(one: Identity, other: Identity) -> bool:
    """At the same employer."""
    is_same = bool(one.name) and one.name == other.name
    is_colleague = not one.employers.isdisjoint(other.employers)
    return is_same and is_colleague and not _contradict(one, other)


def _contradict(one: Identity, other: Identity) -> bool:
    """Two profiles are two people, and so are two addresses at one place."""
    if one.linkedin_url and other.linkedin_url and one.linkedin_url != other.linkedin_url:
        return True
    domains, others = _domains(one.emails), _domains(other.emails)
    return not domains.isdisjoint(others) and not _same_email(one, other)


def _domains(emails: frozenset[str]) -> set[str]:
    return {email.rpartition("@")[2] for email in emails}


def _name(known: Mapping[str, str]) -> str:
    """First and last name in plain letters; where there is none, as the e-mail's shape has it."""
    first, last = known.get("first_name", ""), known.get("last_name", "")
    if not (first and last):
        first, last = split_name(known.get("full_name", ""))
    if not (first and last):
        first, last = name_from_email(known.get("email", ""))
    return f"{_letters(first)} {_letters(last)}".strip()


def _employers(known: Mapping[str, str]) -> set[str]:
    by_email = employer_domain(known.get("email", "").rpartition("@")[2])
    return {known.get("company_domain", ""), by_email} - {""}


def _letters(name: str) -> str:
    """``"O'Brién"`` → ``"obrien"``."""
    text = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in text if c.isalpha())
