"""Providers that are declared: what may be declared, and what then happens."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from chalicelib.identity.contact import parse_contact
from chalicelib.model.contacts import Contact
from chalicelib.model.errors import (
    BadKeyError,
    InvalidRequestError,
    MalformedAnswerError,
    OutOfCreditsError,
    ThrottledError,
    UnavailableError,
)
from chalicelib.number_settings import WrongSettingError
from chalicelib.providers import ProviderFactory
from chalicelib.providers.base import Limit, Match, NoMatch, Outcome, Pending, Suppressed, Terms
from chalicelib.providers.declared.files import OWN_FOLDER
from chalicelib.providers.declared.provider import DeclaredProvider, create_declared
from chalicelib.providers.declared.reader import read_declaration
from chalicelib.providers.meanings import Meaning
from chalicelib.settings import ProviderSettings
from tests.vendors.server import VendorServer
from tests.vendors.vendor import Reply

FOLDER = Path(__file__).parents[3] / "vendors" / "declarations"
KEY = "custom-secret-0123456789abcdef"
KEY_ONE = "custom_one-secret-0123456789abcdef"


@pytest.fixture
def server() -> Iterator[VendorServer]:
    with VendorServer() as server:
        for name in ("custom", "custom_one"):
            server[name].configure(coverage=1.0)
        yield server


@pytest.fixture
def batch(server: VendorServer) -> DeclaredProvider:
    settings = ProviderSettings(base_url=server.url("custom"))
    return create_declared(FOLDER / "custom.yaml", settings, lambda: KEY)


@pytest.fixture
def single(server: VendorServer) -> DeclaredProvider:
    settings = ProviderSettings(base_url=server.url("custom_one"))
    return create_declared(FOLDER / "custom_one.json", settings, lambda: KEY_ONE)


def people(number: int) -> list[Contact]:
    return [parse_contact({"email": f"ada.{n}@example.com"}) for n in range(number)]


def ask(provider: DeclaredProvider, contacts: Sequence[Contact]) -> Sequence[Outcome]:
    return provider.enrich(contacts, provider.fields)


def told(outcome: Outcome) -> dict[str, str]:
    assert isinstance(outcome, Match), outcome
    return {field: found.value for field, found in outcome.values.items()}


# What happens.


def test_a_batch_is_one_call(server, batch):
    contacts = people(25)
    outcomes = ask(batch, contacts)
    assert [told(o)["email"] for o in outcomes] == [c.known["email"] for c in contacts]
    assert server["custom"].account.calls == 1
    assert sum(o.credits for o in outcomes) == server["custom"].account.credits == 50
    values = told(outcomes[0])
    assert values["full_name"] == f"{values['first_name']} {values['last_name']}"
    assert values["linkedin_url"].startswith("https://www.linkedin.com/in/")
    assert len(values["country"]) == 2
    assert outcomes[0].values["title"].confidence == 0.8


def test_terms_and_fields_are_the_declared_ones(batch, single):
    assert (batch.terms.batch_size, batch.terms.parallel, batch.terms.credits) == (25, 2, 2.0)
    assert batch.terms.limits == (Limit(50, 1),)
    assert batch.terms.needs_key
    assert "linkedin_url" in batch.fields
    assert (single.terms.batch_size, single.terms.parallel, single.terms.limits) == (1, 4, ())


@pytest.mark.parametrize("faults", [["reorder"], ["repeat"], ["reorder", "no_ref"]])
def test_answers_find_their_contacts_in_any_order(server, batch, faults):
    for fault in faults:
        server["custom"].faults.add(fault)
    contacts = people(10)
    outcomes = ask(batch, contacts)
    assert [told(o)["email"] for o in outcomes] == [c.known["email"] for c in contacts]


def test_an_item_that_names_two_contacts_is_nobodys(server, batch):
    server["custom"].faults.add("wrong_ref")
    assert ask(batch, people(3)) == [NoMatch()] * 3


@pytest.mark.parametrize("expression", ["length(people[0].checked.x)", "sum(people)", "abs(`[]`)"])
def test_expressions_made_for_other_types_find_nothing(server, tmp_path, expression):
    fields = {"title": expression, "company": "people[0].job.at.name"}
    provider = declared(tmp_path, server, answer={"fields": fields})
    assert told(ask(provider, people(1))[0]).keys() == {"company"}


@pytest.mark.parametrize("faults", [["shorten"], ["shorten", "no_ref"]])
def test_what_is_left_out_is_a_miss_and_nobody_moves_up(server, batch, faults):
    for fault in faults:
        server["custom"].faults.add(fault)
    contacts = people(10)
    first, *others = ask(batch, contacts)
    assert first == NoMatch()
    assert [told(o)["email"] for o in others] == [c.known["email"] for c in contacts[1:]]


def test_placeholders_without_a_value_are_left_out(server, batch):
    contacts = [parse_contact({"phone": "+12025550143"}), *people(1)]
    outcomes = ask(batch, contacts)
    assert told(outcomes[0])["phone"] == "+12025550143"
    assert set(server["custom"].account.lookups) == {"+12025550143", "ada.0@example.com"}


@pytest.mark.parametrize(
    ("row", "enough"),
    [
        ({"phone": "+12025550143"}, True),
        ({"full_name": "Ada Abara", "company": "Larkspur"}, True),
        ({"full_name": "Ada Abara"}, False),
        ({"first_name": "Ada"}, False),
    ],
)
def test_any_alternative_of_needs_is_enough(batch, row, enough):
    assert batch.identifies(parse_contact(row)) is enough


def test_the_status_of_an_address_goes_with_the_address(server, tmp_path):
    """A finder's bad address is left out; a verifier says it of the one that it was asked about."""
    server["custom_one"].configure(coverage=1.0)
    status = "'invalid'"
    finder = declared(
        tmp_path, server, answer={"fields": {"email": "'a@x.org'", "email_status": status}}
    )
    assert ask(finder, people(1)) == [NoMatch(2.0)]
    hidden = declared(
        tmp_path, server, answer={"fields": {"email": "'j***@x.org'", "email_status": status}}
    )
    assert ask(hidden, people(1)) == [NoMatch(2.0)]
    verifier = declared(tmp_path, server, answer={"fields": {"email_status": status}})
    assert told(ask(verifier, people(1))[0]) == {"email_status": "invalid"}


