"""Keeps spreadsheets from running the cells of a CSV file as formulas."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

_NUMBER = "[0-9][0-9 ().-]*"
#: Text that begins with a sign but is no formula: phone numbers, negative numbers.
_PLAIN_NUMBER = re.compile(rf"[+-]?{_NUMBER}\Z")
_SIGNS = "+-"
#: First characters that begin a formula or hide one (OWASP, CSV injection; CWE-1236).
_FORMULA_STARTS = "=@\t\r"
#: Also the line feed, and full-width forms, which some spreadsheets read as the plain ones.
_STRICT_STARTS = _FORMULA_STARTS + _SIGNS + "\n＝＋－＠"
#: Where a spreadsheet may begin a new cell. Which of these it splits at depends on its language and on
#: what somebody chooses, and a quote counts only at the start of what it takes for a cell.
_SPLITS = r";,\t|\r\n"
_NEW_CELL = rf'([{_SPLITS}]"*)'
#: A formula behind one of them; numbers with a sign are none, as at the start of a cell.
_INNER_FORMULA = re.compile(_NEW_CELL + rf'(?=[=@]|[+-](?!{_NUMBER}(?:[{_SPLITS}"]|\Z)))')
_STRICT_INNER_FORMULA = re.compile(_NEW_CELL + "(?=[=@+＝＋－＠-])")
#: Before each cell where the cells of a row are looked at together.
_JOINT = "\0"
#: What may be a formula in such a row: one of these characters at the beginning of a cell or behind a separator or a
#: quote, but for a number with a sign that is a cell of its own. Cells of a row where it is found are looked at one by
#: one. It begins with characters that are rare in rows, so that Python passes over the others quickly.
_BEHIND = rf'(?<=[\0{_SPLITS}"](?s:.))'
_IN_ROW = re.compile(rf"[{_FORMULA_STARTS}{_SIGNS}]{_BEHIND}(?!(?<=[{_SIGNS}]){_NUMBER}(?:\0|\Z))")
_STRICT_IN_ROW = re.compile(rf"[{re.escape(_STRICT_STARTS)}]{_BEHIND}")


def guarded(cell: str) -> str:
    """The cell, with an apostrophe before whatever a spreadsheet would run as a formula.

    Phone numbers ("+49 30 …") and negative numbers stay as they are (iris-connect#443,
    tableExport#230).
    """
    start = cell[:1] or " "
    is_formula = start in _FORMULA_STARTS or (start in _SIGNS and not _PLAIN_NUMBER.match(cell))
    return _INNER_FORMULA.sub(r"\1'", "'" + cell if is_formula else cell)


def strictly_guarded(cell: str) -> str:
    """The cell, with an apostrophe before whatever begins like a formula, even if it is a number."""
    is_formula = (cell[:1] or " ") in _STRICT_STARTS
    return _STRICT_INNER_FORMULA.sub(r"\1'", "'" + cell if is_formula else cell)


#: What finds that a row needs a guard, and what guards a cell.
_GUARDS: Mapping[str, tuple[re.Pattern[str] | None, Callable[[str], str]]] = {
    "safe": (_IN_ROW, guarded),
    "strict": (_STRICT_IN_ROW, strictly_guarded),
    "raw": (None, str),
}


class FormulaGuard:
    """Guards the cells of rows. ``safety``: ``safe``, ``strict``, or ``raw``, which leaves them as they are."""

    def __init__(self, safety: str) -> None:
        self._in_row, self._guard = _GUARDS[safety]

    def cells(self, cells: Sequence[str]) -> Sequence[str]:
        """The cells of a row. Most rows hold nothing to guard: one look at the whole row tells that."""
        if self._in_row is None:
            return cells
        row = _JOINT + _JOINT.join(cells)
        # A cell that holds the sign itself would look like two.
        if row.count(_JOINT) == len(cells) and not self._in_row.search(row):
            return cells
        return [self._guard(cell) for cell in cells]
