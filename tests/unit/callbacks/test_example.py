"""The lines of docs/api.md with which a receiver checks a callback do what the page says."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from chalicelib.callbacks.signing import secret_text, signed_headers

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text("utf-8")
SECRET, OTHER = secret_text(b"an invented secret of a test ..."), secret_text(b"another" * 5)
BODY = b'{"type":"job.ended"}'


@pytest.fixture
def is_genuine() -> Any:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    return names["is_genuine"]


@pytest.mark.parametrize("secrets", [[SECRET], [OTHER, SECRET], [SECRET, OTHER]])
def test_what_was_signed_is_genuine(is_genuine, secrets):
    assert is_genuine(SECRET, signed_headers(secrets, "msg_1", time.time(), BODY), BODY)


def test_what_was_changed_or_comes_late_is_not(is_genuine):
    headers = signed_headers([SECRET], "msg_1", time.time(), BODY)
    assert not is_genuine(SECRET, headers, BODY + b" ")
    assert not is_genuine(OTHER, headers, BODY)
    assert not is_genuine(SECRET, {**headers, "webhook-id": "msg_2"}, BODY)
    old = signed_headers([SECRET], "msg_1", time.time() - 301, BODY)
    assert not is_genuine(SECRET, old, BODY)
