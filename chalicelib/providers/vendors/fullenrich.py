"""Submits people to FullEnrich, a hundred in a call, and collects their work e-mails when it has found them.

Sources: FullEnrich's documentation (https://docs.fullenrich.com/api/v2) and its OpenAPI (github.com/api-evangelist/
fullenrich). Documented: endpoints, fields, statuses, prices, limits; ``custom`` is repeated unchanged; 400 is
"not ready" while it searches, 402 has the result as far as it got; there is no idempotency: contacts that are
sent again are searched again. Not documented: what the job statuses RATE_LIMIT and UNKNOWN mean (read as "still
searching"), and the codes of errors, so only HTTP statuses count. Known from public clients alone: ``datas`` in
place of ``data``, and ``linkedin`` in place of ``professional_network``.

Personal e-mails cost three credits and phones ten: they are not asked for. With ``forceResults`` answers would
come sooner, but "this may result in missing information"; it is not used.
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
    credits_of,
    list_at,
    value_at,
    with_email_status,
)
from chalicelib.settings import ProviderSettings

BASE_URL = "https://app.fullenrich.com/api/v2"
#: 60 calls in a minute for all endpoints: half of them are for submitting, half for collecting.
PUBLISHED = Terms(batch_size=100, credits=1.0, limits=(Limit(30, 60),))
NEEDS = (*any_of("linkedin_url"), *name_with("company", "company_domain"))
#: "Most enrichments complete within 30 to 90 seconds per contact", on the average 56.
WAIT = 60.0
SUBMITTING = Meanings(
    "fullenrich",
    {
        "200": Meaning.MATCH,
        "400": Meaning.REFUSED,
        "401": Meaning.BAD_KEY,
        "402": Meaning.OUT_OF_CREDITS,
        "403": Meaning.BAD_KEY,
        "429": Meaning.THROTTLED,
    },
)
#: The statuses of calls, and the words for those of a whole submission.
COLLECTING = Meanings(
    "fullenrich",
    {
        "400": Meaning.PENDING,
        "401": Meaning.BAD_KEY,
        "402": Meaning.OUT_OF_CREDITS,
        "403": Meaning.BAD_KEY,
        "404": Meaning.REFUSED,  # unknown, or older than three months
        "429": Meaning.THROTTLED,
        "FINISHED": Meaning.MATCH,
        "CREDITS_INSUFFICIENT": Meaning.OUT_OF_CREDITS,
        "CANCELED": Meaning.REFUSED,
        **dict.fromkeys(("CREATED", "IN_PROGRESS", "RATE_LIMIT", "UNKNOWN"), Meaning.PENDING),
    },
)
#: It gives no score. An e-mail is no surer than its status: 2 % of DELIVERABLE ones bounce.
CONFIDENCE = 0.9
#: "If a Deliverable, High Probability, or Catch-all email is found, 1 credit will be used."
BILLED = ("DELIVERABLE", "HIGH_PROBABILITY", "CATCH_ALL")


class FullEnrichProvider:
    """Satisfies ``AnswersLater``."""

    name = "fullenrich"
    fields = frozenset(
        {"first_name", "last_name", "full_name", "email", "email_status", "title", "company"}
        | {"company_domain", "linkedin_url", "city", "region", "country"}
    )

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
        asked = {"enrich_fields": ["contact.work_emails"]}
        data = [
            {**_question(contact.known), **asked, "custom": {"contact_id": contact_id}}
            for contact_id, contact in sent.items()
        ]
        body = {"name": "Contact enrichment", "data": data}
        # One contact that it cannot search for is skipped then; else it would refuse all.
        params = {"silentFail": "true"}
        answer = self._client.post("/contact/enrich/bulk", body, self._headers(), params)
        SUBMITTING.outcome(answer.status, wait=answer.seconds("Retry-After"))
        submission = answer.json_object().get("enrichment_id")
        return tickets(self.name, submission, sent, WAIT, self.terms.credits)

    def collect(self, submission: str, contacts: Mapping[str, Contact]) -> Mapping[str, Outcome]:
        """One call. All answers come at once; where the credits did not suffice, those that were found."""
        with costing_nothing():
            path = f"/contact/enrich/bulk/{submission}"
            answer = self._client.get(path, {}, self._headers())
            return self._read(answer, contacts)

    def _read(self, answer: Answer, contacts: Mapping[str, Contact]) -> Mapping[str, Outcome]:
        body, status = _result(answer)
        meaning = COLLECTING.of(status, otherwise=_unknown(answer))
        if meaning is Meaning.PENDING:
            return {}
        records = _records(body, is_complete=meaning is Meaning.MATCH)
        outcomes = {
            contact_id: self._outcome(record, contacts.get(contact_id))
            for contact_id, record in records.items()
        }
        found = {contact_id for contact_id in contacts if _is_billed(records.get(contact_id))}
        if meaning.is_error and not found:
            raise COLLECTING.error(meaning, status, answer.seconds("Retry-After"))
        final = found if meaning.is_error else contacts
        return with_total(outcomes, credits_of(value_at(body, "cost", "credits")), final)

    def _outcome(self, record: Json, contact: Contact | None) -> Outcome:
        """``contact``: None for one of the submission whose answer is not asked for now."""
        credits = self.terms.credits if _is_billed(record) else 0.0
        if contact is None:
            return NoMatch(credits)
        values = _values(record)
        # The question is repeated in the answer. Neither it nor the answer may be about somebody else.
        if any(is_somebody_else(contact.known, told) for told in (_repeated(record), values)):
            return NoMatch(credits)
        return Match(values, credits) if values else NoMatch(credits)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._client.key}"}


def _question(known: Mapping[str, str]) -> dict[str, str]:
    first, last = first_and_last(known)
    question = {
        **{"first_name": first, "last_name": last},
        "domain": known.get("company_domain", ""),
        "company_name": known.get("company", ""),
        "linkedin_url": known.get("linkedin_url", ""),
    }
    return {name: text for name, text in question.items() if text}


def _result(answer: Answer) -> tuple[Json, int | str]:
    """The body, and the status of the submission; that of the call if the call failed."""
    if answer.status != 200:
        return answer.json_object_or_empty(), answer.status
    body = answer.json_object()
    status = body.get("status")
    if not isinstance(status, str):
        raise MalformedAnswerError("fullenrich did not say how far the submission is.")
    return body, status


def _unknown(answer: Answer) -> Meaning:
    """What a status means that is not in the table: a word for the submission that is new, or an error."""
    return Meaning.PENDING if answer.status == 200 else Meaning.UNAVAILABLE


def _records(body: Json, is_complete: bool) -> dict[str, Json]:
    lists = [body[name] for name in ("data", "datas") if isinstance(body.get(name), list)]
    if is_complete and not lists:
        raise MalformedAnswerError("fullenrich sent no list of contacts.")
    records = [record for records in lists for record in records]
    return records_by_id((value_at(record, "custom", "contact_id"), record) for record in records)


def _is_billed(record: Json) -> bool:
    return value_at(_email(record), "status") in BILLED


def _email(record: Json) -> Json:
    """The most probable work e-mail of a record, or any that it was charged for."""
    info = value_at(record, "contact_info")
    emails = [value_at(info, "most_probable_work_email"), *list_at(info, "work_emails")]
    given = [email for email in emails if value_at(email, "email")]
    billed = [email for email in given if value_at(email, "status") in BILLED]
    return next(iter(billed or given), None)


def _values(record: Json) -> dict[str, Found]:
    profile = value_at(record, "profile")
    job = value_at(profile, "employment", "current")
    networks = value_at(profile, "social_profiles")
    email = _email(record)
    raw = {
        "first_name": value_at(profile, "first_name"),
        "last_name": value_at(profile, "last_name"),
        "full_name": value_at(profile, "full_name"),
        "email": value_at(email, "email"),
        "title": value_at(job, "title"),
        "company": value_at(job, "company", "name"),
        "company_domain": value_at(job, "company", "domain"),
        "linkedin_url": value_at(networks, "professional_network", "url")
        or value_at(networks, "linkedin", "url"),
        "city": value_at(profile, "location", "city"),
        "region": value_at(profile, "location", "region"),
        "country": value_at(profile, "location", "country_code"),
    }
    values = canonical(raw, CONFIDENCE)
    return with_email_status(values, value_at(email, "status")) if "email" in values else values


def _repeated(record: Json) -> dict[str, Found]:
    asked = value_at(record, "input")
    raw = {
        "first_name": value_at(asked, "first_name"),
        "last_name": value_at(asked, "last_name"),
        "full_name": value_at(asked, "full_name"),
        "company": value_at(asked, "company_name"),
        "linkedin_url": value_at(asked, "professional_network_url")
        or value_at(asked, "linkedin_url"),
    }
    return canonical(raw, CONFIDENCE)
