"""First floor: People Data Labs. Contacts go in, a hundred a call; what PDL knows of them comes out.

Sources: PDL's OpenAPI description (peopledatalabs/openAPI-specifications), docs.peopledatalabs.com
(bulk-enrichment-api, errors, fields, output-response-person-enrichment-api) and its own SDKs.
The sandbox (free, invented people) is PDL_BASE_URL=https://sandbox.api.peopledatalabs.com.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chalicelib.model.contacts import Contact
from chalicelib.model.errors import MalformedAnswerError
from chalicelib.providers.alignment import Identity, align, identity_of, share_credits
from chalicelib.providers.answer import Answer
from chalicelib.providers.base import Found, Limit, Match, NoMatch, Outcome, Pending, Terms
from chalicelib.providers.http import apply_settings, make_client
from chalicelib.providers.values import Json, canonical, confidence_of, value_at
from chalicelib.providers.vendors.pdl_errors import is_miss, is_trouble, status_of, trouble_of
from chalicelib.settings import ProviderSettings

BASE_URL = "https://api.peopledatalabs.com"
#: 100 requests a call (docs: bulk-enrichment-api), a credit for each that is found; 1,000 calls a
#: minute on paid plans (docs: usage-limits), 100 on the free one: PDL_CALLS_PER_MINUTE=100.
PUBLISHED = Terms(batch_size=100, parallel=4, credits=1.0, limits=(Limit(1000, 60),))

#: Likelihoods go from 1 to 10, logarithmically: of those of 2 one in five is the right person. The
#: docs recommend 6. What is less likely is neither told nor billed.
MIN_LIKELIHOOD = 6
#: Not ``emails``: those are historical, and "should not be used for outreach" (docs: fields).
EMAIL_FIELDS = "work_email,recommended_personal_email"
#: Seconds. PDL could not look one person up (5xx), or not pay for the last ones of a call (402): they
#: are asked for again, and it is seen then whether that is so for all.
FAILED_AGAIN, UNPAID_AGAIN = 20.0, 1.0

#: Our field → PDL's parameter, in bulk requests as in single ones.
_PARAMS = {
    **{"email": "email", "phone": "phone", "linkedin_url": "profile"},
    **{"first_name": "first_name", "last_name": "last_name", "full_name": "name"},
    **{"company": "company", "city": "locality", "region": "region", "country": "country"},
}
#: Our field → PDL's in the answer.
_TOLD = {
    **{"first_name": "first_name", "last_name": "last_name", "full_name": "full_name"},
    **{"title": "job_title", "company": "job_company_name"},
    **{"company_domain": "job_company_website", "linkedin_url": "linkedin_url"},
    **{"city": "location_locality", "region": "location_region", "country": "location_country"},
}
_PHONES = ("mobile_phone", "phone_numbers")
_ALL_EMAILS = ("work_email", "recommended_personal_email", "personal_emails")


class PeopleDataLabsProvider:
    """Satisfies ``Provider``. PDL_EMAIL_FIELDS: PDL's e-mail fields, best first;
    PDL_MIN_LIKELIHOOD: 1 to 10.
    """

    name = "pdl"
    fields = frozenset({"email", "phone", *_TOLD})

    def __init__(self, settings: ProviderSettings, key: Callable[[], str]) -> None:
        self.terms = apply_settings(PUBLISHED, settings)
        fields = settings.extra.get("EMAIL_FIELDS") or EMAIL_FIELDS
        self._email_fields = tuple(field.strip() for field in fields.split(","))
        self._min_likelihood = int(settings.extra.get("MIN_LIKELIHOOD") or MIN_LIKELIHOOD)
        self._client = make_client("pdl", BASE_URL, settings, key)

    def identifies(self, contact: Contact) -> bool:
        """By an e-mail, a phone, a LinkedIn profile, or a name with a company or a place."""
        known = contact.known
        if not known.keys().isdisjoint(("email", "phone", "linkedin_url")):
            return True
        is_named = "full_name" in known or {"first_name", "last_name"} <= known.keys()
        around = ("company", "company_domain", "city", "region", "country")
        return is_named and not known.keys().isdisjoint(around)

    def enrich(self, contacts: Sequence[Contact], wanted: frozenset[str]) -> Sequence[Outcome]:
        """One call for all that can be asked for."""
        outcomes: list[Outcome] = [NoMatch() for _ in contacts]
        asked = [at for at, contact in enumerate(contacts) if self.identifies(contact)]
        if asked:
            told = self._ask([contacts[at] for at in asked])
            for place, outcome in zip(asked, told, strict=True):
                outcomes[place] = outcome
        return outcomes

    def _ask(self, contacts: Sequence[Contact]) -> list[Outcome]:
        body = {
            "requests": [
                {"params": _params(contact.known), "metadata": {"contact": str(number)}}
                for number, contact in enumerate(contacts)
            ],
            "min_likelihood": self._min_likelihood,
            "titlecase": True,  # else all is in lower case
        }
        headers = {"X-Api-Key": self._client.key}
        answer = self._client.post("/v5/person/bulk", body, headers)
        if is_miss(answer):
            return [NoMatch() for _ in contacts]
        if answer.status != 200:
            raise trouble_of(answer.status, answer)
        return self._read(answer, contacts)

    def _read(self, answer: Answer, contacts: Sequence[Contact]) -> list[Outcome]:
        items = answer.json()
        statuses = [status_of(item) for item in items] if isinstance(items, list) else []
        if not any(statuses):
            raise MalformedAnswerError("pdl answered with something else than a list of answers.")
        if all(map(is_trouble, statuses)):
            raise trouble_of(statuses[0], answer)
        outcomes = [self._outcome(item) for item in _own_items(items, contacts)]
        spent = answer.number("x-call-credits-spent")
        found = self.terms.credits * statuses.count(200)
        return share_credits(outcomes, found if spent is None else spent)

    def _outcome(self, item: Json) -> Outcome:
        status = status_of(item)
        if is_trouble(status):
            return Pending(UNPAID_AGAIN if status == 402 else FAILED_AGAIN)
        if status != 200:
            return NoMatch()
        likelihood = confidence_of(value_at(item, "likelihood"), 10, self._min_likelihood / 10)
        values = _values(value_at(item, "data"), self._email_fields, likelihood)
        return Match(values) if values else NoMatch()


def _params(known: Mapping[str, str]) -> dict[str, str]:
    """No blanks: PDL refuses them (docs: no-results-found)."""
    params = {theirs: known[ours] for ours, theirs in _PARAMS.items() if ours in known}
    if "company" not in params and "company_domain" in known:
        params["company"] = known["company_domain"]  # a name or a website
    return params


def _values(data: Json, email_fields: Sequence[str], likelihood: float) -> dict[str, Found]:
    told = {ours: value_at(data, theirs) for ours, theirs in _TOLD.items()}
    values = canonical(told, likelihood)
    for field, theirs in (("email", email_fields), ("phone", _PHONES)):
        texts = (text for name in theirs for text in _several(value_at(data, name)))
        readings = (canonical({field: text}, likelihood) for text in texts)
        values |= next(filter(None, readings), {})
    return values


def _several(told: Json) -> list[Json]:
    return told if isinstance(told, list) else [told]


def _own_items(items: Sequence[Json], contacts: Sequence[Contact]) -> list[Json]:
    """Each contact's item: by the metadata that PDL repeats, by identity where it does not."""
    signed: dict[str, Json] = {}
    unsigned = []
    for item in items:
        sign = value_at(item, "metadata", "contact")
        if isinstance(sign, str):
            signed[sign] = item
        elif isinstance(value_at(item, "data"), dict):
            unsigned.append((_identity(value_at(item, "data")), item))
    by_identity = align([contact.known for contact in contacts], unsigned)
    return [signed.get(str(number), item) for number, item in enumerate(by_identity)]


def _identity(data: Json) -> Identity:
    """By all addresses and numbers of a person, former ones too."""
    told = [_values(data, [field], 0) for field in _ALL_EMAILS]
    former = [
        canonical({"email": value_at(e, "address")}, 0) for e in _several(value_at(data, "emails"))
    ]
    return identity_of(*({f: found.value for f, found in e.items()} for e in (*told, *former)))
