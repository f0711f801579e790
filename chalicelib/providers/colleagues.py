"""Fills the company, its domain and the e-mail by each other, and by what the colleagues in the list tell."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from chalicelib.identity.companies import company_from_domain, employer_domain
from chalicelib.identity.company_names import may_own, without_legal_form
from chalicelib.identity.list_facts import ListFacts
from chalicelib.identity.names import first_and_last
from chalicelib.model.contacts import Contact
from chalicelib.providers.base import Found

#: A name that was split or joined by rules, which fit most names but not all ("Maria del Mar Ruiz Gil"); so are
#: what a title tells, and a company's name without its legal form.
DERIVED = 0.9
#: The domain of an e-mail is mostly the employer's, but may be a club's or a school's.
DOMAIN_GUESS = 0.4
#: The company's name is the domain's, with a capital letter: "acmetools.com" gives "Acmetools".
COMPANY_GUESS = 0.25
#: Nobody checked an address that was made by the company's pattern.
GUESSED = "guessed"

Values = Mapping[str, Found]
_CACHED_DOMAINS = 1024


def company(contact: Contact, facts: ListFacts) -> Values:
    """The company and its domain, each by the other, and the name without its legal form: the row's own or the one
    that is filled in, then no surer than that.
    """
    known = contact.known
    own = known.get("company")
    values = {} if own and "company_domain" in known else _each_by_the_other(contact, facts)
    if own:
        return {**values, "company_clean": Found(without_legal_form(own), DERIVED)}
    filled = values.get("company")
    if filled is None:
        return values
    sure = round(DERIVED * filled.confidence, 3)
    return {**values, **found_values(sure, company_clean=without_legal_form(filled.value))}


def _each_by_the_other(contact: Contact, facts: ListFacts) -> Values:
    """The company by colleagues, else by the domain, and the domain by the company; never beside a cell of the same
    field that has text.
    """
    known, mail = contact.known, contact.known.get("email", "").rpartition("@")[2]
    given = known.get("company", "")
    if "company" in contact.problems:
        return {}
    domain = known.get("company_domain", "") or employer_domain(mail)
    if not domain:
        colleagues, sure = facts.domain_of(given)
        return found_values(sure, company_domain=employer_domain(colleagues) if colleagues else "")
    if given:
        return _domain_guess(domain) if may_own(given, domain) else {}
    told, sure = facts.company_at(mail or domain)
    if not told:
        told, sure = company_from_domain(domain), COMPANY_GUESS
    return {**found_values(sure, company=told), **_domain_guess(domain)}


@lru_cache(_CACHED_DOMAINS)
def _domain_guess(domain: str) -> Values:
    return found_values(DOMAIN_GUESS, company_domain=domain)


def email_by_pattern(contact: Contact, facts: ListFacts) -> Values:
    """An address by the pattern of the company's known ones, for a row without any text in its place."""
    if "email" in contact.known or "email" in contact.problems:
        return {}
    domain, sure = contact.known.get("company_domain", ""), 1.0
    if not domain:
        domain, sure = facts.domain_of(contact.known.get("company", ""))
    if domain not in facts.patterns:
        return {}
    email, confidence = facts.email_of(*first_and_last(contact.known), domain)
    return found_values(
        round(sure * confidence, 3), email=email, email_status=GUESSED if email else ""
    )


def found_values(confidence: float, **values: str) -> Values:
    """The values that are not blank, all with one confidence."""
    return {field: Found(value, confidence) for field, value in values.items() if value}
