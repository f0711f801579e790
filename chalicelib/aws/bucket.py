"""Stores files in the bucket and reads them, in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.model.errors import NotReadyError, UnreadableInputError

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

#: The least that S3 takes as a part: a larger one delays other readers longer on the emulator. 10,000 parts are 50 GB.
PART_BYTES = 5 * 1024**2
_CHUNK = 1024**2
#: Bytes that S3 copies in one call, a few seconds' work; ten calls run at a time.
COPY_BYTES = 256 * 1024**2
#: What S3 says of a file that is gone, or is not the one that was asked for.
_CHANGED = ("PreconditionFailed", "412", "NoSuchKey")
#: The most that DeleteObjects takes.
_DELETED = 1_000


class FilesLeftError(RuntimeError):
    """S3 refused to delete files."""


@dataclass(frozen=True)
class StoredFile:
    """A file in the bucket. ``etag`` changes whenever its content does."""

    key: str
    etag: str
    bytes: int


class Bucket:
    """The service's bucket."""

    def __init__(self, client: S3Client, name: str) -> None:
        self._client = client
        self._name = name

    def put(self, key: str, data: bytes) -> StoredFile:
        """Store a small file."""
        answer = self._client.put_object(Bucket=self._name, Key=key, Body=data)
        return StoredFile(key, answer["ETag"], len(data))

    def find(self, key: str) -> StoredFile | None:
        """What is stored under a key, None if nothing."""
        try:
            answer = self._client.head_object(Bucket=self._name, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                return None
            raise
        return StoredFile(key, answer["ETag"], answer["ContentLength"])

    def read(self, key: str, start: int = 0, end: int | None = None) -> bytes:
        """A part of a file: bytes ``start`` up to, not including, ``end``."""
        options: dict[str, Any] = {}
        if start or end is not None:
            options["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        return self._client.get_object(Bucket=self._name, Key=key, **options)["Body"].read()

    def part(self, file: StoredFile, start: int, end: int) -> bytes:
        """A part of a file. UnreadableInputError when it is gone or no longer the same."""
        return self._open(file.key, IfMatch=file.etag, Range=f"bytes={start}-{end - 1}").read()

    def chunks(self, key: str, etag: str = "") -> Iterator[bytes]:
        """A file in pieces; UnreadableInputError when it is gone or no longer the one of ``etag``."""
        unchanged: dict[str, Any] = {"IfMatch": etag} if etag else {}
        yield from self._open(key, **unchanged).iter_chunks(_CHUNK)

    def _open(self, key: str, **options: Any) -> StreamingBody:
        try:
            answer = self._client.get_object(Bucket=self._name, Key=key, **options)
        except ClientError as error:
            if error.response["Error"]["Code"] in _CHANGED:
                raise UnreadableInputError(
                    "The file was replaced or removed meanwhile; send the list again."
                ) from None
            raise
        return answer["Body"]

    def copy(self, source: StoredFile, key: str) -> None:
        """Copy a file inside the bucket; NotReadyError when it is gone, or no longer the one that was found.

        S3 copies up to 5 GB in one call, but takes a minute for it: large files are copied in parts.
        """
        from boto3.s3.transfer import TransferConfig

        try:
            self._client.copy(
                {"Bucket": self._name, "Key": source.key},
                self._name,
                key,
                ExtraArgs={"CopySourceIfMatch": source.etag},
                Config=TransferConfig(
                    multipart_threshold=COPY_BYTES, multipart_chunksize=COPY_BYTES
                ),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in (*_CHANGED, "404"):
                raise NotReadyError(
                    "The file of this upload was replaced or deleted during the request; send the "
                    "request again."
                ) from None
            raise

    def writer(self, key: str, content_type: str) -> PartsWriter:
        """A file to be written in pieces; use it with ``with``."""
        return PartsWriter(self._client, self._name, key, content_type)

    def delete_all(self, prefix: str) -> None:
        """Delete every file whose key begins with ``prefix``, and the parts of unfinished uploads."""
        if not prefix:
            raise ValueError("Without a prefix everything in the bucket would go.")
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._name, Prefix=prefix
        )
        for page in pages:
            for start in range(0, len(page.get("Contents", [])), _DELETED):
                found = page["Contents"][start : start + _DELETED]
                self._delete([item["Key"] for item in found])
        begun = self._client.get_paginator("list_multipart_uploads").paginate(
            Bucket=self._name, Prefix=prefix
        )
        for some in begun:
            for upload in some.get("Uploads", []):
                self._client.abort_multipart_upload(
                    Bucket=self._name, Key=upload["Key"], UploadId=upload["UploadId"]
                )

    def _delete(self, keys: list[str]) -> None:
        answer = self._client.delete_objects(
            Bucket=self._name, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
        )
        if answer.get("Errors"):
            raise FilesLeftError(f"S3 did not delete {len(answer['Errors'])} files.")

    def sign_download(self, key: str, filename: str, seconds: int) -> str:
        """A URL from which anyone can download the file, for so many seconds."""
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._name,
                "Key": key,
                "ResponseContentDisposition": f'attachment; filename="{filename}"',
            },
            ExpiresIn=seconds,
        )

    def sign_upload(self, key: str, content_type: str, limit: int, seconds: int) -> dict[str, Any]:
        """``url`` and ``fields`` of a form by which anyone can send a file of 1 to ``limit`` bytes."""
        return self._client.generate_presigned_post(
            self._name,
            key,
            Fields={"Content-Type": content_type},
            Conditions=[["content-length-range", 1, limit], {"Content-Type": content_type}],
            ExpiresIn=seconds,
        )


