"""The waterfall: order, blanks only, who is asked, and what a row is called at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from chalicelib.files.rows import InputRow
from chalicelib.lookups.known import Reply
from chalicelib.lookups.waterfall import run_waterfall
from chalicelib.model.contacts import Contact
from chalicelib.model.options import Options
from chalicelib.model.tallies import ProviderUse, RowStatus
from chalicelib.providers.base import Found, Match, NoMatch, Suppressed, Terms


@dataclass
class FakeProvider:
    """Knows the same of everybody who has an e-mail."""

    name: str
    answer: Mapping[str, Found]
    terms: Terms = field(default_factory=lambda: Terms(credits=1.0))
    asked: list[Contact] = field(default_factory=list)

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(self.answer)

    def identifies(self, contact):
        return "email" in contact.known

    def enrich(self, contacts, wanted):
        self.asked += contacts
        return [Match(self.answer, 1.0) if self.answer else NoMatch() for _ in contacts]


def contact_row(**known: str) -> InputRow:
    return InputRow(Contact(known, known, {}), "")


def run(rows, *providers, **options):
    return run_waterfall(rows, providers, Options(**options), ask)


def ask(provider, contacts, wanted):
    """As lookup.ask does, without a ledger."""
    outcomes = provider.enrich(contacts, wanted)
    matches = sum(isinstance(outcome, Match) for outcome in outcomes)
    use = ProviderUse(len(contacts), matches, 0, sum(outcome.credits for outcome in outcomes))
    return [Reply(outcome) for outcome in outcomes], use


def test_blanks_are_filled_in_order_and_nothing_known_is_overwritten():
    first = FakeProvider("first", {"title": Found("CEO", 0.9), "email": Found("evil@x", 1.0)})
    second = FakeProvider("second", {"title": Found("CTO", 1.0), "company": Found("Acme", 0.8)})
    rows, uses = run([contact_row(email="a@example.org")], first, second)
    values = rows[0].values
    assert {name: (v.value, v.provider) for name, v in values.items()} == {
        "email": ("a@example.org", "input"),
        "title": ("CEO", "first"),
        "company": ("Acme", "second"),
    }
    assert uses == {"first": ProviderUse(1, 1, 0, 1.0), "second": ProviderUse(1, 1, 0, 1.0)}


def test_a_provider_is_asked_only_for_what_is_missing_and_whom_it_can_identify():
    provider = FakeProvider("p", {"title": Found("CEO", 1.0)})
    has_title = contact_row(email="a@example.org", title="VP")
    unknown = contact_row(full_name="Ada Example")
    asked = contact_row(email="b@example.org")
    rows, _ = run([has_title, unknown, asked], provider)
    assert provider.asked == [asked.contact]
    assert [row.status for row in rows] == [
        RowStatus.NOT_FOUND,
        RowStatus.NOT_FOUND,
        RowStatus.PARTIAL,
    ]


def test_nobody_is_asked_for_fields_that_are_not_wanted():
    provider = FakeProvider("p", {"title": Found("CEO", 1.0)})
    run([contact_row(email="a@example.org")], provider, fields=("phone",))
    assert provider.asked == []


def test_what_one_provider_found_identifies_the_person_to_the_next():
    finder = FakeProvider("finder", {"email": Found("a@example.org", 0.9)})
    finder.identifies = lambda contact: "full_name" in contact.known
    asker = FakeProvider("asker", {"title": Found("CEO", 1.0)})
    rows, _ = run([contact_row(full_name="Ada Example")], finder, asker)
    assert asker.asked[0].known["email"] == "a@example.org"
    assert rows[0].values["title"].value == "CEO"


def test_values_below_the_least_confidence_are_left_out():
    provider = FakeProvider("p", {"title": Found("CEO", 0.4), "company": Found("Acme", 0.4)})
    rows, _ = run(
        [contact_row(email="a@example.org")], provider, min_confidence={"": 0.5, "company": 0.3}
    )
    assert "title" not in rows[0].values
    assert rows[0].values["company"].value == "Acme"


def test_matched_means_everything_asked_for():
    provider = FakeProvider("p", {"title": Found("CEO", 1.0)})
    rows, _ = run([contact_row(email="a@example.org")], provider, fields=("email", "title"))
    assert rows[0].status == RowStatus.MATCHED


def test_rows_without_a_contact_are_invalid_with_the_reason():
    rows, uses = run([InputRow(None, "no usable identity")], FakeProvider("p", {}))
    assert (rows[0].status, rows[0].error) == (RowStatus.INVALID, "no usable identity")
    assert uses == {}


def test_a_provider_that_costs_is_not_asked_for_trifles():
    answer = {"title": Found("CEO", 1.0), "city": Found("Bonn", 1.0)}
    known = {"email": "a@example.org", "title": "VP"}
    costs, free = FakeProvider("costs", answer), FakeProvider("free", answer)
    free.terms = Terms(is_local=True)
    run([contact_row(**known)], costs, free)
    assert costs.asked == []
    assert len(free.asked) == 1
    run([contact_row(**known)], costs, fields=("city",))
    assert len(costs.asked) == 1


def test_a_suppressed_person_is_asked_for_no_more_and_gets_nothing():
    first, second = FakeProvider("first", {}), FakeProvider("second", {"title": Found("CEO", 1.0)})
    first.terms, second.terms = Terms(), Terms()
    first.enrich = lambda contacts, wanted: [Suppressed() for _ in contacts]
    first.answer = {"phone": Found("+12025550143", 1.0)}
    rows, _ = run([contact_row(email="a@example.org")], first, second)
    assert rows[0].status == RowStatus.SKIPPED
    assert rows[0].values == {}
    assert "asked first not to be processed" in rows[0].error
    assert second.asked == []


def test_an_address_that_a_verifier_rejects_is_taken_back_and_the_next_is_tried():
    finder = FakeProvider("finder", {"email": Found("old@example.org", 0.9)})
    finder.identifies = lambda contact: "full_name" in contact.known
    verifier = FakeProvider("verifier", {"email_status": Found("invalid", 1.0)})
    other = FakeProvider("other", {"email": Found("new@example.org", 0.8)})
    other.identifies = finder.identifies
    rows, _ = run([contact_row(full_name="Ada Example")], finder, verifier, other)
    assert rows[0].values["email"].value == "new@example.org"
    assert "verifier rejected the e-mail that finder found" in rows[0].error


def test_a_verifier_overrules_the_finder_and_nothing_of_the_address_stays():
    found = {"email": Found("old@example.org", 0.9), "email_status": Found("valid", 1.0)}
    finder = FakeProvider("finder", found)
    finder.identifies = lambda contact: "full_name" in contact.known
    facts = {"email_status": Found("invalid", 1.0), "email_problem": Found("no mail", 1.0)}
    rows, _ = run([contact_row(full_name="Ada Example")], finder, FakeProvider("verifier", facts))
    assert not [name for name in rows[0].values if name.startswith("email")]
    assert rows[0].error == "verifier rejected the e-mail that finder found"


def test_an_address_of_the_list_itself_stays_and_its_status_says_what_is_wrong():
    facts = {"email_status": Found("invalid", 1.0), "email_problem": Found("no mail", 1.0)}
    rows, _ = run([contact_row(email="own@example.org")], FakeProvider("verifier", facts))
    assert rows[0].values["email"].value == "own@example.org"
    assert rows[0].values["email_status"].value == "invalid"
    assert rows[0].values["email_problem"].value == "no mail"
    assert rows[0].error == ""


@pytest.mark.parametrize("row", [{"email": "own@example.org"}, {"full_name": "Ada Example"}])
def test_the_status_of_an_address_that_is_not_the_rows_is_not_used(row):
    """The row has another one, or the answer's is not sure enough."""
    answer = {"email": Found("other@example.org", 0.6), "email_status": Found("valid", 1.0)}
    provider = FakeProvider("p", answer)
    provider.identifies = lambda _: True
    rows, _ = run([contact_row(**row)], provider, min_confidence={"email": 0.7})
    assert "email_status" not in rows[0].values
    rows, _ = run([contact_row(full_name="Ada Example")], provider)
    assert rows[0].values["email_status"].value == "valid"


