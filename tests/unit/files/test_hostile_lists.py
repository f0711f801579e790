"""Hostile lists: hard rows come back beside the others; what cannot be read is refused with the reason."""

from __future__ import annotations

import json

import pytest

from chalicelib.files.inflating import read_head
from chalicelib.model.errors import EnrichmentError
from tests.layouts import detect_layout
from tests.unit.files.hostile import FAILING, FINE, REFUSED
from tests.unit.files.lists import given_rows, input_rows, read, written


@pytest.mark.parametrize("name", FINE)
def test_hard_rows_come_back_beside_the_others(name):
    data, count = FINE[name]
    layout, rows = read(data)
    columns = list(layout.columns)
    inputs = input_rows(rows, columns)
    assert len(inputs) == count
    assert any(row.contact for row in inputs)
    back = given_rows(rows, columns)
    assert len(written(back, columns, "csv")) == len(written(back, columns, "jsonl")) == count


@pytest.mark.parametrize("name", REFUSED)
def test_a_list_is_refused_by_its_start(name):
    data, says = REFUSED[name]
    with pytest.raises(EnrichmentError, match=says):
        detect_layout(*read_head(data[: 2**20], len(data) <= 2**20))


@pytest.mark.parametrize("name", FAILING)
def test_a_list_that_cannot_be_read_on_says_why(name):
    data, says = FAILING[name]
    layout = detect_layout(*read_head(data[: 2**20], len(data) <= 2**20))
    assert json.loads(layout.to_json())["columns"][0] == "email"
    with pytest.raises(EnrichmentError, match=says):
        read(data)
