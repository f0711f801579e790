"""Free ports, and processes that end with the one that started them."""

from __future__ import annotations

import ctypes
import signal
import socket
import sys
from collections.abc import Mapping

from stacks import DeployError

_LIBC = ctypes.CDLL(None) if sys.platform.startswith("linux") else None


def port_of(environ: Mapping[str, str], name: str) -> int:
    """What the variable says, or a port that is free. Raises DeployError."""
    text = environ.get(name) or "0"
    try:
        with socket.create_server(("127.0.0.1", int(text))) as probe:
            return int(probe.getsockname()[1])
    except (ValueError, OverflowError, OSError) as error:
        raise DeployError(f"{name} is {text}, which is not a free port ({error}).") from None


def end_with_parent() -> None:
    """Let this process end with its parent, however that ends; a ``preexec_fn``."""
    if _LIBC:  # only Linux can do that
        _LIBC.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG (linux/prctl.h)
