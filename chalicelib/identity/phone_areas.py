"""Finds the area that a phone number was issued for.

The library's own geocoder imports all its data at once. That takes 100 MB and 0.5 s, or 4 s in a fresh
Lambda environment, where nothing is compiled yet. The data is in modules sorted by prefix, so only the one
or two that can hold a number are loaded here. A test compares the results with the geocoder's.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

#: The longest prefix that the data knows (phonenumbers.geodata.GEOCODE_LONGEST_PREFIX).
LONGEST_PREFIX = 9
_CACHED_STARTS = 4096
_KEY = re.compile(r"'(\d+)':")
#: The first key of a module comes after its licence.
_HEAD_CHARACTERS = 4_000


def area_of(digits: str) -> str:
    """The English name of the area, ``"New Jersey"``, of E.164 digits without "+"; "" if unknown."""
    return _area_of(digits[:LONGEST_PREFIX])


@lru_cache(_CACHED_STARTS)
def _area_of(start: str) -> str:
    for length in range(len(start), 0, -1):
        prefix = start[:length]
        name = _areas(_module_for(prefix)).get(prefix, {}).get("en", "")
        if name:
            return name
    return ""


def _module_for(prefix: str) -> Path:
    firsts, paths = _index()
    return paths[max(bisect_right(firsts, prefix) - 1, 0)]


@cache
def _index() -> tuple[list[str], list[Path]]:
    """The first prefix in each module of data, sorted, and the modules in the same order."""
    spec = find_spec("phonenumbers.geodata")
    folders = (spec and spec.submodule_search_locations) or []
    found = []
    for path in (path for folder in folders for path in Path(folder).glob("data*.py")):
        with path.open(encoding="utf-8") as file:
            key = _KEY.search(file.read(_HEAD_CHARACTERS))
        if key:
            found.append((key[1], path))
    found.sort()
    return [first for first, _ in found], [path for _, path in found]


@cache
def _areas(path: Path) -> Mapping[str, Mapping[str, str]]:
    """Prefix → language → name. Importing a module by its own name would import all of them."""
    spec = spec_from_file_location(f"phonenumbers.one_by_one.{path.stem}", path)
    assert spec is not None, path
    assert spec.loader is not None, path
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    areas: Mapping[str, Mapping[str, str]] = module.data
    return areas
