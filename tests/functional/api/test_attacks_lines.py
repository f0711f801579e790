"""Attacks with characters that some readers take for the end of a line."""

from __future__ import annotations

import json

#: What Python's splitlines, JavaScript before 2019 and some editors end a line at.
LINE_ENDS = ("\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\r", "\n")


def test_a_line_of_json_that_some_readers_would_cut_in_two(stack):
    contacts = [
        {"email": "jane@example.org", f"note{end}": f'x{end}{{"input": "ü"}}'} for end in LINE_ENDS
    ]
    job = stack.submit({"contacts": contacts, "output": "jsonl"}, "application/json")
    lines = stack.download(stack.run(job)).decode().splitlines()
    assert [json.loads(line)["input"] for line in lines] == contacts
