"""Makes the template of the resources from the files beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parents[1]


def resources_template(keeps_data: bool = False) -> str:
    """The template of the resources, with the alarms and the state machines in their places.

    With ``keeps_data``, tables, bucket and secret outlive the stack: CloudFormation takes no condition there.
    """
    text = (_FOLDER / "resources.yaml").read_text("utf-8")
    text = text.replace('  "@alarms.yaml": {}\n', (_FOLDER / "alarms.yaml").read_text("utf-8"))
    for file in _FOLDER.glob("*.asl.json"):
        definition = json.dumps(uncommented(file), separators=(",", ":"))
        # In single quotes, where a quotation mark takes one byte and not two.
        text = text.replace(f'"@{file.name}"', "'" + definition.replace("'", "''") + "'")
    if keeps_data:
        text = text.replace("DeletionPolicy: Delete", "DeletionPolicy: RetainExceptOnCreate")
        text = text.replace("UpdateReplacePolicy: Delete", "UpdateReplacePolicy: Retain")
    return re.sub(r"(?m)^ *#.*\n", "", text)  # CloudFormation takes 51,200 bytes


def uncommented(file: Path) -> dict[str, Any]:
    """A state machine without what its states say of themselves: it is for readers of the file."""
    machine: dict[str, Any] = json.loads(file.read_text("utf-8"))
    for state in machine["States"].values():
        state.pop("Comment", None)
    return machine


def kept(outputs: Mapping[str, str]) -> str:
    """What to tell whoever has deleted a stage that keeps its data."""
    tables = [outputs[f"{of}TableName"] for of in ("Control", "Dynamo", "Access")]
    commands = [f"aws s3 rb --force s3://{outputs['S3BucketName']}"]
    for table in tables:
        commands.append(
            f"aws dynamodb update-table --no-deletion-protection-enabled --table-name {table}"
        )
        commands.append(f"aws dynamodb delete-table --table-name {table}")
    commands.append(f"aws secretsmanager delete-secret --secret-id {outputs['LedgerSecretArn']}")
    return "\n  ".join(
        [
            "Its tables, its bucket and its secret are kept, and it cannot be deployed again until they are "
            "deleted, as these commands do:",
            *commands,
        ]
    )
