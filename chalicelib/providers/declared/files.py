"""Finds and opens the files that declare providers.

A file has the name of its provider, so that the providers can be listed without opening any file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from chalicelib.model.errors import InvalidRequestError

#: Declarations that are deployed with the code; see docs/providers.md.
OWN_FOLDER = Path(__file__).with_name("declarations")
_KINDS = frozenset({".json", ".yaml", ".yml"})
#: It becomes the first part of environment variables.
_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")


def declared_files(folder: str, taken: Collection[str]) -> Mapping[str, Path]:
    """The declarations in the code's own folder and in ``folder`` ("" for none), by provider name.

    ``taken``: names of other providers. Raises InvalidRequestError for a name that cannot be used.
    """
    if folder and not Path(folder).is_dir():
        # Whoever makes a request reads this: where the folder should be is not for them.
        raise InvalidRequestError(
            "PROVIDER_DECLARATIONS names no folder; it must be the path of one that the service can read."
        )
    files: dict[str, Path] = {}
    for place in (OWN_FOLDER, *((Path(folder),) if folder else ())):
        for path in sorted(place.glob("*")):
            if path.suffix not in _KINDS:
                continue
            if not _NAME.fullmatch(path.stem):
                raise InvalidRequestError(
                    f"{path.name}: a file is named like its provider, with small letters, digits "
                    'and underscores: "acme_data.yaml"'
                )
            if path.stem in files or path.stem in taken:
                raise InvalidRequestError(f"{path.name}: there is already a provider of this name")
            files[path.stem] = path
    return files


def read_file(path: Path) -> Any:
    """The content of a JSON or YAML file; InvalidRequestError with the line if it is neither."""
    try:
        text = path.read_text("utf-8")
        return json.loads(text) if path.suffix == ".json" else _read_yaml(text)
    except json.JSONDecodeError as error:
        raise InvalidRequestError(f"{path.name}: is not JSON, see line {error.lineno}") from None
    except OSError as error:
        raise InvalidRequestError(f"{path.name}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError(f"{path.name}: cannot be read ({error})") from None


def _read_yaml(text: str) -> Any:
    import yaml  # type: ignore[import-untyped]  # takes 20 ms to load; only if a file is YAML

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"see line {mark.line + 1}" if mark else "see its first lines"
        raise ValueError(f"not YAML, {where}") from None
