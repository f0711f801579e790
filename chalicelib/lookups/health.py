"""First floor: the door to what happens to providers during a job: which is used no more, which failed how
often, which asked for rest. An attribute of the job's item each, so that workers do not undo each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.aws.dynamodb import from_item, to_item, update_if
from chalicelib.aws.items import provider_attribute

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class ProviderTroubles:
    """The troubles of all jobs."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def stop(self, job_id: str, provider: str, state: str) -> None:
        """Do without a provider for the rest of the job."""
        self._set(job_id, "stopped", provider, state)

    def note_throttled(self, job_id: str, provider: str, until: float) -> None:
        """A provider asked for rest."""
        self._set(job_id, "throttled", provider, until)

    def reset_failures(self, job_id: str, provider: str) -> None:
        """A provider answered again."""
        self._set(job_id, "failures", provider, 0)

    def count_failure(self, job_id: str, provider: str) -> int:
        """A provider gave no answer; how often that was so in a row."""
        name = provider_attribute("failures", provider)
        answer = self._client.update_item(
            TableName=self._table,
            Key=to_item({"pk": job_id, "sk": "JOB"}),
            UpdateExpression="ADD #name :one",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":one": {"N": "1"}},
            ReturnValues="UPDATED_NEW",
        )
        return int(from_item(answer["Attributes"])[name])

    def _set(self, job_id: str, kind: str, provider: str, value: str | float) -> None:
        update_if(
            self._client,
            self._table,
            {"pk": job_id, "sk": "JOB"},
            "attribute_exists(pk)",
            UpdateExpression="SET #name = :value",
            ExpressionAttributeNames={"#name": provider_attribute(kind, provider)},
            ExpressionAttributeValues=to_item({":value": value}),
        )
