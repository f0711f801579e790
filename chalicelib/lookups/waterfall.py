"""Asks the providers one after the other, each for what the rows still lack, and fills the blanks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chalicelib.files.enriched import Filled, OutputRow
from chalicelib.files.rows import InputRow
from chalicelib.identity.same_name import may_be_same
from chalicelib.lookups.known import Reply
from chalicelib.model.contacts import COLUMN_FIELDS, FIELDS, Contact
from chalicelib.model.options import Options
from chalicelib.model.tallies import ProviderUse, RowStatus
from chalicelib.providers.base import Found, Match, Provider, Suppressed
from chalicelib.providers.values import BAD_EMAIL

#: The source of the values that a row itself gives.
INPUT = "input"

#: The fields that say something of an e-mail address.
_OF_EMAIL = frozenset(name for name in FIELDS if name.startswith("email_"))
_NAMES = ("full_name", "first_name", "last_name")

#: Why the row of a person on the suppression list is skipped.
ERASED = "this person was erased on request and is not processed"

#: Whether a person of these canonical values, by field, was erased.
IsErased = Callable[[Mapping[str, str]], bool]
#: Asks a provider for contacts: a reply for each, in order, and what it came to (lookup.Lookups.ask).
Ask = Callable[[Provider, Sequence[Contact], frozenset[str]], tuple[Sequence[Reply], ProviderUse]]


@dataclass
class _Attempt:
    """One row, with what the providers so far have found. ``passed_over``: a provider was not asked.
    ``skipped``: why nobody may be asked.
    """

    row: InputRow
    contact: Contact
    values: dict[str, Filled]
    answered: bool = False
    passed_over: bool = False
    skipped: str = ""
    notes: list[str] = field(default_factory=list)


def run_waterfall(
    rows: Sequence[InputRow],
    providers: Sequence[Provider],
    options: Options,
    ask: Ask,
    is_erased: IsErased = lambda _: False,
) -> tuple[list[OutputRow], dict[str, ProviderUse]]:
    """Ask the providers in their order, each only for contacts that it can identify and that still
    lack a wanted field that it has. Blanks are filled, and guesses are replaced by what is surer; nothing else that
    is known is overwritten.

    Nobody is asked for a person who was erased, and nothing is kept of one whom an answer is about.
    Returns the rows, in order, and what each provider was asked.
    """
    wanted = frozenset(options.wanted)
    attempts = [_attempt(row, wanted, is_erased) for row in rows]
    uses = {}
    for provider in providers:
        asked = [a for a in attempts if a is not None and _lacks(a, provider, options)]
        if asked:
            replies, uses[provider.name] = ask(provider, [a.contact for a in asked], wanted)
            for attempt, reply in zip(asked, replies, strict=True):
                _fill(attempt, reply, provider, options)
                if is_erased(attempt.contact.known):
                    attempt.skipped = ERASED
    _complete(attempts, providers, options, ask)
    return [_output(row, a, options) for row, a in zip(rows, attempts, strict=True)], uses


def _complete(
    attempts: Sequence[_Attempt | None],
    providers: Sequence[Provider],
    options: Options,
    ask: Ask,
) -> None:
    """Ask the local providers again for what follows from the values that others found after them, such as the
    level from a title. They cost nothing, and no guess of theirs is wanted any more.
    """
    follows = frozenset(options.wanted).difference(COLUMN_FIELDS)
    remote = {provider.name for provider in providers if not provider.terms.is_local}
    learned = [a for a in attempts if a is not None and not a.skipped and _is_from(a, remote)]
    for provider in providers[:-1]:
        if learned and provider.terms.is_local and not follows.isdisjoint(provider.fields):
            replies, _ = ask(provider, [attempt.contact for attempt in learned], follows)
            for attempt, reply in zip(learned, replies, strict=True):
                _fill(attempt, reply, provider, options)


def _is_from(attempt: _Attempt, providers: Collection[str]) -> bool:
    """Whether one of these providers found something about the row."""
    return any(value.provider in providers for value in attempt.values.values())


def _attempt(row: InputRow, wanted: frozenset[str], is_erased: IsErased) -> _Attempt | None:
    if row.contact is None:
        return None
    own = {
        name: Filled(value, INPUT, 1.0)
        for name, value in row.contact.known.items()
        if name in wanted
    }
    skipped = ERASED if is_erased(row.contact.known) else ""
    return _Attempt(row, row.contact, own, skipped=skipped)


def _lacks(attempt: _Attempt, provider: Provider, options: Options) -> bool:
    """Whether the provider could add something that is wanted of it."""
    if attempt.skipped:
        return False
    sure = {name for name, filled in attempt.values.items() if not filled.is_guess}
    return not wanted_of(provider, options) <= sure and provider.identifies(attempt.contact)


def wanted_of(provider: Provider, options: Options) -> frozenset[str]:
    """The fields for which a provider is asked.

    A provider that costs money is asked only for fields that make a row matched; for others only if it
    has no such field.
    """
    wanted = provider.fields.intersection(options.wanted)
    if provider.terms.is_local:
        return wanted
    return wanted.intersection(options.goal) or wanted


def _fill(attempt: _Attempt, reply: Reply, provider: Provider, options: Options) -> None:
    if reply.note:
        attempt.notes.append(reply.note)
    if reply.outcome is None:
        attempt.passed_over = True
    elif isinstance(reply.outcome, Suppressed):
        attempt.skipped = f"this person asked {provider.name} not to be processed"
    elif isinstance(reply.outcome, Match):
        values = reply.outcome.values
        if not provider.terms.is_local and _is_about_another(attempt.row, values):
            attempt.notes.append(f"{provider.name} answered with another person's name: not used")
        else:
            _add(attempt, values, provider.name, options)


def _is_about_another(row: InputRow, values: Mapping[str, Found]) -> bool:
    """Whether the name in the answer contradicts the one in the row."""
    given = row.contact.known if row.contact is not None else {}
    own = " ".join(given[name] for name in _NAMES if name in given)
    found = " ".join(values[name].value for name in _NAMES if name in values)
    return not may_be_same(own, found)


def _add(attempt: _Attempt, values: Mapping[str, Found], provider: str, options: Options) -> None:
    known, least = attempt.contact.known, options.min_confidence
    least_otherwise = least.get("", 0.0)
    usable = {n: f for n, f in values.items() if f.confidence >= least.get(n, least_otherwise)}
    new = {
        name: found
        for name, found in usable.items()
        if name not in known or _is_surer(found, attempt.values.get(name))
    }
    if "email" in new:  # what was said of another address is not true of this one
        of_email = _OF_EMAIL if "email" in known else frozenset({"email_status"})
        _forget(attempt, *of_email)
        known = attempt.contact.known
        new |= {name: found for name, found in usable.items() if name in of_email}
    if "company" in new and "company_clean" in known:
        _forget(attempt, "company_clean")  # it was that of a guess
        known = attempt.contact.known
    known_now = {**known, **{name: found.value for name, found in new.items()}}
    status = values.get("email_status") if _is_about_own_email(values, known_now) else None
    if status is None:
        new.pop("email_status", None)
    attempt.answered = attempt.answered or bool(new)
    wanted = options.wanted
    for name, found in new.items():
        if name in wanted:
            attempt.values[name] = Filled(found.value, provider, found.confidence)
    known = {**known, **{name: found.value for name, found in new.items()}}
    attempt.contact = replace(attempt.contact, known=known)
    # A domain may take no mail whatever a finder says of its addresses.
    if status is not None and status.value in BAD_EMAIL:
        _reject_email(attempt, provider)


def _is_about_own_email(values: Mapping[str, Found], known: Mapping[str, str]) -> bool:
    """Whether the status in an answer is that of the row's address: answers may hold another one."""
    return "email" not in values or values["email"].value == known.get("email")


