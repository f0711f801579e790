"""What the long benchmarks share: a service of their own that always stops, its AWS, and the memory of its
processes.
"""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "statemachine")]

from local_stack import LocalStack, Ports

#: The exit status after Ctrl-C.
INTERRUPTED = 130
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def running_stack() -> Iterator[tuple[LocalStack, Path]]:
    """A stack on free ports, and a directory, for as long as the block lasts, however it ends.
    Providers are taken from the environment.
    """
    for number in _ENDINGS[1:]:
        signal.signal(number, _end)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        stack = LocalStack(ROOT, Path(folder), Ports.chosen({}))
        try:
            stack.start()
            yield stack, Path(folder)
        finally:
            # A second Ctrl-C must not leave anything running.
            for number in _ENDINGS:
                signal.signal(number, signal.SIG_IGN)
            stack.stop()


def _end(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)


def client(stack: LocalStack, service: str) -> Any:
    """A client of the stack's AWS."""
    assert stack.target is not None, "the stack runs"
    return stack.target.client(service)


def outputs(stack: LocalStack) -> dict[str, str]:
    """The names of the stack's resources."""
    assert stack.deployed is not None, "the stack runs"
    return dict(stack.deployed.outputs)


def peak_megabytes(process: int) -> float:
    """The most memory that a process has taken so far; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return kilobytes[0] / 1024 if kilobytes else 0.0
