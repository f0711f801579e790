"""Names: in parts, joined, and guessed from an address."""

from __future__ import annotations

import pytest

from chalicelib.identity.name_case import capitalised
from chalicelib.identity.name_cells import parse_name
from chalicelib.identity.names import (
    join_name,
    name_from_email,
    split_name,
)


@pytest.mark.parametrize(
    ("full", "first", "last"),
    [
        ("Jane Doe", "Jane", "Doe"),
        ("Doe, Jane", "Jane", "Doe"),
        ("DOE, JANE", "Jane", "Doe"),
        ("jane doe", "Jane", "Doe"),
        ("Jane DOE", "Jane", "Doe"),
        ("Jane M. Doe", "Jane", "Doe"),
        ("Dr. Jane Doe PhD", "Jane", "Doe"),
        ("DR. JANE DOE, MBA", "Jane", "Doe"),
        ("Jane Doe Jr.", "Jane", "Doe"),
        ("JD Doe", "JD", "Doe"),
        ("Jane (JD) Doe 🚀", "Jane", "Doe"),
        ("LUDWIG VAN MUSTER", "Ludwig", "van Muster"),
        ("de la Muestra, María", "María", "de la Muestra"),
        ("Jean-Luc Exemple", "Jean-Luc", "Exemple"),
        ("JANE O'EXAMPLE", "Jane", "O'Example"),
        ("Judge Doe", "", "Doe"),
        ("Mr. Doe", "", "Doe"),
        ("Jane", "Jane", ""),
        ("ИВАН ПРИМЕРОВ", "Иван", "Примеров"),
        ("山田 太郎", "太郎", "山田"),
        ("김 민수", "민수", "김"),
        ("", "", ""),
        ("王小明", "", ""),
        ("Mr", "", ""),
        ("-", "", ""),
        ("x" * 201, "", ""),
    ],
)
def test_splits(full: str, first: str, last: str) -> None:
    assert split_name(full) == (first, last)


@pytest.mark.parametrize(
    ("first", "last", "full"),
    [
        ("Jane", "Doe", "Jane Doe"),
        ("JANE", "DOE", "Jane Doe"),
        ("Jane", "", "Jane"),
        ("Li", "NG", "Li NG"),
        ("小明", "王", "王小明"),
    ],
)
def test_joins(first: str, last: str, full: str) -> None:
    assert join_name(first, last) == full


@pytest.mark.parametrize(
    ("local", "first", "last"),
    [
        ("jane.doe", "Jane", "Doe"),
        ("jane_doe", "Jane", "Doe"),
        ("jane-doe", "Jane", "Doe"),
        ("jane.m.doe", "Jane", "Doe"),
        ("jane.doe2", "Jane", "Doe"),
        ("jane.doe+news", "Jane", "Doe"),
        ("jean-luc.exemple", "Jean-Luc", "Exemple"),
        ("dev.patel", "Dev", "Patel"),
        ("jörg.muster", "Jörg", "Muster"),
        *(
            (local, "", "")
            for local in ("janedoe", "j.doe", "12.34", "info", "sales.uk", "", "-._")
        ),
        *((local, "", "") for local in ("emea.sales", "jane.maria.anna.doe", "x7.b3", "a.1")),
    ],
)
def test_guesses_from_addresses(local: str, first: str, last: str) -> None:
    assert name_from_email(f"{local}@example.org") == (first, last)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("JANE MCEXAMPLE", "Jane McExample"),
        ("anne-marie d'exemple", "Anne-Marie D'Exemple"),
        ("VAN EXAMPLE", "Van Example"),
        ("Jane deExample", "Jane deExample"),
        ("王小明", "王小明"),
        ("", ""),
    ],
)
def test_capitals(name: str, expected: str) -> None:
    assert capitalised(name) == expected


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("jane@example.org", "an e-mail address, not a name"),
        ("12 34", "no letters in it"),
        ("word " * 50, "too long for a name"),
    ],
)
def test_not_a_name(cell: str, problem: str) -> None:
    assert parse_name(cell) == ("", problem)


def test_reads_the_usual_capitals() -> None:
    assert parse_name(" JANE \u00a0 de  Example ").value == "Jane de Example"
