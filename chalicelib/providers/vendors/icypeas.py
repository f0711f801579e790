"""Submits people to Icypeas, a hundred in a call, and collects their e-mails, each one as soon as it is final.

Sources: Icypeas' documentation (https://api-doc.icypeas.com: reference/bulk-search, reference/get-results, statuses,
certainties, errors, rate-limits, how-works/pagination). Documented: the key is sent as it is, without "Bearer"; own
ids (``custom.externalIds``) come back in ``userData.externalId``; results come in pages of at most a hundred, 30
reads a minute; each row has a status of its own, and is finished unless that is one of three; an e-mail costs a
credit, a miss nothing; errors are mostly 200s with ``success: false``. Not documented: where in such an answer the
name of the error is, so it is looked for anywhere; and what DEBITED_NOT_FOUND costs: public clients count nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chalicelib.identity.names import first_and_last
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import MalformedAnswerError
from chalicelib.providers.alignment import is_somebody_else
from chalicelib.providers.answer import Answer, Json
from chalicelib.providers.base import (
    Found,
    Limit,
    Match,
    NoMatch,
    Outcome,
    Terms,
    meets,
    name_with,
)
from chalicelib.providers.http import apply_settings, make_client
from chalicelib.providers.later import (
    costing_nothing,
    numbered,
    records_by_id,
    tickets,
    with_total,
)
from chalicelib.providers.meanings import Meaning, Meanings
from chalicelib.providers.values import canonical, list_at, value_at, with_email_status
from chalicelib.settings import ProviderSettings

BASE_URL = "https://app.icypeas.com/api"
#: It takes 5,000 people in a call; batches have a hundred.
PUBLISHED = Terms(batch_size=100, credits=1.0, limits=(Limit(1, 1),))
READING = (Limit(30, 60),)
NEEDS = name_with("company", "company_domain")
#: A search "takes a few seconds"; all of a submission run at the same time.
WAIT = 15.0
#: The statuses of calls, the errors in 200s, and the statuses of rows that were not searched for.
MEANINGS = Meanings(
    "icypeas",
    {
        "200": Meaning.MATCH,
        "400": Meaning.REFUSED,
        "401": Meaning.BAD_KEY,
        "402": Meaning.OUT_OF_CREDITS,
        "403": Meaning.BAD_KEY,
        "404": Meaning.REFUSED,
        "422": Meaning.REFUSED,
        "429": Meaning.THROTTLED,
        "validationErrors": Meaning.REFUSED,
        "UnpaidSubscriptionError": Meaning.OUT_OF_CREDITS,
        "SearchNotFoundError": Meaning.REFUSED,
        "INSUFFICIENT_FUNDS": Meaning.OUT_OF_CREDITS,
        "ABORTED": Meaning.REFUSED,
    },
)
_ERRORS = ("UnpaidSubscriptionError", "SearchNotFoundError", "validationErrors")
_RUNNING = ("NONE", "SCHEDULED", "IN_PROGRESS")
_NOT_SEARCHED = ("INSUFFICIENT_FUNDS", "ABORTED")
#: It gives no score. An e-mail is no surer than its status.
CONFIDENCE = 0.9
#: Its certainties → the status. "probable": less than 5 % bounce, once it was less than 38 %.
_STATUSES = {
    **dict.fromkeys(("ultra_sure", "very_sure", "sure"), "valid"),
    **{"probable": "unverified", "undeliverable": "invalid"},
}
_PAGE, _MOST_PAGES = 100, 10


class IcypeasProvider:
    """Satisfies ``AnswersLater``."""

    name = "icypeas"
    fields = frozenset({"first_name", "last_name", "full_name", "email", "email_status"})
    collecting = READING

    def __init__(self, settings: ProviderSettings, key: Callable[[], str]) -> None:
        self.terms = apply_settings(PUBLISHED, settings)
        self._client = make_client(self.name, BASE_URL, settings, key)

    def identifies(self, contact: Contact) -> bool:
        """By a name with the company's name or domain."""
        return meets(contact, NEEDS)

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """Submits all contacts in one call."""
        sent = numbered(contacts)
        body = {
            "task": "email-search",
            "name": "Contact enrichment",
            "data": [_question(contact.known) for contact in sent.values()],
            "custom": {"externalIds": list(sent)},
        }
        answer = self._asked("/bulk-search", body, otherwise=Meaning.REFUSED)
        return tickets(self.name, answer.get("file"), sent, WAIT, self.terms.credits)

    def collect(self, submission: str, contacts: Mapping[str, Contact]) -> Mapping[str, Outcome]:
        """One call, unless Icypeas sends smaller pages than it is asked for. Who was not searched for, because
        the credits did not suffice, is left out as long as there are answers to others.
        """
        with costing_nothing():
            rows, are_all = self._rows(submission)
        by_id = records_by_id((value_at(row, "userData", "externalId"), row) for row in rows)
        outcomes = {
            contact_id: self._outcome(row, contacts[contact_id])
            for contact_id, row in by_id.items()
            if contact_id in contacts and _status(row) not in (*_RUNNING, *_NOT_SEARCHED)
        }
        if not are_all or any(_status(row) in _RUNNING for row in rows):
            return outcomes
        reasons = {n: _status(row) for n, row in by_id.items() if _status(row) in _NOT_SEARCHED}
        answered = contacts.keys() - reasons.keys()
        if contacts and not answered:
            reason = reasons[next(iter(contacts))]
            raise MEANINGS.error(MEANINGS.of(reason), reason)
        charged = None if by_id else sum(map(self._credits, rows))
        return with_total(outcomes, charged, answered)

    def _rows(self, submission: str) -> tuple[list[Json], bool]:
        """The rows of a submission, page by page, and whether these are all; rows that are not there yet are not."""
        asked: dict[str, Json] = {"mode": "bulk", "file": submission, "limit": _PAGE}
        body, rows = asked, list[Json]()
        for _ in range(_MOST_PAGES):
            answer = self._asked("/bulk-single-searchs/read", body, otherwise=Meaning.UNAVAILABLE)
            page, total = answer.get("items"), answer.get("total")
            if not isinstance(page, list):
                raise MalformedAnswerError("icypeas sent no list of results.")
            rows += page
            if not page or not isinstance(total, int) or len(rows) >= total:
                return rows, bool(rows)
            body = {**asked, "next": True, "sorts": answer.get("sorts")}
        return rows, False

    def _asked(self, path: str, body: Json, otherwise: Meaning) -> dict[str, Json]:
        """The answer, unless it is an error. ``otherwise``: what an error means that has no name."""
        answer = self._client.post(path, body, {"Authorization": self._client.key})
        MEANINGS.outcome(answer.status, wait=answer.seconds("Retry-After"))
        told = answer.json_object()
        if told.get("success") is False:
            meaning = MEANINGS.of(_error(answer), otherwise=otherwise)
            raise MEANINGS.error(meaning, answer.status)
        return told

    def _outcome(self, row: Json, contact: Contact) -> Outcome:
        credits = self._credits(row)
        # A profile is not asked for, so it says nothing of where the person is.
        asked = {name: text for name, text in contact.known.items() if name != "linkedin_url"}
        values = _values(row)
        if "email" not in values or is_somebody_else(asked, values):
            return NoMatch(credits)
        return Match(values, credits)

    def _credits(self, row: Json) -> float:
        return self.terms.credits if _email(row) else 0.0


