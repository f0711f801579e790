"""First floor: the provider factory. The name of a provider goes in, the provider comes out."""

from __future__ import annotations

from importlib import import_module

from chalicelib.errors import InvalidRequestError
from chalicelib.providers.base import Provider

#: Name → where its class is. A path, not the class: a provider's libraries are imported only by
#: the functions that use that provider.
_CLASSES = {
    "offline": "chalicelib.providers.offline:OfflineProvider",
}


class ProviderFactory:
    """Makes providers from their names, each one once.

    To add a vendor: write its module, name it in ``_CLASSES``, add its contract test. The settings
    and keys that vendors need come in here, by the constructor, and are handed on in ``_make``.
    """

    def __init__(self) -> None:
        self._made: dict[str, Provider] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names ``create`` takes, in the order in which they are listed to users."""
        return tuple(_CLASSES)

    def create(self, name: str) -> Provider:
        """The provider of this name. Raises InvalidRequestError if there is none."""
        if name not in _CLASSES:
            known = ", ".join(self.names)
            raise InvalidRequestError(f"unknown provider {name[:40]!r}; known providers: {known}")
        if name not in self._made:
            self._made[name] = self._make(_CLASSES[name])
        return self._made[name]

    def _make(self, path: str) -> Provider:
        module, _, class_name = path.partition(":")
        provider: Provider = getattr(import_module(module), class_name)()
        return provider
