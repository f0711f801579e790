"""Ground floor: what is written to the log. Names and numbers go in, one line of JSON comes out.

No personal datum and no key may get in: log jobs, batches, counts, kinds of errors; never messages of
errors from elsewhere, which may quote what they choked on.
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path

from chalicelib.model.errors import EnrichmentError


def log_event(event: str, **facts: str | int | float) -> None:
    """One line of JSON on standard error, which Lambda keeps in the function's log group."""
    sys.stderr.write(json.dumps({"event": event, **facts}) + "\n")


def describe(error: BaseException) -> str:
    """What went wrong and where, without the error's message: ``"KeyError at rows.py:88 in _given"``.

    The service's own errors speak for themselves; of an AWS error the code is told.
    """
    if isinstance(error, EnrichmentError):
        return str(error)
    kind = type(error).__name__
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        kind = f"{kind} {response.get('Error', {}).get('Code', '')}".strip()
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "chalicelib" in frame.filename] or frames
    if not ours:
        return kind
    return f"{kind} at {Path(ours[-1].filename).name}:{ours[-1].lineno} in {ours[-1].name}"
