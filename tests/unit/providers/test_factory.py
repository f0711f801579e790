"""The provider factory: from a name to a provider."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chalicelib.model.contacts import FIELDS
from chalicelib.model.errors import InvalidRequestError
from chalicelib.providers import ProviderFactory


@pytest.mark.parametrize("name", ProviderFactory().names)
def test_every_name_makes_a_provider_of_that_name(name: str) -> None:
    provider = ProviderFactory().create(name)
    assert provider.name == name
    assert provider.fields <= set(FIELDS)
    assert ProviderFactory().title(name) != name, "people call it otherwise"


def test_a_provider_is_made_once_per_factory() -> None:
    factory = ProviderFactory()
    assert factory.create("offline") is factory.create("offline")
    assert factory.create("offline") is not ProviderFactory().create("offline")


def test_an_unknown_name_is_named_with_those_that_are_known() -> None:
    with pytest.raises(InvalidRequestError, match=r"'oracle'.*known providers: offline"):
        ProviderFactory().create("oracle")


def test_a_module_is_imported_only_when_its_provider_is_made() -> None:
    code = """
import sys
from chalicelib.providers import ProviderFactory
factory = ProviderFactory()
before = "chalicelib.providers.offline" in sys.modules
factory.create("offline")
print(before, "chalicelib.providers.offline" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True"]