def _question(known: Mapping[str, str]) -> list[str]:
    first, last = first_and_last(known)
    # One of the two is enough.
    return [first, last or known["full_name"], known.get("company_domain") or known["company"]]


def _error(answer: Answer) -> str:
    """The name of the error in an answer without success; "" if it has none."""
    return next((name for name in _ERRORS if name.encode() in answer.body), "")


def _status(row: Json) -> str:
    """A row without a status is not finished."""
    status = value_at(row, "status")
    return status if isinstance(status, str) and status else "NONE"


def _email(row: Json) -> Json:
    """The e-mail of a row, the surest first; None for a miss."""
    emails = [each for each in list_at(row, "results", "emails") if value_at(each, "email")]
    found = [each for each in emails if value_at(each, "certainty") != "not_found"]
    best = [each for word in _STATUSES for each in found if value_at(each, "certainty") == word]
    return next(iter(best or found), None)


def _values(row: Json) -> dict[str, Found]:
    results, email = value_at(row, "results"), _email(row)
    raw = {
        "first_name": value_at(results, "firstname"),
        "last_name": value_at(results, "lastname"),
        "full_name": value_at(results, "fullname"),
        "email": value_at(email, "email"),
    }
    word = value_at(email, "certainty")
    status = _STATUSES.get(word, "unverified") if isinstance(word, str) else "unverified"
    return with_email_status(canonical(raw, CONFIDENCE), status)
