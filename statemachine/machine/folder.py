"""Gives a run a folder that only its user can read, and deletes those of runs that were killed."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class RunFolder:
    """A folder for what ends with this process: provider keys, copies of contacts, the emulator's state."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = -1

    def make(self) -> None:
        """Make it, in a folder that is private too, and delete what killed runs have left there."""
        parent = self.path.parent
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        parent.chmod(0o700)  # it may be from before
        with _locked(parent):  # so that nobody deletes it before it is locked
            for left in parent.glob("run-*"):
                if not _is_in_use(left):
                    shutil.rmtree(left, ignore_errors=True)
            self.path.mkdir(mode=0o700)
            self._lock = os.open(self.path, os.O_RDONLY)
            # The system lets go of it when this process ends, however that ends.
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def delete(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock != -1:
            os.close(self._lock)
            self._lock = -1


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _is_in_use(folder: Path) -> bool:
    with suppress(FileNotFoundError):
        lock = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
    return False