def _is_surer(found: Found, filled: Filled | None) -> bool:
    """Whether a value replaces the one that is there, which only a guess may be."""
    return filled is not None and filled.is_guess and found.confidence > filled.confidence


def _reject_email(attempt: _Attempt, verifier: str) -> None:
    """Take back an address that one provider found and another says must not be used, and all that is known
    of it.
    """
    found = attempt.values.get("email")
    if found is not None and found.provider not in (INPUT, verifier):
        _forget(attempt, "email", *_OF_EMAIL)
        attempt.notes.append(f"{verifier} rejected the e-mail that {found.provider} found")


def _forget(attempt: _Attempt, *names: str) -> None:
    attempt.values = {n: filled for n, filled in attempt.values.items() if n not in names}
    known = {name: v for name, v in attempt.contact.known.items() if name not in names}
    attempt.contact = replace(attempt.contact, known=known)


def _output(row: InputRow, attempt: _Attempt | None, options: Options) -> OutputRow:
    if attempt is None:
        return OutputRow(RowStatus.INVALID, {}, row.problem)
    if attempt.skipped:
        return OutputRow(RowStatus.SKIPPED, {}, attempt.skipped)
    values = {name: attempt.values[name] for name in options.wanted if name in attempt.values}
    notes = "; ".join((*_unread(row, values, options), *attempt.notes))
    return OutputRow(_status(attempt, values, options), values, notes)


def _unread(row: InputRow, values: Mapping[str, Filled], options: Options) -> Iterator[str]:
    """Why cells of the row are not used, for fields that are wanted and still blank."""
    if row.contact is not None and row.contact.problems:
        for name, problem in row.contact.problems.items():
            if name in options.wanted and name not in values:
                yield f"{name}: {problem}"


def _status(attempt: _Attempt, values: Mapping[str, Filled], options: Options) -> RowStatus:
    if all(name in values for name in options.goal):
        return RowStatus.MATCHED
    if attempt.answered:
        return RowStatus.PARTIAL
    return RowStatus.SKIPPED if attempt.passed_over else RowStatus.NOT_FOUND