class PartsWriter:
    """Writes one object in parts, in constant memory. The object appears when it is complete.

    A part is sent while the next one is written: sending takes about as long as writing.
    """

    def __init__(self, client: S3Client, bucket: str, key: str, content_type: str) -> None:
        self._client = client
        self._place: Any = {"Bucket": bucket, "Key": key}
        self._type = content_type
        self._upload_id = ""
        self._parts: list[CompletedPartTypeDef] = []
        self._waiting = bytearray()
        self._sender = ThreadPoolExecutor(1)
        self._sending: Future[CompletedPartTypeDef] | None = None
        self.bytes = 0

    def __enter__(self) -> PartsWriter:
        return self

    def write(self, data: bytes) -> None:
        self._waiting += data
        self.bytes += len(data)
        if len(self._waiting) >= PART_BYTES:
            self._send_part()

    def _send_part(self) -> None:
        if not self._upload_id:
            begun = self._client.create_multipart_upload(**self._place, ContentType=self._type)
            self._upload_id = begun["UploadId"]
        self._wait_for_part()
        number, data = len(self._parts) + 1, bytes(self._waiting)
        self._waiting.clear()
        self._sending = self._sender.submit(self._upload, number, data)

    def _upload(self, number: int, data: bytes) -> CompletedPartTypeDef:
        answer = self._client.upload_part(
            **self._place, UploadId=self._upload_id, PartNumber=number, Body=data
        )
        return {"PartNumber": number, "ETag": answer["ETag"]}

    def _wait_for_part(self) -> None:
        """Wait until the part that is being sent is there; raises what went wrong with it."""
        if self._sending is not None:
            sending, self._sending = self._sending, None
            self._parts.append(sending.result())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._complete()
                self._upload_id = ""
        finally:
            self._sender.shutdown()  # a part that came after the abort would stay, and be billed
            if self._upload_id:
                self._client.abort_multipart_upload(**self._place, UploadId=self._upload_id)

    def _complete(self) -> None:
        if not self._upload_id:
            data = bytes(self._waiting)
            self._client.put_object(**self._place, Body=data, ContentType=self._type)
            return
        if self._waiting:
            self._send_part()
        self._wait_for_part()
        self._client.complete_multipart_upload(
            **self._place, UploadId=self._upload_id, MultipartUpload={"Parts": self._parts}
        )
