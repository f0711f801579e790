"""Asks People Data Labs (PDL) for contacts, a hundred in a call.

Sources: PDL's OpenAPI description (peopledatalabs/openAPI-specifications), docs.peopledatalabs.com
(bulk-enrichment-api, errors, usage-limits, fields, output-response-person-enrichment-api) and its own
SDKs. The sandbox (free, invented people) is PDL_BASE_URL=https://sandbox.api.peopledatalabs.com.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chalicelib.model.contacts import Contact
from chalicelib.model.errors import MalformedAnswerError
from chalicelib.providers.alignment import Identity, align, identity_of, share_credits
from chalicelib.providers.answer import Answer, Json
from chalicelib.providers.base import (
    Found,
    Limit,
    Match,
    NoMatch,
    Outcome,
    Pending,
    Terms,
    any_of,
    meets,
    name_with,
)
from chalicelib.providers.http import apply_settings, make_client
from chalicelib.providers.meanings import Meaning, Meanings
from chalicelib.providers.values import canonical, confidence_of, first_usable, value_at
from chalicelib.providers.vendors.pdl_dialects import item_status, seconds_to_wait
from chalicelib.settings import ProviderSettings

BASE_URL = "https://api.peopledatalabs.com"
#: 100 requests a call (docs: bulk-enrichment-api), a credit for each that is found; 1,000 calls a
#: minute on paid plans (docs: usage-limits), 100 on the free one: PDL_CALLS_PER_MINUTE=100.
PUBLISHED = Terms(batch_size=100, parallel=4, credits=1.0, limits=(Limit(1000, 60),))
NEEDS = (
    *any_of("email", "phone", "linkedin_url"),
    *name_with("company", "company_domain", "city", "region", "country"),
)
MEANINGS = Meanings(
    "pdl",
    {
        "200": Meaning.MATCH,
        "401": Meaning.BAD_KEY,
        "402": Meaning.OUT_OF_CREDITS,
        "403": Meaning.BAD_KEY,
        # Any other 404 is a wrong address and says nothing of a person.
        "404 not_found": Meaning.NO_MATCH,
        "429": Meaning.THROTTLED,
    },
)

#: Likelihoods go from 1 to 10 on a logarithmic scale: of those of 2, one in five is the right person. The
#: docs recommend 6. PDL neither returns nor charges for what is less likely.
MIN_LIKELIHOOD = 6
#: Not ``emails``: those are historical, and "should not be used for outreach" (docs: fields).
EMAIL_FIELDS = "work_email,recommended_personal_email"
#: Seconds until single contacts of a call are asked for again: those that PDL failed to look up (5xx), and
#: the last ones of a call for which the credits did not suffice (402). The next call shows whether it
#: fails for all.
FAILED_SECONDS, UNPAID_SECONDS = 20.0, 1.0

#: Our field → PDL's parameter, in bulk requests as in single ones.
_PARAMETERS = {
    **{"email": "email", "phone": "phone", "linkedin_url": "profile"},
    **{"first_name": "first_name", "last_name": "last_name", "full_name": "name"},
    **{"company": "company", "city": "locality", "region": "region", "country": "country"},
}
#: Our field → PDL's in the answer.
_ANSWER_FIELDS = {
    **{"first_name": "first_name", "last_name": "last_name", "full_name": "full_name"},
    **{"title": "job_title", "company": "job_company_name"},
    **{"company_domain": "job_company_website", "linkedin_url": "linkedin_url"},
    **{"city": "location_locality", "region": "location_region", "country": "location_country"},
}
_PHONES = ("mobile_phone", "phone_numbers")
_ALL_EMAILS = ("work_email", "recommended_personal_email", "personal_emails")


class PeopleDataLabsProvider:
    """Satisfies ``Provider``. PDL_EMAIL_FIELDS: PDL's e-mail fields, best first;
    PDL_MIN_LIKELIHOOD: 1 to 10; PDL_REQUIRED: what a match must have to be returned, and charged.
    """

    name = "pdl"
    fields = frozenset({"email", "phone", *_ANSWER_FIELDS})

    def __init__(self, settings: ProviderSettings, key: Callable[[], str]) -> None:
        self.terms = apply_settings(PUBLISHED, settings)
        fields = settings.extra.get("EMAIL_FIELDS") or EMAIL_FIELDS
        self._email_fields = tuple(field.strip() for field in fields.split(","))
        self._min_likelihood = int(settings.extra.get("MIN_LIKELIHOOD") or MIN_LIKELIHOOD)
        # Not the fields that a job wants: its misses would then be kept as answers for jobs that want others.
        required = settings.extra.get("REQUIRED")
        self._required = {"required": required} if required else {}
        self._client = make_client(self.name, BASE_URL, settings, key)

    def identifies(self, contact: Contact) -> bool:
        """By an e-mail, a phone, a LinkedIn profile, or a name with a company or a place."""
        return meets(contact, NEEDS)

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One call for all contacts."""
        body = {
            "requests": [
                {"params": _params(contact.known), "metadata": {"contact": str(number)}}
                for number, contact in enumerate(contacts)
            ],
            "min_likelihood": self._min_likelihood,
            "titlecase": True,  # else all texts are in lower case
            **self._required,
        }
        headers = {"X-Api-Key": self._client.key}
        answer = self._client.post("/v5/person/bulk", body, headers)
        outcome = MEANINGS.outcome(answer.status, _code(answer), seconds_to_wait(answer))
        if outcome is not None:
            return [outcome for _ in contacts]
        return self._read(answer, contacts)

    def _read(self, answer: Answer, contacts: Sequence[Contact]) -> list[Outcome]:
        items = answer.json()
        statuses = [item_status(item) for item in items] if isinstance(items, list) else []
        if not any(statuses):
            raise MalformedAnswerError("pdl did not answer with a list of answers.")
        if all(_meaning(status).is_error for status in statuses):
            raise MEANINGS.error(_meaning(statuses[0]), statuses[0], seconds_to_wait(answer))
        outcomes = [self._outcome(item) for item in _items_of(contacts, items)]
        spent = answer.number("x-call-credits-spent")
        found = self.terms.credits * statuses.count(200)
        return share_credits(outcomes, found if spent is None else spent)

    def _outcome(self, item: Json) -> Outcome:
        meaning = _meaning(item_status(item))
        if meaning.is_error:
            is_unpaid = meaning is Meaning.OUT_OF_CREDITS
            return Pending(UNPAID_SECONDS if is_unpaid else FAILED_SECONDS)
        if meaning is Meaning.NO_MATCH:
            return NoMatch()
        score = value_at(item, "likelihood")
        likelihood = confidence_of(score, 10, self._min_likelihood / 10)
        values = _values(value_at(item, "data"), self._email_fields, likelihood)
        emails = _identity(value_at(item, "data")).emails
        return Match(values, known_by=emails) if values else NoMatch()