@pytest.mark.parametrize(
    ("told_cost", "booked"),
    [(1, 1.0), (0, 0.0), (0.5, 0.5), (3, 3.0), ("1", 2.0), (True, 2.0), (-1, 2.0), (None, 2.0)],
)
def test_what_an_answer_says_it_cost_is_booked(server, tmp_path, told_cost, booked):
    provider = declared(tmp_path, server, price={"credits": 2, "charged": "meta.cost"})
    ask(provider, people(1))
    body = dict(server["custom_one"].last_reply.body)
    server["custom_one"].script = Reply(200, {**body, "meta": {"cost": told_cost}})
    (outcome,) = ask(provider, people(1))
    assert isinstance(outcome, Match)
    assert outcome.credits == booked
    server["custom_one"].script = Reply(200, {"people": [], "meta": {"cost": told_cost}})
    (outcome,) = ask(provider, people(1))
    assert outcome == NoMatch(0.0 if booked == 2.0 else booked), "a miss that was charged, too"


@pytest.mark.parametrize(
    ("known", "is_used"),
    [
        ({"full_name": "Ada Abara", "company": "Larkspur"}, True),
        ({"full_name": "Ada Abara", "company": "Ninebark Foods"}, False),
        ({"full_name": "Ada Abara", "company": "Ninebark", "phone": "+12025550143"}, True),
    ],
)
def test_whom_only_a_company_tells_from_others_is_not_found_at_another(
    server, batch, known, is_used
):
    person = {"names": {"first": "Ada", "last": "Abara"}, "job": {"at": {"name": "Larkspur Ltd"}}}
    result = {"ref": "0", "state": "FOUND", "person": person}
    server["custom"].script = Reply(200, {"out": {"results": [result]}})
    (outcome,) = ask(batch, [parse_contact(known)])
    assert isinstance(outcome, Match) is is_used
    assert outcome.credits == 2


