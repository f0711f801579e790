"""The bucket: files in parts, and what deleting has to be sure of."""

from __future__ import annotations

from contextlib import suppress

import boto3
import pytest

from chalicelib.aws.bucket import FilesLeftError
from chalicelib.services import services


def files() -> list[str]:
    listed = boto3.client("s3").list_objects_v2(Bucket="test-bucket")
    return [item["Key"] for item in listed.get("Contents", [])]


def test_a_large_file_is_sent_in_parts(stack):
    lines = [f"{n:06d}\n".encode() * 150_000 for n in range(12)]
    with services().bucket.writer("large", "text/csv") as file:
        for line in lines:
            file.write(line)
    stored = services().bucket.find("large")
    assert services().bucket.read("large") == b"".join(lines)
    assert (stored.bytes, stored.etag[-3:]) == (file.bytes, '-3"')


def test_a_file_that_breaks_off_leaves_nothing(stack, monkeypatch):
    monkeypatch.setattr("chalicelib.aws.bucket.PART_BYTES", 1)
    with suppress(ZeroDivisionError), services().bucket.writer("broken", "text/csv") as file:
        file.write(b"some")
        raise ZeroDivisionError
    assert files() == []
    assert not boto3.client("s3").list_multipart_uploads(Bucket="test-bucket").get("Uploads")


def write(bucket, pieces: list[bytes]) -> None:
    with bucket.writer("broken", "text/csv") as file:
        for piece in pieces:
            file.write(piece)


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_a_part_that_cannot_be_sent_is_an_error_and_leaves_nothing(stack, monkeypatch, parts):
    monkeypatch.setattr("chalicelib.aws.bucket.PART_BYTES", 1)
    bucket, sent = services().bucket, []

    def refuse(**_):
        sent.append(1)
        if len(sent) == parts:
            raise ConnectionError("the part is lost")

    bucket._client.meta.events.register("before-call.s3.UploadPart", refuse)
    with pytest.raises(ConnectionError, match="lost"):
        write(bucket, [b"some"] * parts)
    assert files() == []
    assert not boto3.client("s3").list_multipart_uploads(Bucket="test-bucket").get("Uploads")


def test_deleting_takes_what_begins_so_and_nothing_else(stack):
    bucket = services().bucket
    for key in ("jobs/a/1", "jobs/a/2", "jobs/b/1"):
        bucket.put(key, b"x")
    bucket.delete_all("jobs/a/")
    assert files() == ["jobs/b/1"]
    with pytest.raises(ValueError, match="everything"):
        bucket.delete_all("")


def test_files_that_s3_keeps_are_not_taken_for_deleted(stack):
    bucket = services().bucket
    bucket.put("jobs/a/1", b"x")

    def refuse(parsed, **_):
        parsed["Errors"] = [{"Key": "jobs/a/1", "Code": "InternalError"}]

    bucket._client.meta.events.register("after-call.s3.DeleteObjects", refuse)
    with pytest.raises(FilesLeftError, match="1 files"):
        bucket.delete_all("jobs/a/")