def _code(answer: Answer) -> str:
    """Tells PDL's own 404s, in any of their forms, from those of a proxy or a wrong address."""
    if answer.status != 404:
        return ""
    return "not_found" if item_status(answer.json_object_or_empty()) == 404 else ""


def _meaning(status: int) -> Meaning:
    """What the status of one item means: a miss, unless PDL says that it could not look it up."""
    otherwise = Meaning.UNAVAILABLE if status >= 500 else Meaning.NO_MATCH
    return MEANINGS.of(status, otherwise=otherwise)


def _params(known: Mapping[str, str]) -> dict[str, str]:
    """The parameters without blanks: PDL refuses those (docs: no-results-found)."""
    params = {theirs: known[ours] for ours, theirs in _PARAMETERS.items() if ours in known}
    if "company" not in params and "company_domain" in known:
        params["company"] = known["company_domain"]  # a name or a website
    return params


def _values(data: Json, email_fields: Sequence[str], confidence: float) -> dict[str, Found]:
    raw = {ours: value_at(data, theirs) for ours, theirs in _ANSWER_FIELDS.items()}
    values = canonical(raw, confidence)
    for field, names in (("email", email_fields), ("phone", _PHONES)):
        texts = [text for name in names for text in _list(value_at(data, name))]
        values |= first_usable(field, texts, confidence)
    return values


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _items_of(contacts: Sequence[Contact], items: Sequence[Json]) -> list[Json]:
    """Each contact's item: by the metadata that PDL repeats, by identity if it does not."""
    by_number: dict[str, Json] = {}
    unnumbered = []
    for item in items:
        number = value_at(item, "metadata", "contact")
        if isinstance(number, str):
            by_number[number] = item
        elif isinstance(value_at(item, "data"), dict):
            unnumbered.append((_identity(value_at(item, "data")), item))
    by_identity = align([contact.known for contact in contacts], unnumbered)
    return [by_number.get(str(number), item) for number, item in enumerate(by_identity)]


def _identity(data: Json) -> Identity:
    """By all addresses and numbers of a person, former ones too."""
    current = [_values(data, [field], 0) for field in _ALL_EMAILS]
    former = [
        canonical({"email": value_at(e, "address")}, 0) for e in _list(value_at(data, "emails"))
    ]
    records = ({f: found.value for f, found in values.items()} for values in (*current, *former))
    return identity_of(*records)
