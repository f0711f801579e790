"""Does what a command of the AWS CLI does, by the call of boto3 that belongs to it.

    python aws_command.py sqs get-queue-url --queue-name any --query QueueUrl --output text

It knows operations with their parameters, ``--query`` and ``--output``, as far as the pages use them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import boto3
import jmespath
from botocore import xform_name
from botocore.validate import validate_parameters

_OWN = ("query", "output")
#: The CLI's names for parameters whose own names are options of every command.
_RENAMED = {"sns subscribe notification-endpoint": "endpoint"}


@dataclass(frozen=True)
class Call:
    """An operation of a service. ``query`` and ``output``: the CLI's own options."""

    service: str
    operation: str
    parameters: dict[str, Any]
    query: str
    output: str


def parse(words: Sequence[str]) -> Call:
    """The call of a command without ``aws``. Raises ValueError for what the service does not know, and
    ParamValidationError for parameters that it does not accept.
    """
    service, command, *rest = words
    model = _client(service).meta.service_model
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if command not in names:
        raise ValueError(f"aws {service} has no command {command}")
    shape = model.operation_model(names[command]).input_shape
    members = {xform_name(name, "-"): name for name in shape.members}
    parameters, own = {}, dict.fromkeys(_OWN, "")
    for given, values in _options(rest).items():
        option = _RENAMED.get(f"{service} {command} {given}", given)
        if option in own:
            (own[option],) = values
        elif option in members:
            parameters[members[option]] = _value(shape.members[members[option]], values)
        elif _is_switched_off(option, shape, members):
            parameters[members[option.removeprefix("no-")]] = False
        else:
            raise ValueError(f"aws {service} {command} has no option --{option}")
    validate_parameters(parameters, shape)
    return Call(service, xform_name(names[command]), parameters, own["query"], own["output"])


def run(call: Call) -> str:
    """What the CLI would print."""
    client = _client(call.service)
    if client.can_paginate(call.operation):
        answer = client.get_paginator(call.operation).paginate(**call.parameters)
        found: Any = answer.build_full_result()
    else:
        found = getattr(client, call.operation)(**call.parameters)
        found.pop("ResponseMetadata", None)
    if call.query:
        found = jmespath.search(call.query, found)
    if call.output == "text":
        return _text(found)
    return json.dumps(found, indent=4, default=str) if found else ""


def _client(service: str) -> Any:
    return boto3.client(service)  # type: ignore[call-overload]


def _is_switched_off(option: str, shape: Any, members: dict[str, str]) -> bool:
    """Whether it is ``--no-enabled``, of a parameter that is true or false."""
    name = members.get(option.removeprefix("no-"), "")
    return option.startswith("no-") and bool(name) and shape.members[name].type_name == "boolean"


def _options(words: Sequence[str]) -> dict[str, list[str]]:
    options: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("--"):
            options[word.removeprefix("--")] = []
        elif options:
            options[next(reversed(options))].append(word)
        else:
            raise ValueError(f"{word} belongs to no option")
    return options


def _value(shape: Any, values: list[str]) -> Any:
    if shape.type_name == "list" and not values[0].startswith("["):
        return [_value(shape.member, [value]) for value in values]
    if shape.type_name == "boolean":
        return True
    (value,) = values
    if shape.type_name in ("list", "structure", "map"):
        return json.loads(value)
    return int(value) if shape.type_name in ("integer", "long") else value


def _text(found: Any) -> str:
    """As ``--output text`` writes texts, lists of texts and lists of such lists."""
    if isinstance(found, list):
        rows = [row if isinstance(row, list) else [row] for row in found]
        flat = all(not isinstance(row, list) for row in found)
        lines = ["\t".join(map(str, row)) for row in rows]
        return "\t".join(lines) if flat else "\n".join(lines)
    return str(found)


if __name__ == "__main__":
    sys.stdout.write(run(parse(sys.argv[1:])) + "\n")
