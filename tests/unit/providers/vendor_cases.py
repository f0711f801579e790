"""Every vendor that the contract tests are run with. To add one: one entry in ``CASES``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chalicelib.identity.contact import parse_contact
from chalicelib.model.contacts import Contact
from chalicelib.providers.base import Provider
from chalicelib.providers.declared.files import OWN_FOLDER
from chalicelib.providers.declared.provider import create_declared
from chalicelib.providers.vendors.apollo import ApolloProvider
from chalicelib.providers.vendors.dropcontact import DropcontactProvider
from chalicelib.providers.vendors.findymail import FindymailProvider
from chalicelib.providers.vendors.fullcontact import FullContactProvider
from chalicelib.providers.vendors.fullenrich import FullEnrichProvider
from chalicelib.providers.vendors.gravatar import GravatarProvider
from chalicelib.providers.vendors.hunter import HunterProvider
from chalicelib.providers.vendors.icypeas import IcypeasProvider
from chalicelib.providers.vendors.pdl import PeopleDataLabsProvider
from chalicelib.providers.vendors.zerobounce import ZeroBounceProvider
from chalicelib.settings import ProviderSettings

DECLARATIONS = Path(__file__).parents[2] / "vendors" / "declarations"


def found_elsewhere(row: Mapping[str, str]) -> Contact:
    """A contact all of whose data other providers found."""
    return Contact(given={}, known=parse_contact(row).known, problems={})


@dataclass(frozen=True)
class Case:
    """``throttled``: the retry_after, at least and at most, when the vendor wants 7 seconds of rest;
    None: it cannot say. ``masked``: the quirk by which it masks values, "" if it has none; ``hidden``:
    fields that are missing then. ``has_credits``: it can run out of them.
    ``knows_submissions``: it tells a submission that it does not know from one that it works on. ``contact``:
    a contact from a row, such as this provider takes.
    """

    name: str
    make: Callable[[ProviderSettings, Callable[[], str]], Provider]
    throttled: tuple[float, float] | None = (6, 8)
    masked: str = "masked"
    hidden: frozenset[str] = field(default_factory=frozenset)
    has_credits: bool = True
    knows_submissions: bool = True
    contact: Callable[[Mapping[str, str]], Contact] = parse_contact


CASES = [
    Case("pdl", PeopleDataLabsProvider, hidden=frozenset({"email", "phone", "city"})),
    Case("apollo", ApolloProvider, hidden=frozenset({"email", "email_status"})),
    Case(
        "fullcontact",
        FullContactProvider,
        throttled=(0, 0),  # "can be retried immediately"
        hidden=frozenset({"email", "phone"}),
    ),
    Case("hunter", HunterProvider, throttled=None, masked=""),
    Case("gravatar", GravatarProvider, masked="", has_credits=False),
    Case("zerobounce", ZeroBounceProvider, masked="", contact=found_elsewhere),
    # It says nothing of the time to wait; a masked e-mail is all that it has to give.
    Case("findymail", FindymailProvider, throttled=None, masked=""),
    # A row with a name and a domain gets an e-mail and nothing else.
    Case("fullenrich", FullEnrichProvider, throttled=None, masked=""),
    Case(
        "dropcontact",
        DropcontactProvider,
        throttled=None,
        hidden=frozenset({"email", "email_status"}),
        knows_submissions=False,
    ),
    Case("icypeas", IcypeasProvider, throttled=None, masked=""),
    Case(
        "leadmagic",
        lambda settings, key: create_declared(OWN_FOLDER / "leadmagic.yaml", settings, key),
        masked="",
    ),
    Case(
        "prospeo",
        lambda settings, key: create_declared(OWN_FOLDER / "prospeo.yaml", settings, key),
        hidden=frozenset({"email", "email_status"}),
    ),
    Case(
        "custom",
        lambda settings, key: create_declared(DECLARATIONS / "custom.yaml", settings, key),
        hidden=frozenset({"phone"}),
    ),
    Case(
        "custom_one",
        lambda settings, key: create_declared(DECLARATIONS / "custom_one.json", settings, key),
        hidden=frozenset({"phone"}),
    ),
]
