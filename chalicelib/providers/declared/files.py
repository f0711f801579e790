"""First floor: where declared providers lie. Folders go in, files by provider name come out, and the
contents of one file.

The name of the file is the name of the provider, so that listing the providers opens no file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from chalicelib.model.errors import InvalidRequestError

#: Those that are part of the code; see README.md, "Add a provider".
OWN_FOLDER = Path(__file__).with_name("declarations")
_KINDS = frozenset({".json", ".yaml", ".yml"})
#: It becomes the beginning of environment variables.
_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")


def declared_files(folder: str, taken: Collection[str]) -> Mapping[str, Path]:
    """The declarations in the code's own folder and in ``folder`` ("" for none), by provider.

    ``taken``: names that are not free. Raises InvalidRequestError for a name that cannot be one.
    """
    if folder and not Path(folder).is_dir():
        raise InvalidRequestError(f"PROVIDER_DECLARATIONS names no folder: {folder}")
    files: dict[str, Path] = {}
    for place in (OWN_FOLDER, *((Path(folder),) if folder else ())):
        for path in sorted(place.glob("*")):
            if path.suffix not in _KINDS:
                continue
            if not _NAME.fullmatch(path.stem):
                raise InvalidRequestError(
                    f"{path.name}: the file is named after the provider, in small letters, digits "
                    'and underscores: "acme_data.yaml"'
                )
            if path.stem in files or path.stem in taken:
                raise InvalidRequestError(f"{path.name}: there is another provider of this name")
            files[path.stem] = path
    return files


def read_file(path: Path) -> Any:
    """What a JSON or YAML file holds; InvalidRequestError with the line if it is neither."""
    try:
        text = path.read_text("utf-8")
        return json.loads(text) if path.suffix == ".json" else _read_yaml(text)
    except json.JSONDecodeError as error:
        raise InvalidRequestError(f"{path.name}: no JSON, see line {error.lineno}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidRequestError(f"{path.name}: cannot be read ({error})") from None


def _read_yaml(text: str) -> Any:
    import yaml  # type: ignore[import-untyped]  # 20 ms, and only where there is a YAML file

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"see line {mark.line + 1}" if mark else "see its first lines"
        raise ValueError(f"no YAML, {where}") from None
