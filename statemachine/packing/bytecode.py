"""Adds bytecode to an archive of code, so that a new process of a function need not compile it."""

from __future__ import annotations

import marshal
import shutil
import sys
import zipfile
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import Path, PurePosixPath

#: The file holds the hash of its source, and Python does not compare them (PEP 552). Times of files,
#: which it compares otherwise, are not those of the source when Lambda has unpacked the archive.
_UNCHECKED_HASH = (1).to_bytes(4, "little")


def add_bytecode(archive: Path, made_before: Path) -> None:
    """Put the bytecode of this Python beside each module; ``made_before`` is where the result is kept."""
    if not made_before.exists():
        with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as opened:
            for name in [name for name in opened.namelist() if name.endswith(".py")]:
                module = PurePosixPath(name)
                compiled = f"{module.stem}.{sys.implementation.cache_tag}.pyc"
                source = opened.read(name)
                entry = zipfile.ZipInfo(str(module.parent / "__pycache__" / compiled))
                entry.external_attr = 0o644 << 16
                code = marshal.dumps(compile(source, name, "exec", dont_inherit=True))
                content = MAGIC_NUMBER + _UNCHECKED_HASH + source_hash(source) + code
                opened.writestr(entry, content, zipfile.ZIP_DEFLATED)
        unfinished = made_before.with_suffix(".unfinished")
        shutil.copyfile(archive, unfinished)
        unfinished.replace(made_before)
    shutil.copyfile(made_before, archive)
