"""Second floor: the waterfall. Rows go in; each provider in turn is asked for what is still missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.contacts import Contact
from chalicelib.jobs import ProviderUse, RowStatus
from chalicelib.options import Options
from chalicelib.providers.base import Found, Match, Outcome, Provider
from chalicelib.rows import Filled, InputRow, OutputRow

#: The provider that a row's own values are said to be from.
INPUT = "input"


@dataclass
class _Attempt:
    """One row on its way down."""

    row: InputRow
    contact: Contact
    values: dict[str, Filled]
    answered: bool = False


def run_waterfall(
    rows: Sequence[InputRow], providers: Sequence[Provider], options: Options
) -> tuple[list[OutputRow], dict[str, ProviderUse]]:
    """Ask the providers in their order, each only for contacts that it can identify and that still
    lack a wanted field that it has. Blanks are filled; nothing known is overwritten.

    Returns the rows, in order, and what each provider was asked.
    """
    wanted = frozenset(options.wanted)
    attempts = [_attempt(row, wanted) for row in rows]
    uses = {}
    for provider in providers:
        asked = [a for a in attempts if a is not None and _lacks(a, provider, wanted)]
        if asked:
            outcomes = provider.enrich([a.contact for a in asked], wanted)
            for attempt, outcome in zip(asked, outcomes, strict=True):
                _fill(attempt, outcome, provider.name, options)
            uses[provider.name] = _use(outcomes)
    return [_output(row, a, options) for row, a in zip(rows, attempts, strict=True)], uses


def _attempt(row: InputRow, wanted: frozenset[str]) -> _Attempt | None:
    if row.contact is None:
        return None
    own = {
        name: Filled(value, INPUT, 1.0)
        for name, value in row.contact.known.items()
        if name in wanted
    }
    return _Attempt(row, row.contact, own)


def _lacks(attempt: _Attempt, provider: Provider, wanted: frozenset[str]) -> bool:
    missing = (wanted & provider.fields) - attempt.values.keys()
    return bool(missing) and provider.identifies(attempt.contact)


def _fill(attempt: _Attempt, outcome: Outcome, provider: str, options: Options) -> None:
    if not isinstance(outcome, Match):
        return
    news = {
        name: found
        for name, found in outcome.values.items()
        if name not in attempt.contact.known and found.confidence >= least(options, name)
    }
    attempt.answered = attempt.answered or bool(news)
    for name, found in news.items():
        attempt.values[name] = Filled(found.value, provider, found.confidence)
    attempt.contact = _learned(attempt.contact, news)


def _learned(contact: Contact, news: Mapping[str, Found]) -> Contact:
    known = {**contact.known, **{name: found.value for name, found in news.items()}}
    return replace(contact, known=known)


def least(options: Options, name: str) -> float:
    """The confidence that a value of this field needs."""
    by_field = options.min_confidence
    return by_field.get(name, by_field.get("", 0.0))


def _use(outcomes: Sequence[Outcome]) -> ProviderUse:
    matches = sum(isinstance(outcome, Match) for outcome in outcomes)
    return ProviderUse(len(outcomes), matches, 0, sum(outcome.credits for outcome in outcomes))


def _output(row: InputRow, attempt: _Attempt | None, options: Options) -> OutputRow:
    if attempt is None:
        return OutputRow(row, RowStatus.INVALID, {}, row.problem)
    values = {name: attempt.values[name] for name in options.wanted if name in attempt.values}
    if all(name in values for name in options.goal):
        status = RowStatus.MATCHED
    elif attempt.answered:
        status = RowStatus.PARTIAL
    else:
        status = RowStatus.NOT_FOUND
    return OutputRow(row, status, values)
