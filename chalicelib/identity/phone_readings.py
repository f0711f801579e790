"""Reads one written phone number, also where it is written in an unusual way.

Importing this module loads nothing; the package phonenumbers, which takes 30 to 60 ms, is loaded at first use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chalicelib.identity.cells import ParsedCell

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_DIALLED_ABROAD = re.compile(r"^[^\d+]*00\s*(?=[1-9])")
# What Australia and North America dial before a country code.
_FROM_AUSTRALIA = re.compile("0011([1-9][0-9]{7,})")
_FROM_AMERICA = re.compile("011([1-9][0-9]{10,})")

#: The problem of a number that is neither right nor wrong, because nobody knows where it is from.
UNKNOWN_COUNTRY = (
    "no country code, and neither the row, the list nor default_country says the country"
)
NOT_IN_USE = "in no range of numbers that is in use"
_PLACEHOLDER = "a placeholder, not a phone number"
_RUNS = ("01234567890123456789", "98765432109876543210")
#: Digits of the shortest number.
_LEAST_DIGITS = 5
#: Digits of a number that is surely written with its country code, though without "+". One less is also what
#: people in some countries write for a mobile number of their own, and then it may be one of these.
_WITH_CODE = 12
_LONG_INSIDE = ("CN", "BR", "AR")


def read_number(text: str, country: str) -> ParsedCell:
    """The number that a text is; the problem is that of the text as it is written."""
    from chalicelib.identity import numbering

    written, problem = _DIALLED_ABROAD.sub("+", text), ""
    for reading in _readings(text, written, country):
        read = read_possible(reading, country)
        number = numbering.listed(read.value) if read.value else None
        if number:
            return ParsedCell(problem=_PLACEHOLDER) if is_run(number.national) else read
        if reading == written:
            problem = read.problem or NOT_IN_USE
    return ParsedCell(problem=problem)


def _readings(text: str, written: str, country: str) -> Iterator[str]:
    """The text, and what it may mean where it is no number as it is written, most certain first."""
    import phonenumbers  # takes 30 to 60 ms

    # The same, but the package looks at each sign.
    digits = (
        "".join(filter(str.isdigit, text))
        if text.isascii()
        else phonenumbers.normalize_digits_only(text)
    )
    dialled = _FROM_AUSTRALIA.fullmatch(digits)
    if dialled:
        yield f"+{dialled[1]}"
    yield written
    bare = digits.lstrip("0")
    own = str(phonenumbers.country_code_for_region(country) or "")
    if own and bare.startswith(own) and len(digits) > len(bare):
        yield f"+{bare}"  # "091 98450 00123"
    if written.startswith("+") or digits.startswith("00"):
        if once := said_twice(bare):
            yield once
    elif dialled := _FROM_AMERICA.fullmatch(digits):
        yield f"+{dialled[1]}"
    elif digits == bare and _is_with_code(digits, country):
        yield f"+{digits}"


def said_twice(digits: str) -> str:
    """``"49004930…"``, ``"494930…"`` → ``"+4930…"``; "" where the country code is not said twice."""
    from chalicelib.identity import numbering

    code = numbering.code_of(digits)
    rest = digits[len(code) :].lstrip("0")
    return f"+{rest}" if code and rest.startswith(code) else ""


def _is_with_code(digits: str, country: str) -> bool:
    """Whether digits without "+" can only begin with a country code."""
    if len(digits) >= _WITH_CODE:
        return True
    if len(digits) < _WITH_CODE - 1 or not country:
        return False
    from chalicelib.identity import numbering

    inside = (read_possible(digits, region).value for region in _LONG_INSIDE)
    return not any(number and numbering.listed(number) for number in inside)


def is_run(national: str) -> bool:
    """Whether somebody filled a field with digits: "9999999999", "1234567890"."""
    return national in _RUNS[0] or national in _RUNS[1] or len(set(national)) == 1


def read_possible(text: str, country: str) -> ParsedCell:
    """The number that the parser reads, if it has a possible length."""
    import phonenumbers

    try:
        number = phonenumbers.parse(_DIALLED_ABROAD.sub("+", text), country or None)
    except phonenumbers.NumberParseException as error:
        return ParsedCell(problem=_parse_problem(error.error_type, text))
    problem = _length_problem(number)
    if problem:
        return ParsedCell(problem=problem)
    return ParsedCell(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _parse_problem(error_type: int, text: str) -> str:
    from phonenumbers import NumberParseException as Unreadable

    if error_type == Unreadable.INVALID_COUNTRY_CODE:
        if text.startswith("+"):
            return "no such country code"
        few = sum(map(str.isdigit, text)) < _LEAST_DIGITS
        return "too few digits" if few else UNKNOWN_COUNTRY
    if error_type == Unreadable.NOT_A_NUMBER:
        return "not a phone number"
    return "too many digits" if error_type == Unreadable.TOO_LONG else "too few digits"


def _length_problem(number: PhoneNumber) -> str:
    from phonenumbers import ValidationResult, is_possible_number_with_reason

    return {
        ValidationResult.IS_POSSIBLE: "",
        ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "no area code",
        ValidationResult.TOO_SHORT: "too few digits",
        ValidationResult.TOO_LONG: "too many digits",
    }.get(is_possible_number_with_reason(number), "not a possible number of digits")
