"""What belongs to one owner is not there for another: jobs, uploads and idempotency keys."""

from __future__ import annotations

import pytest

from chalicelib.aws.uploads import Upload
from chalicelib.model.errors import NotFoundError
from chalicelib.services import services


def test_a_job_is_not_there_for_another_owner(stack):
    jobs, job_id = services().jobs, stack.submit_csv("email\na@example.org\n")
    assert jobs.get("default", job_id).id == job_id
    with pytest.raises(NotFoundError):
        jobs.get("other", job_id)


def test_an_upload_is_not_there_for_another_owner(stack):
    uploads, upload = services().uploads, Upload("u", "one", "uploads/u")
    uploads.create(upload, 0)
    assert uploads.get("one", "u") == upload
    with pytest.raises(NotFoundError):
        uploads.get("other", "u")


def test_the_same_idempotency_key_of_another_owner_is_another_key(stack):
    known = services().idempotency_keys
    assert known.claim("one", "key", "request", "job-1", 0) == "job-1"
    assert known.claim("one", "key", "request", "job-2", 0) == "job-1"
    assert known.claim("other", "key", "another request", "job-3", 0) == "job-3"
