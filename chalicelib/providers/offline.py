"""Derives values from the contact itself and from what its list tells, without network or key: facts, names in parts,
and guesses.

A guess has a low confidence, so that a job can leave it out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from chalicelib.identity.domains import is_disposable, is_free
from chalicelib.identity.email_typos import suggested_address
from chalicelib.identity.emails import NO_SUCH_ENDING, is_role
from chalicelib.identity.list_facts import ListFacts
from chalicelib.identity.name_fields import NAMES
from chalicelib.identity.names import join_name, name_from_email, split_name
from chalicelib.identity.phone_readings import UNKNOWN_COUNTRY
from chalicelib.identity.phones import PhoneFacts, phone_facts, phone_region
from chalicelib.identity.salutations import salutation_beside_name
from chalicelib.identity.titles import Role, role_of
from chalicelib.model.contacts import Contact
from chalicelib.model.options import OFFLINE
from chalicelib.providers.base import Found, Match, NoMatch, Outcome, Terms
from chalicelib.providers.colleagues import DERIVED, Values, company, email_by_pattern, found_values

#: From syntax, published lists and numbering plans: everybody gets the same result.
FACT = 1.0
#: A domain that differs from a large mail service's by one letter may be somebody's own.
SUGGESTION = 0.5
#: jane.doe@ is usually Jane Doe, but may be a shared mailbox, or somebody called Doe Jane.
NAME_GUESS = 0.3
#: A phone number keeps its country when its owner moves.
COUNTRY_GUESS = 0.3
_TRUE, _FALSE = Found("true", FACT), Found("false", FACT)

_CACHED_FACTS = 1024


class OfflineProvider:
    """Satisfies ``Provider``; costs nothing."""

    name = OFFLINE
    terms = Terms(needs_key=False, is_local=True)

    def __init__(self, facts: ListFacts | None = None) -> None:
        self.fields = frozenset(field for fields, _ in _STEPS for field in fields)
        self._facts = facts or ListFacts()

    def informed(self, facts: ListFacts) -> OfflineProvider:
        """The provider that knows what a list tells."""
        return OfflineProvider(facts)

    def identifies(self, contact: Contact) -> bool:
        """Whether it has an e-mail, a phone, a name, a title or a company to derive something from, usable or not."""
        sources = ("email", "phone", *NAMES, "title", "company")
        return contact.earlier is not None or any(
            field in contact.known or field in contact.problems for field in sources
        )

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One outcome for each contact, in their order, with fields that are wanted and not known."""
        return [_enrich_one(one, wanted.difference(one.known), self._facts) for one in contacts]


def _enrich_one(contact: Contact, missing: frozenset[str], facts: ListFacts) -> Outcome:
    found: dict[str, Found] = {}
    for fields, derive in _STEPS:
        if not missing.isdisjoint(fields):
            found.update(derive(contact, facts))
    values = {name: value for name, value in found.items() if name in missing}
    return Match(values) if values else NoMatch()


def _email_facts(contact: Contact, _: ListFacts) -> Values:
    email = contact.known.get("email")
    if email is None:
        problem = contact.problems.get("email")
        return found_values(FACT, email_valid="false", email_problem=problem) if problem else {}
    local, domain = email.rpartition("@")[::2]
    return {**_domain_facts(domain), "email_role": _TRUE if is_role(local) else _FALSE}


@lru_cache(_CACHED_FACTS)
def _domain_facts(domain: str) -> Values:
    """What is the same for all addresses of a domain."""
    return {
        "email_valid": _TRUE,
        **found_values(FACT, email_domain=domain),
        "email_free": _TRUE if is_free(domain) else _FALSE,
        "email_disposable": _TRUE if is_disposable(domain) else _FALSE,
    }


def _email_suggestion(contact: Contact, _: ListFacts) -> Values:
    """The address that was probably meant. The row's own stays what it is."""
    email = contact.known.get("email", "")
    if contact.problems.get("email") == NO_SUCH_ENDING:
        email = contact.given["email"]
    suggestion = suggested_address(email) if email else ""
    return {"email_suggestion": Found(suggestion, SUGGESTION)} if suggestion else {}


