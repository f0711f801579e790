"""What it costs to tell who calls: ``python tests/benchmarks/authentication.py [requests]``.

It asks the app for the status of a job, in this process, with an API key and with authentication taken out, in
turn. The tables are those of a local stack, in processes of its own, so that only the app's CPU counts. A key is
remembered for some seconds; the last line has the requests that read it anew.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from chalice.test import Client

from tests.benchmarks.running import ROOT, Figure, running_stack, submit, write_list

REQUESTS, ROUNDS, MOST = 300, 5, 1.3


def measured(ask: Callable[[], None], requests: int) -> float:
    """CPU seconds of a request."""
    start = time.process_time()
    for _ in range(requests):
        ask()
    return (time.process_time() - start) / requests


def main() -> None:
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS
    with running_stack() as (stack, folder):
        list_file = folder / "list.csv"
        write_list(list_file, 100)
        job = submit(stack.api_url, list_file)
        os.environ |= {**stack.variables, **stack.root_key, "AWS_ENDPOINT_URL": stack.aws_url}
        os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
        import app as service
        from chalicelib.model.callers import SCOPES, Caller
        from chalicelib.services import services

        real = service.access.authenticate
        known = Caller("local", frozenset(SCOPES))
        headers = {"Authorization": f"Bearer {stack.api_key}"}
        with Client(service.app, project_dir=str(ROOT)) as client:

            def ask() -> None:
                answer = client.http.get(f"/status/{job}", headers=headers)
                assert answer.status_code == 200, answer.body

            def ask_anew() -> None:
                services().api_keys._read.clear()
                ask()

            ways: dict[str, list[float]] = {"open": [], "authorised": [], "key read anew": []}
            for _ in range(ROUNDS):
                for name, way in (("open", ask), ("authorised", ask), ("key read anew", ask_anew)):
                    service.access.authenticate = real if name != "open" else lambda *_: known  # type: ignore[assignment]
                    ways[name].append(measured(way, requests))
            service.access.authenticate = real
    least = {name: min(times) for name, times in ways.items()}
    for name, times in ways.items():
        middle = statistics.median(times)
        ratio = least[name] / least["open"]
        text = f"{least[name] * 1000:.2f} ms CPU ({middle * 1000:.2f} in the middle), {ratio:.2f} x open"
        limit = {"authorised": f"at most {MOST} x"}.get(name, "")
        print(Figure(f"GET /status, {name}", text, limit, ratio <= MOST if limit else None))


if __name__ == "__main__":
    main()