def test_a_word_may_say_that_a_contact_is_refused(server, tmp_path):
    provider = declared(
        tmp_path,
        server,
        answer={"status": "people[0].checked", "fields": {"title": "people[0].job.title"}},
        statuses={"accept_all": "refused"},
    )
    assert ask(provider, people(1)) == [NoMatch()], "asking again cannot help"


def test_items_have_meanings_of_their_own(server, batch):
    server["custom"].configure(coverage=0.0)
    assert ask(batch, people(2)) == [NoMatch(), NoMatch()]
    for quirk, outcome in (("opted_out", Suppressed()), ("working", Pending(60.0))):
        server["custom"].faults.add(quirk)
        assert ask(batch, people(2)) == [outcome, outcome]
    assert server["custom"].account.credits == 0


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        *(("throttle", ThrottledError), ("out_of_credits", OutOfCreditsError)),
        *(("bad_key", BadKeyError), ("bad_request", UnavailableError)),
        *(("broken", UnavailableError), ("wrong_shape", MalformedAnswerError)),
    ],
)
def test_statuses_mean_what_is_declared(server, batch, fault, error):
    server["custom"].faults.add(fault, seconds=9)
    with pytest.raises(error) as raised:
        ask(batch, people(2))
    assert KEY not in str(raised.value)
    assert getattr(raised.value, "retry_after", 9) == 9  # by the declared header, X-Wait


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"errors": [{"code": "NO_MATCH"}]}, NoMatch()),
        ({"errors": [{"code": "NO_CREDITS"}]}, OutOfCreditsError),
        ({"errors": [{"code": "new"}]}, UnavailableError),
        ({"errors": "NO_MATCH"}, UnavailableError),
        ("<html>NO_MATCH</html>", UnavailableError),
    ],
)
def test_a_status_with_several_meanings_has_a_code(server, tmp_path, body, expected):
    answer = {"code": "errors[0].code", "fields": {"title": "job.title"}}
    statuses = {"400 NO_MATCH": "no_match", "400 NO_CREDITS": "out_of_credits"}
    provider = declared(tmp_path, server, answer=answer, statuses=statuses)
    server["custom_one"].script = Reply(400, body)
    if isinstance(expected, NoMatch):
        assert ask(provider, people(1)) == [expected]
    else:
        with pytest.raises(expected):
            ask(provider, people(1))


def test_masked_values_are_no_values(server, batch):
    server["custom"].faults.add("masked")
    assert "phone" not in told(ask(batch, people(1))[0])


def test_one_contact_a_call(server, single):
    (contact,) = people(1)
    (outcome,) = ask(single, [contact])
    assert server["custom_one"].account.calls == 1
    assert set(server["custom_one"].account.lookups) == {contact.known["email"]}
    assert told(outcome)["email_status"] == "catch_all"
    assert outcome.credits == 2.0


def test_meanings_of_a_single_call(server, single):
    for quirk, outcome in (("opted_out", Suppressed()), ("working", Pending(7.0))):
        server["custom_one"].faults.add(quirk)
        assert ask(single, people(1)) == [outcome]
    server["custom_one"].configure(coverage=0.0)
    assert ask(single, people(1)) == [NoMatch()]


@pytest.mark.parametrize("quirk", ["several", "null"])
def test_without_an_echo_only_a_single_item_is_believed(server, single, quirk):
    server["custom_one"].faults.add(quirk)
    assert ask(single, people(1)) == [NoMatch()]


def test_values_cannot_break_out_of_the_url(server, tmp_path):
    provider = declared(
        tmp_path,
        server,
        url="https://api.custom.example/v1/people/{company}",
        needs=[["company"]],
    )
    for company in ("a/../../b?x=1#y&z", "%2e%2e", "Müller & Söhne"):
        ask(provider, [parse_contact({"company": company})])
    names = set(server["custom_one"].account.lookups)
    assert names == {"a/../../b?x=1#y&z", "%2e%2e", "müller & söhne"}
    assert ask(provider, [parse_contact({"company": ".."})]) == [NoMatch()]
    assert server["custom_one"].account.calls == 3


