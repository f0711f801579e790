"""Files out: the formula guard, the columns, both formats."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.files.enriched import StoredRow
from chalicelib.files.formulas import FormulaGuard, guarded, strictly_guarded
from chalicelib.files.rows import GivenRow
from chalicelib.files.writers import create_writer, quoted, unique_names
from chalicelib.model.options import Options
from tests.unit.files.lists import cells, fuzzed

HARMLESS = ["", "text", "+49 30 23125 001", "-5", "+1 (202) 555-0143", "-1.50", " =1", "1+1", "a@b"]
FORMULAS = ["=1+1", "@SUM(A1)", "+1+cmd|' /C calc'!A0", "-2+3", "\t1", "\r1", "+Grid", "-"]


@pytest.mark.parametrize("cell", HARMLESS)
def test_harmless_cells_stay_as_they_are(cell):
    assert guarded(cell) == cell


@pytest.mark.parametrize("cell", FORMULAS)
def test_formulas_are_made_text(cell):
    assert guarded(cell) == "'" + cell
    assert strictly_guarded(cell) == "'" + cell


def test_strict_guards_numbers_too():
    assert strictly_guarded("+49 30 23125 001") == "'+49 30 23125 001"
    assert strictly_guarded("plain") == "plain"
    assert guarded("030 1;+49 30 2,-5") == "030 1;+49 30 2,-5"
    assert strictly_guarded("030 1;+49 30 2,-5") == "030 1;'+49 30 2,'-5"


@pytest.mark.parametrize("separator", [";", ",", "\t", "|", "\n", "\r", ';"', ';""', "\t\t"])
def test_a_formula_behind_what_a_spreadsheet_splits_at_is_made_text(separator):
    for formula in ("=1+1", "@SUM(A1)", "-2+3", "+x"):
        cell = f"x{separator}{formula}"
        for guard in (guarded, strictly_guarded):
            assert guard(cell) == f"x{separator}'{formula}"


@given(st.lists(cells, max_size=4))
@fuzzed
@example(["", "x", ";=1"])
@example(["+49 30 1", "=1"])
@example(["+49 30 1", "+49;x"])
@example(["x", "\n"])
@example(["+1\0x", "x"])  # the sign that stands between cells
def test_a_row_is_guarded_cell_by_cell(row):
    assert [*FormulaGuard("safe").cells(row)] == [guarded(cell) for cell in row]
    assert [*FormulaGuard("strict").cells(row)] == [strictly_guarded(cell) for cell in row]
    assert [*FormulaGuard("raw").cells(row)] == row


def row(cells, record=None, **values):
    origins = tuple((name, "offline", 0.5) for name in values)
    return GivenRow(cells, record, ""), StoredRow("partial", "why", origins, [*values.values()])


def written(options, columns, rows):
    writer = create_writer(options, columns)
    return (writer.header() + b"".join(writer.row(*each) for each in rows)).decode()


def test_csv_has_the_input_first_then_the_enriched_columns():
    options = Options(fields=("email", "phone"), sources=True)
    text = written(options, ["Mail", "Mail"], [row(["a\r\nb", 'q"'], email="=x")])
    assert text[0] == "\ufeff"
    header, line = csv.reader(io.StringIO(text[1:], newline=""))
    assert header == [
        *("Mail", "Mail", "enriched_status", "enriched_email", "enriched_phone"),
        *("enriched_sources", "enriched_error"),
    ]
    assert line[:5] == ["a\r\nb", 'q"', "partial", "'=x", ""]
    assert json.loads(line[5]) == {"email": {"provider": "offline", "confidence": 0.5}}
    assert line[6] == "why"


def test_raw_leaves_formulas():
    text = written(Options(fields=("email",), csv_safety="raw"), ["Mail"], [row(["=1"])])
    assert text.splitlines()[1].startswith("=1,")


def written_with(delimiter, filled, columns, rows, **options):
    writer = create_writer(Options(**options), columns, delimiter, filled)
    text = (writer.header() + b"".join(writer.row(*each) for each in rows)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_only_filled_columns_are_there():
    given, stored = row(["a"], email="x", city="Bonn")
    header, line = written_with(",", {"email", "city"}, ["n"], [(given, stored)])
    assert header == ["n", "enriched_status", "enriched_email", "enriched_city"]
    assert line == ["a", "partial", "x", "Bonn"]
    assert written_with(",", {"error"}, ["n"], [(given, stored)])[0] == [
        *("n", "enriched_status", "enriched_error"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_inputs(delimiter):
    cells = ["a,b", "a;b", "a\tb", "a|b", 'q"', "x\r\ny"]
    columns = [str(n) for n in range(6)]
    rows = [row(cells)]
    assert written_with(delimiter, set(), columns, rows, csv_safety="raw") == [
        [*columns, "enriched_status"],
        [*cells, "partial"],
    ]


@pytest.mark.parametrize("output", ["csv", "jsonl"])
def test_columns_of_an_earlier_result_are_replaced(output):
    columns = ["n", "enriched_status", "enriched_email", "enriched_sources", "enriched_score"]
    options = Options(output=output, fields=("email",))
    text = written(options, columns, [row(["1", "old", "old@", "{}", "5"], email="new")])
    assert "old" not in text
    assert text.count("enriched_status") == (output == "csv")
    assert "enriched_score" in text  # it is none of ours


def test_jsonl_has_real_booleans_and_its_sources():
    values = {"email_valid": "true", "email_free": "false", "title": "true"}
    (line,) = written(Options(output="jsonl"), ["n"], [row(["1"], **values)]).splitlines()
    enriched = json.loads(line)["enriched"]
    assert (enriched["email_valid"], enriched["email_free"]) == (True, False)
    assert (enriched["title"], enriched["phone_valid"]) == ("true", None)
    assert enriched["sources"]["email_valid"]["provider"] == "offline"


def test_jsonl_keeps_the_object_and_tells_columns_of_one_name_apart():
    options = Options(fields=("email",), output="jsonl")
    from_csv, from_json = (
        json.loads(line)
        for line in written(
            options, ["Mail", "Mail"], [row(["a", "b"], email="x"), row([], {"n": 1.5, "u": "ü"})]
        ).splitlines()
    )
    assert from_csv["input"] == {"Mail": "a", "Mail (2)": "b"}
    assert from_csv["enriched"]["email"] == "x"
    assert from_json["input"] == {"n": 1.5, "u": "ü"}
    assert from_json["enriched"]["email"] is None


def test_lone_surrogates_break_neither_format():
    rows = [row(["\ud800"], {"n": "\ud800"})]
    assert json.loads(written(Options(output="jsonl"), ["n"], rows))["input"] == {"n": "\ud800"}
    assert written(Options(), ["n"], rows).splitlines()[1].startswith("?,")


def test_unique_names():
    assert unique_names(["a", "a", "a (2)", "a"]) == ["a", "a (2)", "a (2) (2)", "a (3)"]


@given(st.lists(cells, min_size=2, max_size=6))
@fuzzed
@example(["a,b", ""])
@example(['"', "\n", "\r"])
def test_cells_are_quoted_as_python_quotes_them(row):
    text = io.StringIO(newline="")
    csv.writer(text).writerow(row)
    assert quoted(row) + "\r\n" == text.getvalue()
