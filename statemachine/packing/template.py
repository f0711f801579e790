"""Makes the template of the resources from the files beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[1]


def resources_template(keeps_data: bool = False) -> str:
    """The template of the resources, with the definition of the state machine in its place.

    With ``keeps_data``, tables and bucket outlive the stack: CloudFormation takes no condition there.
    """
    definition = json.loads((_FOLDER / "enrichment.asl.json").read_text("utf-8"))
    text = json.dumps(json.dumps(definition, separators=(",", ":")))
    template = (_FOLDER / "resources.yaml").read_text("utf-8")
    if keeps_data:
        template = template.replace(
            "DeletionPolicy: Delete", "DeletionPolicy: RetainExceptOnCreate"
        )
        template = template.replace("UpdateReplacePolicy: Delete", "UpdateReplacePolicy: Retain")
    return template.replace('"@enrichment.asl.json"', text)


def kept(outputs: Mapping[str, str]) -> str:
    """What to tell whoever has deleted a stage that keeps its data."""
    tables = [outputs["ControlTableName"], outputs["DynamoTableName"]]
    commands = [f"aws s3 rb --force s3://{outputs['S3BucketName']}"]
    for table in tables:
        commands.append(
            f"aws dynamodb update-table --no-deletion-protection-enabled --table-name {table}"
        )
        commands.append(f"aws dynamodb delete-table --table-name {table}")
    return "\n  ".join(
        [
            "Its tables and its bucket are kept, and it cannot be deployed again until they are "
            "deleted, as these commands do:",
            *commands,
        ]
    )
