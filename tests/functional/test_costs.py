"""What a batch costs on AWS: docs/operations.md has the units that the worker really uses."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.functional.resources import aws_session

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
ROWS = 200
LIST = "Email,First name,Last name\n" + "".join(
    f"person.{n}@dept{n % 7}.example.org,Ada,Example{n}\n" for n in range(ROWS)
)


def size(value: dict[str, Any]) -> int:
    """Bytes of an attribute, as DynamoDB bills them; binary values come as base64 here."""
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return len(content) // 2 + 2
    if kind == "B":
        return len(content) * 3 // 4
    if kind == "M":
        return 3 + sum(1 + len(name) + size(part) for name, part in content.items())
    return 3 + sum(1 + size(part) for part in content) if kind == "L" else 1


def size_of(item: dict[str, Any]) -> int:
    return sum(len(name) + size(value) for name, value in item.items())


class Bill:
    """Counts what the calls of clients use that are made while ``watching``."""

    def __init__(self) -> None:
        self.used: Counter[str] = Counter()
        self._asks = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        events = aws_session().events
        events.register("before-call", self._count, unique_id="bill")
        try:
            yield
        finally:
            events.unregister("before-call", unique_id="bill")

    def _count(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if self._asks:
            return
        self.used[f"{model.service_model.service_name} {model.name}"] += 1
        if model.service_model.service_name == "dynamodb":
            self._asks = True
            try:
                self._count_units(model.name, json.loads(params["body"]))
            finally:
                self._asks = False

    def _count_units(self, name: str, sent: dict[str, Any]) -> None:
        if name in ("PutItem", "UpdateItem", "DeleteItem"):
            self.used["writes"] += self._written(sent)
        elif name == "TransactWriteItems":  # each is written twice
            parts = [part for item in sent["TransactItems"] for part in item.values()]
            self.used["writes"] += 2 * sum(self._written(part) for part in parts)
        elif name == "BatchWriteItem":
            parts = [part for items in sent["RequestItems"].values() for part in items]
            put = [part["PutRequest"] for part in parts if "PutRequest" in part]
            self.used["writes"] += sum(map(self._written, put)) + len(parts) - len(put)
        elif name == "GetItem":
            self.used["reads"] += self._read(sent["TableName"], sent["Key"], sent)
        elif name == "BatchGetItem":
            for table, asked in sent["RequestItems"].items():
                self.used["reads"] += sum(self._read(table, key, asked) for key in asked["Keys"])

    def _written(self, part: dict[str, Any]) -> int:
        """Units for one item: one for each KB of it, as it was or as it is put."""
        item = part.get("Item") or self._stored(part["TableName"], part["Key"])
        return max(1, -(-size_of(item) // 1024))

    def _read(self, table: str, key: dict[str, Any], asked: dict[str, Any]) -> float:
        units = max(1, -(-size_of(self._stored(table, key)) // 4096))
        return units if asked.get("ConsistentRead") else units / 2

    def _stored(self, table: str, key: dict[str, Any]) -> dict[str, Any]:
        found = boto3.client("dynamodb").get_item(TableName=table, Key=key).get("Item", {})
        return dict(found)


def said(row: str) -> dict[str, float]:
    """The numbers of a row of the page's table, by provider."""
    header, *rows = PAGE.split("\n| for a batch of 100 rows |")[1].split("\n\n")[0].splitlines()
    names = re.findall(r"`(\w+)`", header)
    (cells,) = [line.split("|")[2:] for line in rows if line.startswith(f"| {row} |")]
    return dict(zip(names, (float(cell) for cell in cells[: len(names)]), strict=True))


@pytest.mark.parametrize("provider", ["offline", "pdl"])
def test_the_page_has_the_units_that_the_worker_uses(stack, vendors, provider) -> None:
    bill = Bill()
    with bill.watching():
        job_id = stack.submit_csv(LIST, f"?providers={provider}")
        stack.invoke("split_batches", {"job_id": job_id})
        first, second = stack.receive()
        stack.invoke("worker", {"Records": [first]})  # reads the names of the columns, once
        bill.used.clear()
        stack.invoke("worker", {"Records": [second]})
    assert bill.used["s3 GetObject"] == 1
    for row, counted in (("write units", bill.used["writes"]), ("read units", bill.used["reads"])):
        assert said(row)[provider] == pytest.approx(counted, rel=0.1, abs=2), f"{row}: {counted}"
