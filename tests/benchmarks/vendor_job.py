"""How a job gets on with a slow vendor: ``python tests/benchmarks/vendor_job.py``, on the embedded AWS and the
vendor server, by the vendor's own account and the batches' items.

1. How near a vendor's limit a job comes: the calls that the vendor allowed as a share of its limit, and the
   share of calls that it throttled.
2. How often a batch is postponed, with 1, 10 and 100 batches before a vendor of 10 calls a minute and one call
   a batch. Of a job that takes longer the first two minutes are looked at.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))


from tests import signed
from tests.benchmarks.running import INTERRUPTED, Figure, batches_of, running_stack
from tests.vendors.server import VendorServer

#: The first vendor's limit, in its windows, and the same for the service. It takes 10 contacts a call.
LIMIT_CALLS, LIMIT_SECONDS = 20, 20
RATE_BATCHES = 12
#: The slow vendor.
SLOW_CALLS_PER_MINUTE = 10
QUEUES = (1, 10, 100)
LONGEST = 120

#: Goals.
SHARE, THROTTLED, POSTPONEMENTS = 0.95, 0.01, 1.0


def people(batches: int, department: str) -> bytes:
    """A list of so many batches. Other departments are other people."""
    rows = (
        f"person.{n}@{department}{n % 50}.example.org,Person Example{n}\n"
        for n in range(100 * batches)
    )
    return ("Email,Name\n" + "".join(rows)).encode()


def run_job(stack: Any, vendor: str, batches: int, department: str, longest: float) -> str:
    """Run a job of so many batches with the vendor, to its end or for so many seconds: its id."""
    answer = signed.post(
        f"{stack.api_url}/process?providers={vendor}",
        data=people(batches, department),
        headers={"Content-Type": "text/csv"},
        timeout=60,
    )
    answer.raise_for_status()
    job_id, end = str(answer.json()["id"]), time.monotonic() + longest
    while time.monotonic() < end:
        status = signed.get(f"{stack.api_url}/status/{job_id}", timeout=60).json()
        if status["finished_at"]:
            break
        time.sleep(1)
    return job_id


def at_the_limit(stack: Any, vendors: VendorServer) -> list[Figure]:
    account = vendors["apollo"].account
    run_job(stack, "apollo", RATE_BATCHES, "rate", 600)
    # Without the first and the last window: they begin and end somewhere.
    seconds = range(
        min(account.allowed_at) + LIMIT_SECONDS, max(account.allowed_at) - LIMIT_SECONDS
    )
    calls = sum(account.allowed_at[second] for second in seconds)
    share = calls / len(seconds) / (LIMIT_CALLS / LIMIT_SECONDS)
    throttled = account.throttled / account.calls
    name = f"{LIMIT_CALLS} calls in {LIMIT_SECONDS} s"
    return [
        Figure(f"{name}: used", f"{share:.1%}", f"at least {SHARE:.0%}", share >= SHARE),
        Figure(
            f"{name}: throttled",
            f"{throttled:.2%} of {account.calls} calls",
            f"under {THROTTLED:.0%}",
            throttled < THROTTLED,
        ),
    ]


def postponed(stack: Any, batches: int) -> Figure:
    job_id = run_job(stack, "pdl", batches, f"queue{batches}x", LONGEST)
    times = sum(int(item["postponements"]["N"]) for item in batches_of(stack, job_id))
    signed.post(f"{stack.api_url}/jobs/{job_id}/cancel", timeout=60)  # if it has not ended
    each = times / batches
    return Figure(
        f"postponements, {batches} batches",
        f"{each:.2f} a batch",
        f"at most {POSTPONEMENTS:g} a batch",
        each <= POSTPONEMENTS,
    )


def run() -> None:
    with VendorServer() as vendors:
        os.environ.update(vendors.environment())
        os.environ["PDL_CALLS_PER_MINUTE"] = str(SLOW_CALLS_PER_MINUTE)
        os.environ["APOLLO_CALLS_PER_MINUTE"] = str(LIMIT_CALLS * 60 // LIMIT_SECONDS)
        vendors["apollo"].configure(limits=[(LIMIT_CALLS, LIMIT_SECONDS)])
        with running_stack() as (stack, _):
            for figure in at_the_limit(stack, vendors):
                print(figure, flush=True)
            for batches in QUEUES:
                print(postponed(stack, batches), flush=True)


def main() -> int:
    try:
        run()
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
