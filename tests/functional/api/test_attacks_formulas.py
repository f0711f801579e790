"""Attacks with cells that a spreadsheet would run as formulas."""

from __future__ import annotations

import csv
import io

import pytest

EVIL = "=cmd|' /C calc'!A1"
#: A cell for everything that a spreadsheet may split at.
NOTES = [f"x{split}{EVIL}" for split in (";", ",", "\t", "|", "\n", "\r\n", ';"', ',"')]


def contacts() -> dict[str, list[dict[str, str]]]:
    return {"contacts": [{"email": "jane@example.org", "note": note} for note in NOTES]}


@pytest.mark.parametrize("safety", ["safe", "strict"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_formula_inside_a_cell_for_a_spreadsheet_that_splits_there(stack, safety, delimiter):
    job = stack.submit({**contacts(), "csv_safety": safety}, "application/json")
    text = stack.download(stack.run(job)).decode()
    with_quotes = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    by_line = csv.reader(text.replace('"', "").splitlines(), delimiter=delimiter)
    cells = [cell for reader in (with_quotes, by_line) for row in reader for cell in row]
    assert [cell for cell in cells if cell[:1] in ("=", "@")] == []
    assert text.count("'=cmd") == len(NOTES)


def test_raw_leaves_such_cells_as_they_are(stack):
    job = stack.submit({**contacts(), "csv_safety": "raw"}, "application/json")
    text = stack.download(stack.run(job)).decode()
    assert [row[1] for row in csv.reader(io.StringIO(text, newline=""))][1:] == NOTES
