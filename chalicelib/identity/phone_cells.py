"""Finds the numbers in the cell of a phone column, which may hold several, with labels and remarks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chalicelib.identity.cells import tidy

_OR = "or|oder|ou|o|eller|och|of|en|lub|oppure|или|und|and|et|y|e|i|и|または"
_SEPARATORS = re.compile(
    rf":::|[;,|&•\r\n\t]|(?<=[\d)])\s+(?:{_OR})\s+(?=[+(\d])|(?<=\d)\s*(?=\+)", re.IGNORECASE
)
# One number without any words.
_SINGLE = re.compile(r"\s*[(]?\+?[0-9][0-9 ().-]*")
#: Digits of the shortest number that stands beside another one. Shorter groups around a slash are one number:
#: "030 / 23125-123".
_LEAST_DIGITS = 7

# "ext. 12", "x12", "#12" and what other languages say; E.164 has no extensions.
_EXTENSION = re.compile(
    r"[\s,(]*(?:;?ext(?:ension)?\.?=?|x|#|int(?:erno?)?\.?|durchwahl|dw\.?|nst\.?|poste|ramal|anexo|toestel|tst\.?|"
    r"wew\.?|доб\.?|内線|分机|분기)[\s.:-]*\d{1,7}\s*[#)]?\s*$",
    re.IGNORECASE,
)
# Letters that dial: "1-800-FLOWERS".
_VANITY = re.compile(
    r"\D{0,4}(?:1[ .-]?)?(?:8(?:00|33|44|55|66|77|88)|0800|1300|1800|13)[ .)-]+[A-Z0-9 -]*[A-Z]{3,}[A-Z0-9 -]*"
)
_VANITY_DIGITS = 10
# Words beside a number: "Mobile:", "(cell)", "Büro".
_WORDS = re.compile(r"(\(?[^\W\d_][^\d+(]*)")
_DECIMAL = re.compile(r"^(\+?\d{7,})\.0$")
_FAX = re.compile(r"fax|télécopi|传真|傳真|ファックス|факс", re.IGNORECASE)
_VOICE = re.compile(r"tel(?!e?fax)|phone|fon\b|mob", re.IGNORECASE)
_LINK = re.compile(r"<a\s[^>]*?href\s*=\s*[\"']?tel:([^\"'>]+)[^>]*>.*", re.IGNORECASE | re.DOTALL)


def numbers_in(cell: str) -> Iterator[str]:
    """The texts that may each be a number, in their order, without those of fax machines."""
    if _SINGLE.fullmatch(cell):  # as most cells
        yield _DECIMAL.sub(r"\1", tidy(cell))
        return
    for part in _SEPARATORS.split(_LINK.sub(r"\1", cell)):
        for number in _around_slashes(tidy(part)):
            yield from _without_words(_DECIMAL.sub(r"\1", number))


def has_fax_only(cell: str) -> bool:
    """Whether all numbers in the cell are those of fax machines."""
    return bool(_FAX.search(cell)) and not any(numbers_in(cell))


def _around_slashes(text: str) -> list[str]:
    first, *others = text.split("/")
    numbers = [first]
    for piece in others:
        is_number = _digits(numbers[-1]) >= _LEAST_DIGITS and _digits(piece) >= _LEAST_DIGITS
        if is_number or piece.lstrip().startswith("+"):
            numbers.append(piece)
        else:
            numbers[-1] += "/" + piece
    return numbers


def _without_words(text: str) -> Iterator[str]:
    if _VANITY.fullmatch(text) and _digits(text) < _VANITY_DIGITS:
        yield text
        return
    first, *others = _WORDS.split(_EXTENSION.sub("", text))
    before = ""
    for number, after in zip([first, *others[1::2]], [*others[::2], ""], strict=True):
        remark = after if after.startswith("(") else ""
        if _digits(number) and not _is_fax(before) and not _is_fax(remark):
            yield number.strip()
        before = "" if remark else after


def _is_fax(label: str) -> bool:
    return bool(_FAX.search(label)) and not _VOICE.search(label)


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))