def test_values_cannot_break_out_of_the_body(server, batch):
    name = 'Ada", "options": {"limit": 9}, "x": "{key}{email}'
    contact = Contact({}, {"full_name": name, "company": "{key}", "email": "ada@example.com"}, {})
    assert told(ask(batch, [contact])[0])["email"] == "ada@example.com"


def test_without_a_key_nothing_is_asked(server):
    settings = ProviderSettings(base_url=server.url("custom"))
    provider = create_declared(FOLDER / "custom.yaml", settings, str)
    with pytest.raises(BadKeyError, match="CUSTOM_API_KEY"):
        ask(provider, people(1))
    assert server["custom"].account.calls == 0


def test_misses_may_cost(server, tmp_path):
    provider = declared(tmp_path, server, price={"credits": 3, "bills_misses": True})
    server["custom_one"].configure(coverage=0.0)
    assert ask(provider, people(1)) == [NoMatch(3.0)]


def test_what_was_found_and_cannot_be_used_was_paid_for(server, tmp_path):
    server["custom_one"].faults.add("masked")
    provider = declared(
        tmp_path, server, answer={"items": "people", "fields": {"phone": "reach.phones[0]"}}
    )
    assert ask(provider, people(1)) == [NoMatch(2.0)]


def test_an_objection_against_a_batch_is_against_nobody(server, tmp_path):
    told_of_batch = {"statuses": {"420": "suppressed", "WORKING": "pending"}}
    provider = declared(tmp_path, server, source="custom", **told_of_batch)
    server["custom"].faults.add("throttle")
    with pytest.raises(UnavailableError):
        ask(provider, people(2))


def test_redirects_are_not_followed(server, single):
    server["custom_one"].faults.add("redirect")
    with pytest.raises(UnavailableError):
        ask(single, people(1))
    assert server.strayed == 0


# What may be declared.

GOOD = json.loads((FOLDER / "custom_one.json").read_text())


def declared(
    folder: Path, server: VendorServer, source: str = "custom_one", **changes: Any
) -> DeclaredProvider:
    """A declaration of the folder with changes, as a provider."""
    good = read_declared(source)
    (folder / f"{source}.json").write_text(json.dumps({**good, **changes}))
    settings = ProviderSettings(base_url=server.url(source))
    return create_declared(folder / f"{source}.json", settings, lambda: server[source].key)


def read_declared(name: str) -> dict[str, Any]:
    import yaml  # JSON is YAML

    path = next(FOLDER.glob(f"{name}.*"))
    whole: dict[str, Any] = yaml.safe_load(path.read_text())
    return whole


