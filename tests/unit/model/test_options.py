"""What a caller may ask for, and what is said to those who ask for something else."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.model.contacts import DEFAULT_FIELDS, FIELDS, HEADLINE_FIELDS
from chalicelib.model.errors import InvalidRequestError
from chalicelib.model.option_parsing import parse_options
from chalicelib.model.options import Options
from tests.unit.files.lists import fuzzed, texts, values

PROVIDERS = ("offline", "other")
MANY = [f"{n}" * 20 for n in range(20_000)]


def test_defaults():
    options = parse_options({}, PROVIDERS)
    assert options.providers == ("offline",)
    assert options.wanted == DEFAULT_FIELDS
    assert options.goal == HEADLINE_FIELDS


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"providers": "other, offline,other"}, {"providers": ("other", "offline")}),
        ({"providers": ["other"]}, {"providers": ("other",)}),
        ({"fields": "phone,email"}, {"fields": ("email", "phone")}),
        ({"mapping": '{"Mail": "email", "X": null}'}, {"mapping": {"Mail": "email", "X": ""}}),
        ({"min_confidence": "0.5"}, {"min_confidence": {"": 0.5}}),
        ({"min_confidence": {"email": 1}}, {"min_confidence": {"email": 1.0}}),
        ({"default_country": "de"}, {"default_country": "DE"}),
        ({"output": "jsonl", "csv_safety": "raw"}, {"output": "jsonl", "csv_safety": "raw"}),
        ({"sample": "1e3", "cache_days": 7.0}, {"sample": 1000, "cache_days": 7}),
    ],
)
def test_options_are_read_from_json_and_from_query_strings(raw, expected):
    options = parse_options(raw, PROVIDERS)
    assert options == Options(**expected)
    assert Options.from_json(options.to_json()) == options


@pytest.mark.parametrize("fields", ["all", ["email", "all"], list(FIELDS)])
def test_all_fields_are_those_on_request_as_well(fields):
    options = parse_options({"fields": fields}, PROVIDERS)
    assert options.wanted == (*DEFAULT_FIELDS, "salutation", "duplicate_of")
    assert options.goal == HEADLINE_FIELDS


def test_remarks_are_not_needed_to_be_matched():
    assert parse_options({"fields": "email,seniority"}, PROVIDERS).goal == ("email",)
    assert parse_options({"fields": "seniority"}, PROVIDERS).goal == ("seniority",)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"provider": "x"}, 'Unknown option "provider".*"providers"'),
        ({"providers": "nobody"}, '"nobody" is not known.*"offline", "other"'),
        ({"providers": []}, "list of names"),
        ({"providers": [1]}, "list of names"),
        ({"fields": "email,fax"}, '"fax" is not known'),
        *(
            ({"default_country": wrong}, "two-letter")
            for wrong in ("", "Germany", "UK", "XX", 49, None)
        ),
        ({"output": "pdf"}, '"csv", "jsonl", "xlsx"'),
        ({"csv_safety": "none"}, '"strict"'),
        ({"mapping": {"Mail": "e-mail"}}, '"e-mail" is not a field'),
        ({"mapping": {"Mail": 1}}, "must be an object"),
        ({"mapping": "{"}, "must be JSON"),
        ({"min_confidence": 2}, "from 0 to 1"),
        ({"min_confidence": True}, "from 0 to 1"),
        ({"min_confidence": {"fax": 0.5}}, '"fax" is not a field'),
        ({"sample": 1.7}, "sample must be a whole number"),
        ({"sample": "0.5"}, "sample must be from 1 to 1,000,000,000"),
        ({"cache_days": "29.5"}, "cache_days must be a whole number"),
        ({"cache_days": "x"}, "cache_days .* must be JSON"),
        ({"sources": 1}, "sources must be true or false"),
    ],
)
def test_wrong_options_are_named_with_what_is_allowed(raw, says):
    with pytest.raises(InvalidRequestError, match=says):
        parse_options(raw, PROVIDERS)


option_names = st.sampled_from(
    ["providers", "fields", "output", "csv_safety", "mapping", "min_confidence", "max_credits"]
) | st.sampled_from(["cache_days", "sample"])


@given(st.dictionaries(option_names | texts, values | values.map(json.dumps), max_size=3))
@fuzzed
@example({"mapping": "[" * 100_000})
@example({"mapping": '{"\ud800": "email"}'})
@example({"sample": "9" * 5_000})
@example({"max_credits": "1e400", "min_confidence": "NaN"})
def test_options_are_read_or_refused_in_few_words(raw):
    error = ""
    try:
        options = parse_options(raw, ("offline",))
        assert Options.from_json(options.to_json()) == options
    except InvalidRequestError as refusal:
        error = str(refusal)
    assert len(error) < 5_000


@pytest.mark.parametrize("raw", [{"providers": MANY}, dict.fromkeys(MANY), {"fields": MANY}])
def test_not_all_of_very_many_names_are_repeated(raw):
    with pytest.raises(InvalidRequestError, match="more") as refusal:
        parse_options(raw, PROVIDERS)
    assert len(str(refusal.value)) < 5_000