def _phone_facts(contact: Contact, _: ListFacts) -> Values:
    phone = contact.known.get("phone")
    if phone is None:
        problem = contact.problems.get("phone", UNKNOWN_COUNTRY)
        return found_values(FACT, phone_valid="false") if problem != UNKNOWN_COUNTRY else {}
    return _values_of(phone_facts(phone))


@lru_cache(_CACHED_FACTS)
def _values_of(facts: PhoneFacts) -> Values:
    """The values that many numbers share."""
    valid, zones = "true" if facts.valid else "false", facts.time_zones
    found = found_values(
        FACT, phone_valid=valid, phone_type=facts.type, phone_country=facts.country
    )
    return {**found, **found_values(FACT, phone_timezone=zones)}


def _phone_region(contact: Contact, _: ListFacts) -> Values:
    """A step of its own, because the geocoder (``phones``) takes time to load."""
    phone = contact.known.get("phone")
    region = phone_region(phone) if phone else ""
    return {"phone_region": Found(region, FACT)} if region else {}


def _names(contact: Contact, _: ListFacts) -> Values:
    first, last = contact.known.get("first_name", ""), contact.known.get("last_name", "")
    if full := contact.known.get("full_name", ""):
        name = split_name(full)
        return found_values(DERIVED, first_name=name.first, last_name=name.last)
    if first and last:
        return found_values(DERIVED, full_name=join_name(first, last))
    if not contact.problems.keys().isdisjoint(NAMES):
        return {}  # a guess never stands beside a cell that has text
    return _guessed_names(contact.known.get("email", ""), first, last)


def _guessed_names(email: str, first: str, last: str) -> Values:
    """The name in the address, unless it contradicts the half of the name that is known."""
    guess = name_from_email(email)
    full_name = join_name(first or guess.first, last or guess.last)
    if not any(guess) or full_name.casefold() != join_name(*guess).casefold():
        return {}
    return found_values(
        NAME_GUESS, first_name=guess.first, last_name=guess.last, full_name=full_name
    )


def _duplicate_of(contact: Contact, _: ListFacts) -> Values:
    earlier = contact.earlier
    return found_values(earlier.confidence, duplicate_of=str(earlier.row)) if earlier else {}


def _salutation(contact: Contact, _: ListFacts) -> Values:
    """The form of address before the name, where it was not given in a column of its own."""
    if "salutation" in contact.problems:
        return {}
    names = {n: cell for n, cell in contact.given.items() if n not in contact.problems}
    return found_values(FACT, salutation=salutation_beside_name(names))


def _role(contact: Contact, _: ListFacts) -> Values:
    title = contact.known.get("title")
    return _role_values(role_of(title)) if title else {}


@lru_cache(_CACHED_FACTS)
def _role_values(role: Role) -> Values:
    return found_values(DERIVED, seniority=role.seniority, department=role.department)


def _country(contact: Contact, _: ListFacts) -> Values:
    phone = contact.known.get("phone")
    # A guess never stands beside a cell that has text.
    facts = phone_facts(phone) if phone and "country" not in contact.problems else None
    return found_values(COUNTRY_GUESS, country=facts.country) if facts and facts.placed else {}


#: The fields that each step fills, and the step. A step runs only if one of its fields is wanted.
_STEPS: tuple[tuple[frozenset[str], Callable[[Contact, ListFacts], Values]], ...] = (
    (
        frozenset({"email_valid", "email_problem", "email_domain"})
        | {"email_free", "email_disposable", "email_role"},
        _email_facts,
    ),
    (frozenset({"email_suggestion"}), _email_suggestion),
    (frozenset({"phone_valid", "phone_type", "phone_country", "phone_timezone"}), _phone_facts),
    (frozenset({"phone_region"}), _phone_region),
    (frozenset({"first_name", "last_name", "full_name"}), _names),
    (frozenset({"salutation"}), _salutation),
    (frozenset({"duplicate_of"}), _duplicate_of),
    (frozenset({"seniority", "department"}), _role),
    (frozenset({"company", "company_domain", "company_clean"}), company),
    (frozenset({"email", "email_status"}), email_by_pattern),
    (frozenset({"country"}), _country),
)
