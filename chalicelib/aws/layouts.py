"""Stores how the list of a job is laid out, the names of its columns and what it tells as a whole, in the bucket:
hundreds of columns would make every write to the job's item dear.
"""

from __future__ import annotations

from chalicelib.aws import keys
from chalicelib.aws.bucket import Bucket
from chalicelib.identity.list_facts import ListFacts
from chalicelib.model.layout import Columns, Layout

#: Layouts that a process remembers; each has at most a few hundred kilobytes.
_REMEMBERED = 20


class Layouts:
    """The layouts of all jobs."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._layouts: dict[str, Layout] = {}
        self._recent: dict[str, Columns] = {}
        self._facts: dict[str, ListFacts] = {}

    def put(self, job_id: str, layout: Layout) -> None:
        """Store the layout of a job's list, before the job is split."""
        self._bucket.put(keys.layout_file(job_id), layout.to_json().encode())

    def get(self, job_id: str) -> Layout:
        """The layout of a job's list."""
        return Layout.from_json(self._bucket.read(keys.layout_file(job_id)).decode())

    def find(self, job_id: str) -> Layout | None:
        """The layout of a job's list; None if it is gone. It never changes, so this process remembers some."""
        if job_id not in self._layouts:
            stored = self._bucket.find(keys.layout_file(job_id))
            if stored is None:
                return None
            if len(self._layouts) >= _REMEMBERED:
                self._layouts.clear()
            self._layouts[job_id] = self.get(job_id)
        return self._layouts[job_id]

    def put_columns(self, job_id: str, columns: Columns) -> None:
        """Store all columns, once the list is split; of JSON, they are all keys of all contacts."""
        self._bucket.put(keys.columns_file(job_id), columns.to_json().encode())

    def columns(self, job_id: str) -> Columns:
        """All columns of a job that is split. They never change, so this process remembers them."""
        if job_id not in self._recent:  # workers go from job to job
            stored = self._bucket.read(keys.columns_file(job_id))
            self._recent = {job_id: Columns.from_json(stored)}
        return self._recent[job_id]

    def put_facts(self, job_id: str, facts: ListFacts) -> None:
        """Store what the list tells, once it is split."""
        self._bucket.put(keys.facts_file(job_id), facts.to_json().encode())

    def facts(self, job_id: str) -> ListFacts:
        """What the list of a job tells; this process remembers the facts of one job."""
        if job_id not in self._facts:
            self._facts = {job_id: ListFacts.from_json(self._bucket.read(keys.facts_file(job_id)))}
        return self._facts[job_id]
