"""Makes providers from their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType

from chalicelib.model.errors import InvalidRequestError
from chalicelib.model.options import OFFLINE
from chalicelib.providers.base import Provider
from chalicelib.providers.declared.files import declared_files
from chalicelib.settings import declarations_folder, read_provider_settings


def _vendor(name: str) -> ModuleType:
    return import_module(f"chalicelib.providers.vendors.{name}")


#: Every vendor written in code: its name → how to get its class. A module is imported only when its
#: provider is used, because the libraries that it needs take time to load.
_VENDORS: Mapping[str, Callable[[], Callable[..., Provider]]] = {
    "pdl": lambda: _vendor("pdl").PeopleDataLabsProvider,
    "apollo": lambda: _vendor("apollo").ApolloProvider,
    "fullcontact": lambda: _vendor("fullcontact").FullContactProvider,
    "hunter": lambda: _vendor("hunter").HunterProvider,
    "gravatar": lambda: _vendor("gravatar").GravatarProvider,
    "zerobounce": lambda: _vendor("zerobounce").ZeroBounceProvider,
    "dns": lambda: _vendor("dns").DnsProvider,
    "findymail": lambda: _vendor("findymail").FindymailProvider,
    "fullenrich": lambda: _vendor("fullenrich").FullEnrichProvider,
    "dropcontact": lambda: _vendor("dropcontact").DropcontactProvider,
    "icypeas": lambda: _vendor("icypeas").IcypeasProvider,
}
#: What people call a provider; one that is not here is called by its name.
_TITLES: Mapping[str, str] = {
    OFFLINE: "Cleaning and checking",
    "pdl": "People Data Labs",
    "apollo": "Apollo",
    "fullcontact": "FullContact",
    "hunter": "Hunter",
    "gravatar": "Gravatar",
    "zerobounce": "ZeroBounce",
    "dns": "Mail servers (DNS)",
    "findymail": "Findymail",
    "fullenrich": "FullEnrich",
    "dropcontact": "Dropcontact",
    "icypeas": "Icypeas",
    "leadmagic": "LeadMagic",
    "prospeo": "Prospeo",
}

#: Turns the settings' word for a key (see ProviderSettings.key) into the key.
ReadKey = Callable[[str], str]


class ProviderFactory:
    """Makes each provider once. How to add one: docs/providers.md.

    ``read_key`` is called when a provider makes its first request.
    """

    def __init__(self, read_key: ReadKey = str) -> None:
        self._read_key = read_key
        self._made: dict[str, Provider] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names that ``create`` accepts, in the order in which they are listed to users."""
        return (OFFLINE, *_VENDORS, *self._declared)

    def title(self, name: str) -> str:
        """What people call the provider."""
        return _TITLES.get(name, name)

    def create(self, name: str) -> Provider:
        """The provider of this name. Raises InvalidRequestError if there is none."""
        if name not in self.names:
            known = ", ".join(self.names)
            raise InvalidRequestError(f"unknown provider {name[:40]!r}; known providers: {known}")
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def is_configured(self, name: str) -> bool:
        """Whether the provider can be asked: it has its key, or needs none."""
        needs_key = self.create(name).terms.needs_key
        return not needs_key or bool(read_provider_settings(name).key)

    def _make(self, name: str) -> Provider:
        if name == OFFLINE:
            from chalicelib.providers.offline import OfflineProvider

            return OfflineProvider()
        settings = read_provider_settings(name)

        def key() -> str:
            return self._read_key(settings.key)

        if name in _VENDORS:
            return _VENDORS[name]()(settings, key)
        from chalicelib.providers.declared.provider import create_declared

        return create_declared(self._declared[name], settings, key)

    @cached_property
    def _declared(self) -> Mapping[str, Path]:
        """The files of the declared providers by name; none of them is opened."""
        return declared_files(declarations_folder(), (OFFLINE, *_VENDORS))