BATCH = {
    **{"method": "POST", "batch_size": 9, "contact": {"mail": "{email}"}},
    **{"body": ["{contacts}"], "url": "https://x.example/v1"},
    "answer": {"echo": {"email": "mail"}, "fields": {"title": "title"}},
}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "other"}, "name: must be the name of the file, custom_one"),
        ({"name": None}, "name: must be a text, and is missing"),
        ({"url": None}, "url: must be a text, and is missing"),
        ({"url": "http://api.example/{email}"}, r"url: must begin with https://.*loopback"),
        ({"url": "https://{email}.example/"}, "url: must begin with https://"),
        ({"url": "https://a:b@x.example/"}, "url: must begin with https://"),
        ({"url": "https://x.example:port/"}, "url: must begin with https://"),
        ({"url": "ftp://x.example/"}, "url: must begin with https://"),
        ({"url": "file:///etc/passwd"}, "url: must begin with https://"),
        ({"url": "https://x.example/?mail={email}"}, r"url: .* parameters belong in query"),
        ({"url": "https://x.example/{phone}"}, r"url: has \{phone\}, which not every alternative"),
        ({"url": "https://x.example/{key}"}, r"url: cannot have the placeholder \{key\}"),
        ({"method": "PUT"}, "method: must be GET or POST"),
        ({"body": {"mail": "{email}"}}, "method: must be POST if there is a body"),
        ({"headers": {"X-Mail": "{email}"}}, r"headers: cannot have the placeholder \{email\}"),
        ({"headers": {"X": 5}}, "headers.X: must be a text"),
        ({"query": {"q": "{emial}"}}, r"query: cannot have the placeholder \{emial\}; .*email"),
        ({"batch_size": 0}, "batch_size: must be a number from 1 to 1000"),
        ({"batch_size": 2.5}, "batch_size: must be a whole number from 1 to 1000"),
        ({"batch_size": True}, "batch_size: must be a number from 1 to 1000"),
        ({"parallel": "many"}, "parallel: must be a number from 1 to 64"),
        ({"needs": []}, "needs: must be a list of lists of fields"),
        ({"needs": ["email"]}, "needs: must be a list of lists of fields"),
        ({"needs": [["mail"]]}, "needs: fields are first_name, "),
        ({"answer": None}, "answer.fields: is needed"),
        ({"answer": []}, "answer must be an object"),
        ({"answer": {"fields": {"titel": "x"}}}, "answer.fields.titel: is unknown; .*title"),
        ({"answer": {"fields": {"title": "a[["}}}, "answer.fields.title: .* JMESPath"),
        ({"answer": {"fields": {"title": 5}}}, "answer.fields.title: must be a text"),
        ({"answer": {"fields": {"title": "a"}, "item": "x"}}, "answer.item: is unknown"),
        (
            {"answer": {"fields": {"title": "a"}, "confidence": 80}},
            "answer.confidence: must be a number from 0 to 1",
        ),
        (
            {"answer": {"fields": {"title": "a"}, "confidence": {"path": "x", "scale": 0}}},
            "answer.confidence.scale: must be a number",
        ),
        (
            {"answer": {"fields": {"title": "a"}, "echo": {"full_name": "x"}}},
            "answer.echo.full_name: is unknown; known are email, linkedin_url, number, phone",
        ),
        ({"statuses": {"404": "nothing"}}, "statuses.404: must be one of bad_key, match"),
        ({"statuses": {"503": "throttled"}}, "statuses.503: cannot be declared"),
        ({"statuses": {"503 busy": "throttled"}}, "statuses.503 busy: cannot be declared"),
        ({"price": {"credits": -1}}, "price.credits: must be a number from 0"),
        ({"price": {"credit": 1}}, "price.credit: is unknown; known are credits"),
        ({"price": {"bills_misses": "no"}}, "price.bills_misses: must be true or false"),
        ({"limits": [{"calls": 5}]}, r"limits\[0\].seconds: must be a number"),
        ({"limits": {"calls": 5, "seconds": 1}}, "limits: must be a list"),
        ({"batchsize": 5}, "batchsize: is unknown; known are name, "),
        ({"contact": {"mail": "{email}"}}, "contact: must be there for a batch_size above 1"),
        ({**BATCH, "contact": None}, "contact: must be there for a batch_size above 1"),
        ({**BATCH, "method": "GET"}, "method: must be POST if"),
        ({**BATCH, "body": {}}, r"body: must say where the list of contacts goes"),
        ({**BATCH, "body": ["{contacts}", "{email}"]}, r"body: cannot have .*\{email\}"),
        ({**BATCH, "query": {"token": "{email}"}}, r"query: cannot have .*\{email\}"),
        ({**BATCH, "contact": ["{key}"]}, r"contact: cannot have .*\{key\}"),
        ({**BATCH, "answer": {"fields": {"title": "a"}}}, "answer.echo: is needed for batches"),
        ({**BATCH, "url": "https://x.example/{email}"}, r"url: cannot have .*\{email\}"),
    ],
)
def test_mistakes_are_told_with_file_key_and_what_is_right(tmp_path, changes, message):
    path = tmp_path / "custom_one.json"
    wrong = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    path.write_text(json.dumps(wrong))
    with pytest.raises(InvalidRequestError, match=rf"^custom_one.json: .*{message}"):
        read_declaration(path)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.json", '{"name":\n "x",,}', "x.json: is not JSON, see line 2"),
        ("x.yaml", "name: x\nurl: [", r"x.yaml: cannot be read \(not YAML, see line 2"),
        ("x.yaml", "name: !!python/object:os.system x", "x.yaml: cannot be read"),
        ("x.json", "[]", "x.json: it must be an object"),
        ("x.yml", "", "x.yml: it must be an object"),
        ("x.yaml", "{[a]: b}", "x.yaml"),
    ],
)
def test_files_that_are_neither(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(InvalidRequestError, match=message):
        read_declaration(tmp_path / name)


def test_the_sample_is_right(tmp_path):
    path = tmp_path / "acme_data.yaml"
    path.write_text((OWN_FOLDER / "example.yaml.sample").read_text("utf-8"), "utf-8")
    told = read_declaration(path)
    assert told.terms == Terms(50, 2, 1.0, (Limit(10, 1), Limit(300, 60)))
    assert not [name for name in ProviderFactory().names if "example" in name]


def test_usual_meanings_need_not_be_declared(tmp_path):
    path = tmp_path / "custom_one.json"
    path.write_text(json.dumps({**GOOD, "statuses": {}}))
    assert read_declaration(path).meanings.of(402) is Meaning.OUT_OF_CREDITS


@pytest.mark.parametrize("url", ["http://127.0.0.1:8/x", "http://localhost/x", "http://[::1]:8/x"])
def test_http_is_for_loopback(tmp_path, url):
    path = tmp_path / "custom_one.json"
    path.write_text(json.dumps({**GOOD, "url": url}))
    assert read_declaration(path).path == "/x"


def test_the_base_url_of_the_environment_is_to_be_safe_too():
    settings = ProviderSettings(base_url="http://elsewhere.example")
    with pytest.raises(WrongSettingError, match="CUSTOM_ONE_BASE_URL"):
        create_declared(FOLDER / "custom_one.json", settings, str)


# Where declarations are found.


def test_declared_providers_are_listed_after_the_others(monkeypatch, tmp_path):
    before = ProviderFactory().names
    (tmp_path / "acme.json").write_text("not read for its name")
    (tmp_path / "notes.txt").write_text("not a declaration")
    monkeypatch.setenv("PROVIDER_DECLARATIONS", str(tmp_path))
    assert ProviderFactory().names == (*before, "acme")
    with pytest.raises(InvalidRequestError, match=r"acme\.json: is not JSON"):
        ProviderFactory().create("acme")
    assert ProviderFactory().create("offline")


def test_a_declared_provider_is_made_from_the_environment(server, monkeypatch):
    monkeypatch.setenv("PROVIDER_DECLARATIONS", str(FOLDER))
    monkeypatch.setenv("CUSTOM_BASE_URL", server.url("custom"))
    monkeypatch.setenv("CUSTOM_API_KEY", KEY)
    monkeypatch.setenv("CUSTOM_CREDITS", "5")
    provider = ProviderFactory().create("custom")
    (outcome,) = provider.enrich(people(1), provider.fields)
    assert outcome.credits == 5.0


@pytest.mark.parametrize("name", ["hunter.json", "Acme.json", "a-b.yaml", "1x.json"])
def test_names_that_cannot_be(monkeypatch, tmp_path, name):
    (tmp_path / name).write_text("{}")
    monkeypatch.setenv("PROVIDER_DECLARATIONS", str(tmp_path))
    with pytest.raises(InvalidRequestError, match=name):
        _ = ProviderFactory().names


def test_a_folder_that_is_not_there_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("PROVIDER_DECLARATIONS", str(tmp_path / "nowhere"))
    with pytest.raises(InvalidRequestError, match="PROVIDER_DECLARATIONS") as error:
        _ = ProviderFactory().names
    assert str(tmp_path) not in str(error.value)  # the answer to a request says it


def test_where_a_declaration_lies_is_not_told(monkeypatch, tmp_path):
    (tmp_path / "acme.json").mkdir()  # cannot be read
    monkeypatch.setenv("PROVIDER_DECLARATIONS", str(tmp_path))
    with pytest.raises(InvalidRequestError, match=r"acme\.json: cannot be read") as error:
        ProviderFactory().create("acme")
    assert str(tmp_path) not in str(error.value)
