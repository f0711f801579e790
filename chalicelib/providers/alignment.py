"""Finds out which of a vendor's answers belongs to which contact.

By identity, never by position: vendors leave people out and change their order.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from chalicelib.identity.companies import employer_domain
from chalicelib.identity.names import first_and_last, name_from_email
from chalicelib.providers.base import Found, Match, NoMatch, Outcome

Answered = TypeVar("Answered")


@dataclass(frozen=True)
class Identity:
    """What tells one person from another, in canonical form. ``employers``: their domains."""

    emails: frozenset[str] = frozenset()
    linkedin_url: str = ""
    phones: frozenset[str] = frozenset()
    name: str = ""
    employers: frozenset[str] = frozenset()


def identity_of(*records: Mapping[str, str]) -> Identity:
    """The identity of one person, from one or several records (canonical values by field) of them."""
    return Identity(
        emails=frozenset(record["email"] for record in records if "email" in record),
        linkedin_url=next((r["linkedin_url"] for r in records if "linkedin_url" in r), ""),
        phones=frozenset(record["phone"] for record in records if "phone" in record),
        name=next(filter(None, map(_name, records)), ""),
        employers=frozenset(domain for record in records for domain in _employers(record)),
    )


def align(
    contacts: Sequence[Mapping[str, str]], answers: Sequence[tuple[Identity, Answered]]
) -> list[Answered | None]:
    """Each contact's answer; None where no answer fits, or the answers of several people do.

    ``contacts``: canonical values by field (Contact.known). If one contact was asked for and one answer
    came, it is enough that the two do not contradict each other: vendors find people by addresses that
    they do not repeat in the answer.
    """
    if len(contacts) == len(answers) == 1:
        identity, answer = answers[0]
        return [None if _contradict(identity_of(contacts[0]), identity) else answer]
    return [_answer_of(identity_of(known), answers) for known in contacts]


def is_elsewhere(known: Mapping[str, str], found: Mapping[str, Found]) -> bool:
    """Whether somebody of whom only a name and a company were known was found at another company."""
    if not {"email", "linkedin_url", "phone", "company_domain"}.isdisjoint(known):
        return False
    if "company" not in known or "company" not in found:
        return False
    return not may_be_one_company(known["company"], found["company"].value)


def is_at_another_domain(known: Mapping[str, str], found: Mapping[str, Found]) -> bool:
    """Whether somebody was asked for at a company's domain, but neither the address that was found nor the
    company is there. A LinkedIn profile is one person's, wherever they work.
    """
    if "email" not in found or "company_domain" not in known or "linkedin_url" in known:
        return False
    domains = {employer_domain(found["email"].value.rpartition("@")[2])}
    if "company_domain" in found:
        domains.add(found["company_domain"].value)
    return known["company_domain"] not in domains


def is_somebody_else(known: Mapping[str, str], found: Mapping[str, Found]) -> bool:
    """Whether a person who was found under a contact's id is not that contact: another LinkedIn profile, or,
    where no profile was asked for, a name of which no word is the same, or another company.

    Names that are not in Latin letters are not compared: vendors write them in either way.
    """
    told = {field: value.value for field, value in found.items()}
    if "linkedin_url" in known and "linkedin_url" in told:
        return known["linkedin_url"] != told["linkedin_url"]
    names, others = _words_of_name(known), _words_of_name(told)
    if names and others and names.isdisjoint(others):
        return True
    return is_at_another_domain(known, found) or is_elsewhere(known, found)


def may_be_one_company(one: str, other: str) -> bool:
    """Whether two names can be those of one company: one begins as the other does ("Acme", "Acme Tools GmbH"),
    or is made of its initials ("IBM"). A blank name contradicts nothing.
    """
    words, others = _words_of_company(one), _words_of_company(other)
    if not words or not others or words[0] == others[0]:
        return True
    short, long = sorted(("".join(words), "".join(others)), key=len)
    initials = ("".join(word[0] for word in name) for name in (words, others))
    return long.startswith(short) or any(text.startswith(short) for text in initials)


def share_credits(outcomes: Sequence[Outcome], credits: float) -> list[Outcome]:
    """The outcomes, with what the vendor charged for the whole call divided among the matches.

    If the vendor charged for answers that belong to none of the contacts, it is divided among the
    misses instead, or among all where there is no miss either, so that the sum is always right.
    """
    matches = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Match)]
    misses = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, NoMatch)]
    payers = matches or misses or list(range(len(outcomes)))
    prices = dict.fromkeys(payers, credits / len(payers)) if payers else {}
    return [replace(outcome, credits=prices.get(n, 0.0)) for n, outcome in enumerate(outcomes)]


def _answer_of(contact: Identity, answers: Sequence[tuple[Identity, Answered]]) -> Answered | None:
    """The answer that fits by the strongest evidence; weaker evidence does not count then."""
    for agrees in (_same_email, _same_linkedin, _same_phone, _same_name):
        found = [answer for identity, answer in answers if agrees(contact, identity)]
        if found:
            # The same record twice is one person; two different records are two people.
            return found[0] if all(answer == found[0] for answer in found) else None
    return None


def _same_email(one: Identity, other: Identity) -> bool:
    return not one.emails.isdisjoint(other.emails)


def _same_linkedin(one: Identity, other: Identity) -> bool:
    return bool(one.linkedin_url) and one.linkedin_url == other.linkedin_url


def _same_phone(one: Identity, other: Identity) -> bool:
    """A shared number counts only if nothing contradicts it: colleagues may share one number."""
    has_other_name = bool(one.name and other.name) and one.name != other.name
    is_shared = has_other_name or _contradict(one, other)
    return not one.phones.isdisjoint(other.phones) and not is_shared


def _same_name(one: Identity, other: Identity) -> bool:
    """A shared name counts only at the same employer."""
    has_same_name = bool(one.name) and one.name == other.name
    has_same_employer = not one.employers.isdisjoint(other.employers)
    return has_same_name and has_same_employer and not _contradict(one, other)


def _contradict(one: Identity, other: Identity) -> bool:
    """Two LinkedIn profiles are two people, and so are two addresses at one domain."""
    if one.linkedin_url and other.linkedin_url and one.linkedin_url != other.linkedin_url:
        return True
    shared_domains = _domains(one.emails) & _domains(other.emails)
    return bool(shared_domains) and not _same_email(one, other)


def _domains(emails: frozenset[str]) -> set[str]:
    return {email.rpartition("@")[2] for email in emails}


def _name(record: Mapping[str, str]) -> str:
    """First and last name in plain letters; if there is none, as the e-mail spells it."""
    first, last = first_and_last(record)
    if not (first and last):
        first, last = name_from_email(record.get("email", ""))
    return f"{_letters(first)} {_letters(last)}".strip()


def _words_of_name(record: Mapping[str, str]) -> set[str]:
    texts = (record.get(field, "") for field in ("full_name", "first_name", "last_name"))
    words = {_letters(word) for word in " ".join(texts).replace("-", " ").split()} - {""}
    return words if all(word.isascii() for word in words) else set()


def _words_of_company(name: str) -> list[str]:
    words = [_letters(word) for word in name.split()]
    return [word for word in words if word and word != "the"]


def _employers(record: Mapping[str, str]) -> set[str]:
    from_email = employer_domain(record.get("email", "").rpartition("@")[2])
    return {record.get("company_domain", ""), from_email} - {""}


def _letters(name: str) -> str:
    """``"O'Brién"`` → ``"obrien"``."""
    text = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in text if c.isalpha())