def test_a_row_that_nobody_could_be_asked_for_is_skipped_with_the_reason():
    provider = FakeProvider("p", {"title": Found("CEO", 1.0)})

    def nobody(provider, contacts, wanted):
        return [Reply(None, "p was not asked: it is down") for _ in contacts], ProviderUse()

    rows, _ = run_waterfall([contact_row(email="a@example.org")], [provider], Options(), nobody)
    assert (rows[0].status, rows[0].error) == (RowStatus.SKIPPED, "p was not asked: it is down")


OTHER = {"full_name": Found("Totally Other", 1.0), "title": Found("CEO", 1.0)}


def test_an_answer_about_somebody_of_another_name_is_not_used_and_the_row_says_so():
    rows, _ = run(
        [contact_row(email="a@example.org", full_name="Real Person")], FakeProvider("p", OTHER)
    )
    assert set(rows[0].values) == {"email", "full_name"}
    assert rows[0].status == RowStatus.NOT_FOUND
    assert rows[0].error == "p answered with another person's name: not used"


@pytest.mark.parametrize("known", [{}, {"first_name": "Tom"}, {"last_name": "Other"}])
def test_an_answer_whose_name_may_be_the_rows_is_used(known):
    rows, _ = run([contact_row(email="a@example.org", **known)], FakeProvider("p", OTHER))
    assert rows[0].values["title"].value == "CEO"
    assert rows[0].error == ""


