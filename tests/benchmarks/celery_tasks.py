"""The one task of the Celery worker that the service is compared with."""

from __future__ import annotations

import os

from celery import Celery

from tests.benchmarks.peers import Batch, enrich_rows

app = Celery("peers", broker=os.environ["BENCHMARK_REDIS"], backend=os.environ["BENCHMARK_REDIS"])


@app.task
def enrich(columns: list[str], rows: Batch) -> str:
    """A batch of rows in, its part of the result file out."""
    return enrich_rows(columns, rows)
