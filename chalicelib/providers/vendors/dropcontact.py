"""Submits people to Dropcontact, a hundred in a call, and collects their work e-mails when it has found them.

Sources: Dropcontact's documentation (https://developer.dropcontact.com/en: quickstart, errors, rate limits, credits,
input record, enriched record). Documented: "a 200 status does not always mean your request succeeded", a result
that is not ready is a 200 with ``success: false``, and so is one that it does not know; ``email`` is a list with
qualifications; a credit is taken for each person at the submission, and given back for those without an e-mail;
an e-mail that is sent costs a credit even if it is wrong, so none is sent. Known from public clients alone:
``custom_fields`` is repeated, and records come in any order. Not documented: what an e-mail costs that must not
be used; it counts as 1. The balance in the answers is that of the account, not what a submission cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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
    Suppressed,
    Terms,
    any_of,
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
from chalicelib.providers.values import (
    canonical,
    first_usable,
    list_at,
    value_at,
    with_email_status,
)
from chalicelib.settings import ProviderSettings

BASE_URL = "https://api.dropcontact.com/v1"
#: 60 calls in a second for all endpoints: half of them are for submitting, half for collecting. It takes 250
#: people in a call; batches have a hundred.
PUBLISHED = Terms(batch_size=100, credits=1.0, limits=(Limit(30, 1),))
NEEDS = (*any_of("linkedin_url"), *name_with("company", "company_domain"))
#: "Send the same request again every 30 seconds until it is ready."
WAIT = 30.0
MEANINGS = Meanings(
    "dropcontact",
    {
        "200": Meaning.MATCH,
        "400": Meaning.REFUSED,
        "401": Meaning.BAD_KEY,
        "403": Meaning.OUT_OF_CREDITS,  # for all people of the call; none of them was taken
        "404": Meaning.REFUSED,
        "422": Meaning.REFUSED,
        "429": Meaning.THROTTLED,
    },
)
#: It gives no score. An e-mail is no surer than its status.
CONFIDENCE = 0.9

#: Our field → Dropcontact's, in requests and in answers.
_FIELDS = {
    **{"first_name": "first_name", "last_name": "last_name", "full_name": "full_name"},
    **{"company": "company", "company_domain": "website", "linkedin_url": "linkedin"},
}
#: The first half of a qualification, in English or French → the status, best first; the addresses of nobody in particular
#: ("generic") and wrong ones are not here.
_STATUSES = {
    **dict.fromkeys(("nominative", "nominatif"), "valid"),
    "catch_all": "catch_all",
    **dict.fromkeys(("non_validated", "non_validé", "non_valide", ""), "unverified"),
}
_DO_NOT_CONTACT = frozenset({"do_not_contact", "ne_pas_contacter"})
_WRONG = frozenset({"invalid", "invalide"})
#: The second half: those of private and of disposable addresses are not here.
_WORK = frozenset({"pro", "school", ""})


class DropcontactProvider:
    """Satisfies ``AnswersLater``."""

    name = "dropcontact"
    fields = frozenset({*_FIELDS, "email", "email_status", "title"})

    def __init__(self, settings: ProviderSettings, key: Callable[[], str]) -> None:
        self.terms = apply_settings(PUBLISHED, settings)
        self.collecting = self.terms.limits
        self._client = make_client(self.name, BASE_URL, settings, key)

    def identifies(self, contact: Contact) -> bool:
        """By a LinkedIn profile, or a name with the company's name or domain."""
        return meets(contact, NEEDS)

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """Submits all contacts in one call."""
        sent = numbered(contacts)
        data = [
            {**_question(contact.known), "custom_fields": {"contact_id": contact_id}}
            for contact_id, contact in sent.items()
        ]
        # In another language than English the qualifications are in French.
        answer = self._client.post("/enrich/all", {"data": data, "language": "en"}, self._headers())
        MEANINGS.outcome(answer.status, wait=answer.seconds("Retry-After"))
        submission = answer.json_object().get("request_id")
        return tickets(self.name, submission, sent, WAIT, self.terms.credits)

    def collect(self, submission: str, contacts: Mapping[str, Contact]) -> Mapping[str, Outcome]:
        """One call; all answers come at once. A submission that Dropcontact does not know looks as if it were
        still being searched for.
        """
        with costing_nothing():
            answer = self._client.get(f"/enrich/all/{submission}", {}, self._headers())
            MEANINGS.outcome(answer.status, wait=answer.seconds("Retry-After"))
            records = _records(answer)
            return {} if records is None else self._outcomes(records, contacts)

    def _outcomes(
        self, records: list[Json], contacts: Mapping[str, Contact]
    ) -> Mapping[str, Outcome]:
        by_id = records_by_id(
            (value_at(each, "custom_fields", "contact_id"), each) for each in records
        )
        outcomes = {
            contact_id: self._outcome(record, contacts[contact_id])
            for contact_id, record in by_id.items()
            if contact_id in contacts
        }
        charged = None if by_id else sum(map(self._credits, records))
        return with_total(outcomes, charged, contacts)

    def _outcome(self, record: Json, contact: Contact) -> Outcome:
        credits = self._credits(record)
        values = _values(record)
        if is_somebody_else(contact.known, values):
            return NoMatch(credits)
        if any(first in _DO_NOT_CONTACT for first, _ in _qualifications(record)):
            return Suppressed(credits)
        # What was sent comes back, in a better form: that alone is no news.
        news = values.keys() - contact.known.keys() - {"first_name", "last_name", "full_name"}
        return Match(values, credits) if news else NoMatch(credits)

    def _credits(self, record: Json) -> float:
        found = any(first not in _WRONG for first, _ in _qualifications(record))
        return self.terms.credits if found else 0.0

    def _headers(self) -> dict[str, str]:
        return {"X-Access-Token": self._client.key}


def _question(known: Mapping[str, str]) -> dict[str, str]:
    question = {theirs: known[ours] for ours, theirs in _FIELDS.items() if ours in known}
    if "first_name" in question and "last_name" in question:
        question.pop("full_name", None)  # it is for those without the two
    return question


def _records(answer: Answer) -> list[Json] | None:
    """The records of a submission; None if it is not ready."""
    body = answer.json_object()
    if body.get("success") is False:
        return None
    records = body.get("data")
    if not isinstance(records, list):
        raise MalformedAnswerError("dropcontact sent no list of contacts.")
    return records


def _emails(record: Json) -> list[Json]:
    return [each for each in list_at(record, "email") if value_at(each, "email")]


def _qualifications(record: Json) -> list[tuple[str, str]]:
    """``"catch-all@pro"`` → ``("catch_all", "pro")``, for each e-mail."""
    return [_qualification(email) for email in _emails(record)]


def _qualification(email: Json) -> tuple[str, str]:
    raw = value_at(email, "qualification")
    text = raw.lower().replace("-", "_") if isinstance(raw, str) else ""
    first, _, second = text.partition("@")
    return first, second


def _values(record: Json) -> dict[str, Found]:
    raw = {ours: value_at(record, theirs) for ours, theirs in _FIELDS.items()}
    values = canonical({**raw, "title": value_at(record, "job")}, CONFIDENCE)
    emails = zip(_emails(record), _qualifications(record), strict=True)
    usable = [
        (value_at(email, "email"), _STATUSES[first])
        for email, (first, second) in emails
        if first in _STATUSES and second in _WORK
    ]
    for status in dict.fromkeys(_STATUSES.values()):
        addresses = [address for address, its in usable if its == status]
        if found := first_usable("email", addresses, CONFIDENCE):
            return with_email_status({**values, **found}, status)
    return values
