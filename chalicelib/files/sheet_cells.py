"""Turns what a workbook stores of a cell into the text that people see in it."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from math import isfinite

from chalicelib.files import limits
from chalicelib.files.workbook_parts import XmlPart, damaged, part
from chalicelib.files.workbooks import ELAPSED, PERCENT, PLAIN, Workbook

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\Z", re.ASCII)
#: The first number after 9999-12-31.
_END_OF_DAYS = 2_958_466
#: Excel has a 29 February 1900, which is day 60 (18.17.4.1).
_LEAP_DAY = 60
_DAY_0, _DAY_0_AFTER_LEAP_DAY = date(1899, 12, 31), date(1899, 12, 30)
_DAY_0_FROM_1904 = date(1904, 1, 1)
#: A character that XML cannot hold, or an underscore that would begin one (22.9.2.19).
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


class SharedTexts:
    """The texts of a workbook that cells refer to by their number, read as far as they are needed."""

    def __init__(self, workbook: Workbook) -> None:
        self._bytes = bytearray()  # as Python's texts they would take three times as much
        self._ends = array("L", [0])
        self._pieces = (
            part(workbook.archive, workbook.texts, limits.MAX_TEXTS_BYTES)
            if workbook.texts
            else iter(())
        )
        self._texts: list[str] = []
        self._length = 0
        self._taken, self._hidden = False, 0
        self._parser = XmlPart(self._start, self._end, self._text)

    def read_to(self, number: int) -> Iterator[None]:
        """Read on until the text of a number is there; it pauses after each piece."""
        while len(self._ends) <= number + 1:
            piece = next(self._pieces, b"")
            self._parser.feed(piece)
            if not piece:
                break
            yield
        if len(self._ends) <= number + 1:
            raise damaged()

    def get(self, number: int) -> str:
        """A text that was read."""
        return self._bytes[self._ends[number] : self._ends[number + 1]].decode(
            "utf-8", "surrogatepass"
        )

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if name == "t":
            self._taken = not self._hidden
        elif name == "rPh":  # how a text in Japanese is pronounced
            self._hidden += 1

    def _text(self, text: str) -> None:
        if self._taken:
            self._length += len(text)
            if self._length > limits.MAX_RECORD:
                raise damaged()
            self._texts.append(text)

    def _end(self, name: str) -> None:
        if name == "t":
            self._taken = False
        elif name == "rPh":
            self._hidden -= 1
        elif name == "si":
            self._bytes += unescaped("".join(self._texts)).encode("utf-8", "surrogatepass")
            self._ends.append(len(self._bytes))
            self._texts.clear()
            self._length = 0


def unescaped(text: str) -> str:
    """A text with the characters that are escaped as ``_x000D_``. NUL stays: no text of a list can have it."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if not code or 0xD800 <= code < 0xE000 else chr(code)


def number_text(raw: str, kind: str | int, from_1904: bool) -> str:
    """The number of a cell as text, by what its format makes of it; what is no number stays as it is.

    Whole numbers have no point, and as many digits as the format wants. Days and times are ISO 8601.
    """
    if kind == PLAIN and raw.isdecimal() and len(raw) < 16:
        return raw
    if not _NUMBER.match(raw) or not isfinite(float(raw)):
        return raw
    number = Decimal(repr(float(raw)))  # Excel may store 0.1 as 0.10000000000000001
    if isinstance(kind, int):
        return _plain(number).zfill(kind)
    if kind == PERCENT:
        return f"{_plain(number * 100)}%"
    return (_day_text(number, kind, from_1904) if kind else "") or _plain(number)


def _plain(number: Decimal) -> str:
    """All digits of a number, without a point where it is whole."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _day_text(number: Decimal, kind: str | int, from_1904: bool) -> str:
    """A day, a time or both; "" for a number that is none."""
    if not 0 <= number < _END_OF_DAYS:
        return ""
    seconds = round(number * 86_400)
    days, rest = divmod(seconds, 86_400)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    if kind == ELAPSED:
        return f"{seconds // 3600}:{clock[3:]}"
    if not days and not from_1904:
        return clock
    if days == _LEAP_DAY and not from_1904:
        return ""
    first = _DAY_0_FROM_1904 if from_1904 else _DAY_0 if days < _LEAP_DAY else _DAY_0_AFTER_LEAP_DAY
    day = (first + timedelta(days=days)).isoformat()
    return f"{day}T{clock}" if rest else day
