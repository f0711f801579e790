"""Plain values are read on a way of their own: it gives what the general way gives, and takes less time."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import email_validator
import phonenumbers
import pytest
from phonenumbers import timezone

from chalicelib import identity
from chalicelib.identity.domains import RESERVED, canonical_by_library, canonical_domain
from chalicelib.identity.emails import parse_any_email, parse_email
from chalicelib.identity.linkedin import parse_any_linkedin_url, parse_linkedin_url
from chalicelib.identity.name_cells import parse_any_name, parse_name
from chalicelib.identity.names import split_any_name, split_name
from chalicelib.identity.phones import PhoneFacts, parse_any_phone, parse_phone, phone_facts
from tests.unit.identity.varied import Row, varied_rows

ROWS = 50_000
PLAIN = 200
PLACELESS = {"toll_free", "premium_rate", "shared_cost", "uan", "voicemail", "pager"}


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return varied_rows(ROWS)


def test_names(rows: list[Row]) -> None:
    for name in {row.name for row in rows}:
        assert split_name(name) == split_any_name(name), name


def test_cells_of_names(rows: list[Row]) -> None:
    for name in {row.name for row in rows}:
        assert parse_name(name) == parse_any_name(name), name


def test_emails(rows: list[Row]) -> None:
    for email in {row.email for row in rows}:
        assert parse_email(email) == parse_any_email(email), email


def test_domains(rows: list[Row]) -> None:
    names = {row.email.rpartition("@")[2] for row in rows}
    for name in names:
        if len(name) <= 253:
            assert canonical_domain(name) == canonical_by_library(name), name


def test_profiles(rows: list[Row]) -> None:
    for url in {row.linkedin_url for row in rows}:
        assert parse_linkedin_url(url) == parse_any_linkedin_url(url), url


def test_phones(rows: list[Row]) -> None:
    for phone, country in {(row.phone, row.country) for row in rows}:
        parsed = parse_any_phone(phone, country)
        assert parse_phone(phone, country) == parsed, phone
        if parsed.value:
            assert phone_facts(parsed.value) == _facts_by_library(parsed.value), phone


@pytest.mark.parametrize(
    "text", ["", "+", "+4", "+49", "+012025550143", "+49" + "1" * 5000, "+١٢٣٤"]
)
def test_texts_that_are_no_numbers_have_no_facts(text: str) -> None:
    assert phone_facts(text) == PhoneFacts()


def test_numbers_of_zeros() -> None:
    assert parse_phone("+39 000 0000") == parse_any_phone("+39 000 0000")
    assert phone_facts("+390000000") == _facts_by_library("+390000000")


def _facts_by_library(e164: str) -> PhoneFacts:
    number = phonenumbers.parse(e164)
    kind = phonenumbers.number_type(number)
    if kind == phonenumbers.PhoneNumberType.UNKNOWN:
        return PhoneFacts()
    name = phonenumbers.PhoneNumberType.to_string(kind).lower()
    country = phonenumbers.region_code_for_number(number) or ""
    if country == "001" or name in PLACELESS:
        return PhoneFacts(True, name, country.replace("001", ""))
    zones = timezone.time_zones_for_number(number)
    joined = ";".join(zone for zone in zones if zone != "Etc/Unknown")
    return PhoneFacts(True, name, country, joined, placed=True)


def test_reserved_names_are_the_librarys() -> None:
    assert set(email_validator.SPECIAL_USE_DOMAIN_NAMES) == RESERVED


def seconds(read: Callable[[str], object], cells: Sequence[str]) -> float:
    """CPU time of reading all cells: the least of several tries, since other work slows some of them."""
    times = []
    for _ in range(7):
        start = time.process_time()
        for cell in cells:
            read(cell)
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize(
    ("read", "read_any", "cell"),
    [
        (split_name, split_any_name, "Jane{} Doe"),
        (split_name, split_any_name, "O'Brien, Mary-Ann X{}"),
        (split_name, split_any_name, "Jane van der Doe{}"),
        (parse_name, parse_any_name, "Jane Doe"),
        (parse_name, parse_any_name, "José McExample"),
        (parse_email, parse_any_email, "jane.doe{}@example.org"),
        (parse_email, parse_any_email, "<jane.doe{}@example.org>"),
        (parse_phone, parse_any_phone, "+49 30 23125 {:03}"),
        (parse_phone, parse_any_phone, "+49 (0)30 23125 {:03}"),
        (
            partial(parse_phone, country="DE"),
            partial(parse_any_phone, country="DE"),
            "(030) 23125-{:03}",
        ),
        (parse_linkedin_url, parse_any_linkedin_url, "https://www.linkedin.com/in/example-{}"),
        (parse_linkedin_url, parse_any_linkedin_url, "LinkedIn.com/in/Example-{}/en/?a=b"),
    ],
)
def test_plain_values_take_half_the_time_at_most(
    read: Callable[[str], object], read_any: Callable[[str], object], cell: str
) -> None:
    cells = [cell.format(n) for n in range(PLAIN)]
    assert seconds(read, cells) * 2 < seconds(read_any, cells)


def cached_functions() -> list[Any]:
    """The functions of identity/ that keep results by a text or a number, which has no end of values."""
    found = []
    for module in pkgutil.iter_modules(identity.__path__, identity.__name__ + "."):
        for function in vars(importlib.import_module(module.name)).values():
            if hasattr(function, "cache_parameters"):
                kinds = inspect.signature(function).parameters.values()
                found += (
                    [function] if any(kind.annotation in ("str", "int") for kind in kinds) else []
                )
    return found


def test_what_is_kept_is_bounded() -> None:
    functions = cached_functions()
    assert len(functions) >= 8
    for function in functions:
        assert function.cache_parameters()["maxsize"] is not None, function
