"""No request takes the API function to the end of its 512 MB, whatever is in it."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.functional.conftest import PROJECT

#: Bytes by which a request may make the process grow. The function has 512 MB; before its first request
#: it takes about 100.
ALLOWED = 200 * 2**20


def test_no_request_uses_up_the_memory(subtests):
    program = [sys.executable, "-m", "tests.functional.api.request_memory"]
    done = subprocess.run(program, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for query, figures in json.loads(done.stdout).items():
        for name, (status, grown) in figures.items():
            with subtests.test(name, query=query):
                assert grown < ALLOWED
                assert status in (200, 202, 400, 413, 415)