def test_a_name_that_an_earlier_provider_found_contradicts_nothing():
    first = FakeProvider("first", {"full_name": Found("Real Person", 0.5)})
    rows, _ = run([contact_row(email="a@example.org")], first, FakeProvider("second", OTHER))
    assert rows[0].values["title"].value == "CEO"


def test_a_guess_is_replaced_by_what_is_surer_and_by_nothing_else():
    guess = FakeProvider("offline", {"company": Found("Exmpl", 0.25), "title": Found("CEO", 0.95)})
    unsure = FakeProvider("unsure", {"company": Found("Other", 0.2), "title": Found("CTO", 1.0)})
    sure = FakeProvider("sure", {"company": Found("Acme", 0.9)})
    rows, _ = run([contact_row(email="a@example.org")], guess, unsure, sure)
    values = rows[0].values
    assert (values["company"].value, values["company"].provider) == ("Acme", "sure")
    assert (values["title"].value, values["title"].provider) == ("CEO", "offline")


def test_an_address_that_was_made_by_a_pattern_is_verified_or_replaced():
    made = {"email": Found("jane.doe@example.org", 0.84), "email_status": Found("guessed", 0.84)}
    offline = AsksForEverybody("offline", made)
    verifier = FakeProvider("verifier", {"email_status": Found("valid", 1.0)})
    finder = AsksForEverybody("finder", {"email": Found("jd@example.org", 0.95)})
    row = contact_row(full_name="Jane Doe")
    rows, _ = run([row], offline, verifier)
    assert rows[0].values["email"].provider == "offline"
    assert rows[0].values["email_status"].value == "valid"
    rows, _ = run([row], offline, finder)
    assert rows[0].values["email"].value == "jd@example.org"
    assert "email_status" not in rows[0].values  # it was the other address's
    refuser = FakeProvider("refuser", {"email_status": Found("invalid", 1.0)})
    rows, _ = run([row], offline, refuser)
    assert "email" not in rows[0].values


class AsksForEverybody(FakeProvider):
    def identifies(self, contact):
        return True


def test_what_was_said_of_a_guessed_address_goes_when_a_surer_one_takes_its_place():
    guess = FakeProvider("offline", {"email": Found("ada@example.net", 0.7)})
    facts = {"email_host": Found("Google", 0.95), "email_role": Found("false", 1.0)}
    found = {"email": Found("ada@example.org", 0.9), "email_role": Found("true", 1.0)}
    finder = FakeProvider("finder", {**found, "email_status": Found("valid", 1.0)})
    for provider in (guess, finder):
        provider.identifies = lambda contact: "full_name" in contact.known
    rows, _ = run([contact_row(full_name="Ada Example")], guess, FakeProvider("dns", facts), finder)
    told = {n: f.value for n, f in rows[0].values.items() if n.startswith("email")}
    assert told == {"email": "ada@example.org", "email_status": "valid", "email_role": "true"}
