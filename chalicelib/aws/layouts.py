"""Stores how the list of a job is laid out, and the names of its columns, in the bucket: hundreds of columns
would make every write to the job's item dear.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from chalicelib.aws import keys
from chalicelib.aws.bucket import Bucket
from chalicelib.model.layout import Layout


class Layouts:
    """The layouts of all jobs."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._recent: dict[str, tuple[str, ...]] = {}

    def put(self, job_id: str, layout: Layout) -> None:
        """Store the layout of a job's list, before the job is split."""
        self._bucket.put(keys.layout_file(job_id), layout.to_json().encode())

    def get(self, job_id: str) -> Layout:
        """The layout of a job's list."""
        return Layout.from_json(self._bucket.read(keys.layout_file(job_id)).decode())

    def put_columns(self, job_id: str, columns: Sequence[str]) -> None:
        """Store the names of all columns, once the list is split; of JSON, they are all keys of all contacts."""
        self._bucket.put(keys.columns_file(job_id), json.dumps(columns).encode())

    def columns(self, job_id: str) -> tuple[str, ...]:
        """The names of all columns of a job that is split. They never change, so this process remembers them."""
        if job_id not in self._recent:  # workers go from job to job
            names = json.loads(self._bucket.read(keys.columns_file(job_id)))
            self._recent = {job_id: tuple(names)}
        return self._recent[job_id]
