"""What the long benchmarks share: a service of their own that always stops, its AWS, and the memory of its
processes.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "statemachine")]

from local import LocalStack

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
        stack = LocalStack(Path(folder), without_ports(os.environ))
        try:
            stack.start()
            stack.serve_routes()  # the emulator has enough to do
            yield stack, Path(folder)
        finally:
            # A second Ctrl-C must not leave anything running.
            for number in _ENDINGS:
                signal.signal(number, signal.SIG_IGN)
            stack.stop()


def _end(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)


def without_ports(environ: Mapping[str, str]) -> dict[str, str]:
    """Without the ports of the user's own stack, which may be up."""
    return {name: value for name, value in environ.items() if not name.startswith("LOCAL_")}


def peak_megabytes(process: int) -> float:
    """The most memory that a process has taken so far; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return kilobytes[0] / 1024 if kilobytes else 0.0
