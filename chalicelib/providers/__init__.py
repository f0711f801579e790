"""First floor: the provider factory. The name of a provider goes in, the provider comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path

from chalicelib.model.errors import InvalidRequestError
from chalicelib.providers.base import Provider
from chalicelib.providers.declared.files import declared_files
from chalicelib.settings import declarations_folder, read_provider_settings

#: Name → where its class is. A path, not the class: a provider's libraries are imported only by
#: the functions that use that provider.
_LOCAL = {"offline": "chalicelib.providers.offline:OfflineProvider"}
_VENDORS: dict[str, str] = {
    "pdl": "chalicelib.providers.vendors.pdl:PeopleDataLabsProvider",
    "apollo": "chalicelib.providers.vendors.apollo:ApolloProvider",
    "fullcontact": "chalicelib.providers.vendors.fullcontact:FullContactProvider",
    "hunter": "chalicelib.providers.vendors.hunter:HunterProvider",
    "gravatar": "chalicelib.providers.vendors.gravatar:GravatarProvider",
    "zerobounce": "chalicelib.providers.vendors.zerobounce:ZeroBounceProvider",
}
_DECLARED = "chalicelib.providers.declared.provider:create_declared"

#: The key itself, from the settings' word for it (see ProviderSettings.key).
ReadKey = Callable[[str], str]


class ProviderFactory:
    """Makes providers from their names, each one once.

    To add a vendor: declare it (``declaration_reader.py``), or write its module, name it in ``_VENDORS`` and
    add it to the contract tests; README.md, "Add a provider", has both in five steps.
    ``read_key`` turns ``ssm:…`` and its like into the key; it is called at the first request.
    """

    def __init__(self, read_key: ReadKey = str) -> None:
        self._read_key = read_key
        self._made: dict[str, Provider] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names ``create`` takes, in the order in which they are listed to users."""
        return (*_LOCAL, *_VENDORS, *self._declared)

    def create(self, name: str) -> Provider:
        """The provider of this name. Raises InvalidRequestError if there is none."""
        if name not in self.names:
            known = ", ".join(self.names)
            raise InvalidRequestError(f"unknown provider {name[:40]!r}; known providers: {known}")
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Provider:
        provider: Provider
        if name in _LOCAL:
            provider = _class_at(_LOCAL[name])()
        else:
            settings = read_provider_settings(name)
            given = (settings, lambda: self._read_key(settings.key))
            if name in _VENDORS:
                provider = _class_at(_VENDORS[name])(*given)
            else:
                provider = _class_at(_DECLARED)(self._declared[name], *given)
        return provider

    @cached_property
    def _declared(self) -> Mapping[str, Path]:
        """The files of the declared providers: the names alone, no file is opened."""
        return declared_files(declarations_folder(), (*_LOCAL, *_VENDORS))

    def is_configured(self, name: str) -> bool:
        """Whether the provider can be asked: it has its key, or needs none."""
        needs_key = self.create(name).terms.needs_key
        return not needs_key or bool(read_provider_settings(name).key)


def _class_at(path: str) -> Callable[..., Provider]:
    module, _, name = path.partition(":")
    made: Callable[..., Provider] = getattr(import_module(module), name)
    return made
