"""Any request gets an answer below 500, and any job that was accepted ends."""

from __future__ import annotations

import gzip
import json
from typing import Any
from urllib.parse import quote

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.api.submission import LIST_TYPES
from tests.functional.checks import ENDED, check_answer, fuzzed, texts, values

names = st.sampled_from(
    [
        *("contacts", "upload_id", "estimate", "providers", "fields", "output", "csv_safety"),
        *("mapping", "min_confidence", "max_credits", "cache_days", "sample"),
    ]
)
sensible: dict[str, Any] = {
    "contacts": [{"email": "a@example.org"}, {"email": "", "x": {"y": [1, None]}}],
    "mapping": {"email": "email"},
    "fields": ["email"],
    "output": "jsonl",
    "sample": 1,
    "estimate": True,
}
requests_ = st.fixed_dictionaries({}, optional={n: st.just(v) for n, v in sensible.items()}) | (
    st.dictionaries(names, values, max_size=2)
)
rows_ = st.lists(values, max_size=4)
objects = (
    st.dictionaries(names, values, max_size=1).map(
        lambda request: {"contacts": sensible["contacts"], **request}
    )
    | requests_
)
lists = (
    st.lists(texts, min_size=1, max_size=5).map(lambda rows: "\n".join(["email,note", *rows]))
    | rows_.map(lambda rows: "\n".join(map(json.dumps, [{"email": "a"}, *rows])))
    | rows_.map(lambda rows: json.dumps([{"email": "a"}, *rows]))
)
others = (
    requests_.map(json.dumps) | values.map(json.dumps) | texts | st.binary(max_size=60).map(repr)
)
json_types = st.sampled_from(["application/json", "APPLICATION/JSON; charset=x"])


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


#: A body and its content type, which mostly fit each other.
bodies = (
    st.tuples(objects.map(json.dumps).map(encoded), json_types)
    | st.tuples(lists.map(encoded), st.sampled_from(LIST_TYPES))
    | st.tuples(
        (lists | others).map(encoded) | st.binary(max_size=60),
        json_types | st.sampled_from(LIST_TYPES),
    )
)
queries = st.dictionaries(
    names | st.just("colour"),
    st.sampled_from(
        ["true", "1e400", "NaN", "9" * 5_000, '{"email": "email"}', '"\\ud800"', "[" * 9_000]
    )
    | texts.filter(str.isascii),
    max_size=1,
)


def query_of(options: dict[str, str]) -> str:
    return "?" + "&".join(f"{name}={quote(value)}" for name, value in options.items())


@given(bodies, st.just({}) | queries, st.booleans())
@settings(fuzzed, max_examples=30)
@example((b"email\na\n", ""), {}, False)
@example((b"email\na\n", ";"), {}, False)
@example((b"email\na\n", "x" * 3_000), {}, False)
@example((b"email\na\n", "multipart/form-data; boundary=x"), {}, False)
@example((b'{"upload_id": ""}', "application/json"), {}, False)
@example((json.dumps({"upload_id": "x" * 3_000}).encode(), "application/json"), {}, False)
@example((b'{"contacts": ' + b"[" * 100_000, "application/json"), {}, False)
@example((b'{"contacts": [{"a": ' + b"9" * 5_000 + b"}]}", "application/json"), {}, True)
@example((b'{"contacts": [' + b"[" * 900 + b"]" * 900 + b"]}", "application/json"), {}, False)
@example((b"email\na\n", "text/csv"), {"mapping": "[" * 9_000}, False)
@example((b"email\na\n", "text/csv"), {"mapping": '{"\\ud800": "email"}'}, False)
@example((b"\n" * 65_536 + b'{"email": "a"}\n', "application/x-ndjson"), {}, False)
@example(('{"email": "a\u2028b"}\n{}'.encode(), "application/x-ndjson"), {}, False)
def test_every_request_gets_an_answer_and_every_job_an_end(stack, body, options, zipped):
    data, kind = body
    sent = gzip.compress(data, mtime=0) if zipped else data
    answer = stack.post(f"/process{query_of(options)}", sent, kind)
    if job_id := check_answer(answer):
        stack.delivered.clear()  # Hypothesis writes down all arguments, this one too
        assert stack.run(job_id)["status"] in (*ENDED, "FAILED")
