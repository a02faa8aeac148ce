"""Objects in a bucket of an S3 server: the same promises as on files, kept with requests instead of links.

Nothing is overwritten: the request that makes an object says `If-None-Match: *` (RFC 9110, 13.1.2), and a server that does not heed it is
refused at start. Of several puts of one key at the same moment one wins; where both are uploads in parts, some servers acknowledge both, so
keys are random and never chosen twice. Each put carries a random mark, to tell a lost answer from a lost object.
Rests on `minio` being pinned: its own `put_object` cannot state a condition (as metadata it would be stored, and the object overwritten).
"""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from minio import Minio
from minio.error import MinioException, S3Error
from minio.xml import Element, SubElement, getbytes
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from portal.kernel.config import S3StoreSection
from portal.kernel.errors import Misconfigured, Unavailable
from portal.kernel.ids import new_object_key
from portal.vault.errors import AlreadyThere, Broken, WrongSize
from portal.vault.store import check_key, check_prefix

#: Bytes of a part. An upload holds two of them in memory; a server takes 10,000, so an object may have 156 GiB.
PART = 16 * 1024 * 1024

#: Seconds to reach the server, and to wait for its next word; how often a request is sent again that may be.
CONNECT, SILENCE, AGAIN = 5.0, 60.0, 2

_MARK = "x-amz-meta-put"
#: Said, lest a server look into the bytes for it.
_TYPE = {"Content-Type": "application/octet-stream"}
_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
_REFUSED = frozenset({"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"})
#: All that a request can end in: SyntaxError and ValueError are an answer that is not the XML it should be.
_FAILURES = (MinioException, HTTPError, OSError, SyntaxError, ValueError)


class S3Store:
    """Objects in one bucket, which must be there and keep no versions: what is deleted must be gone.

    With `create`, for a new installation, a bucket that is not there is made, and one that is must be empty.
    """

    def __init__(self, section: S3StoreSection, secret_key: str, *, create: bool = False, now: Callable[[], float] = time.time) -> None:
        self._bucket, self._now = section.bucket, now
        try:
            self._client = Minio(
                endpoint=section.endpoint,
                access_key=section.access_key,
                secret_key=secret_key,
                secure=section.secure,
                region=section.region,
                http_client=_http(),
            )
            self._check_bucket(create)
        except ValueError as error:  # of the client: an address or a name that cannot be one
            raise Misconfigured(f"the section [store] cannot be used: {error}") from error
        self._check_conditions()

    def put(self, key: str, chunks: Iterable[bytes | memoryview], size: int) -> None:
        check_key(key)
        pieces = _pieces(chunks, size)
        if size <= PART:
            self._put_whole(key, b"".join(pieces))
        else:
            self._put_parts(key, pieces)

    def get(self, key: str, offset: int, length: int) -> bytes:
        check_key(key)
        if length == 0:  # no range says "nothing"
            self.stat(key)
            return b""
        with _within_reach(key):
            response = self._client.get_object(bucket_name=self._bucket, object_name=key, offset=offset, length=length)
            try:
                data = response.read(length + 1, decode_content=False)  # never more in memory, whatever the server sends
            finally:
                response.close()
                response.release_conn()
        if len(data) != length:
            raise Broken(f"object {key} is shorter than recorded, or the store gave more than was asked for")
        return data

    def stat(self, key: str) -> int:
        check_key(key)
        try:
            with _within_reach(key):
                return self._client.stat_object(bucket_name=self._bucket, object_name=key).size or 0
        except Broken:
            with _within_reach():  # this answer has no body: a bucket that is gone looks like an object that is
                if self._client.bucket_exists(bucket_name=self._bucket):
                    raise
            raise Unavailable("the store failed: its bucket is gone") from None

    def delete(self, key: str) -> None:
        check_key(key)
        with _within_reach():
            self._client.remove_object(bucket_name=self._bucket, object_name=key)

    def list(self, prefix: str = "") -> Iterator[tuple[str, timedelta]]:
        check_prefix(prefix)
        with _within_reach():
            for entry in self._client.list_objects(bucket_name=self._bucket, prefix=prefix, recursive=True):
                if entry.object_name and entry.last_modified and _is_key(entry.object_name):
                    yield entry.object_name, self._age(entry.last_modified)

    def sweep_temporaries(self, older_than: timedelta = timedelta(hours=1)) -> int:
        """Ends uploads in parts that nobody finished; one counts as written to when its last part arrived.

        Servers page such a list each in its own way, so the first page is read again for as long as that gets on.
        """
        swept, before, more = 0, -1, True
        while more and swept > before:
            before = swept
            with _within_reach():
                page = self._client._list_multipart_uploads(self._bucket)
            for found in page.uploads:
                key, upload, begun = found.object_name, found.upload_id, found.initiated_time
                if upload and begun and _is_key(key) and self._idle(key, upload, begun) >= older_than:
                    swept += self._abort(key, upload)
            more = page.is_truncated
        return swept

    # ---- writing
    def _put_whole(self, key: str, data: bytes) -> None:
        mark = secrets.token_hex(16)
        with self._landing(key, mark, len(data)):
            self._client._put_object(self._bucket, key, data, {"If-None-Match": "*", _MARK: mark, **_TYPE})

    def _put_parts(self, key: str, pieces: Iterable[bytes]) -> None:
        mark, size, parts = secrets.token_hex(16), 0, Element("CompleteMultipartUpload")
        with _within_reach():
            upload = self._client._create_multipart_upload(self._bucket, key, {_MARK: mark, **_TYPE})
        try:
            for number, piece in enumerate(pieces, start=1):
                with _within_reach():
                    etag = self._client._upload_part(self._bucket, key, piece, None, upload, number)
                part = SubElement(parts, "Part")
                SubElement(part, "PartNumber", str(number))
                SubElement(part, "ETag", f'"{etag}"')
                size += len(piece)
            with self._landing(key, mark, size):
                headers: dict[str, str | list[str] | tuple[str]] = {"If-None-Match": "*", "Content-Type": "application/xml"}
                query: dict[str, str | list[str] | tuple[str]] = {"uploadId": upload}
                self._client._execute("POST", self._bucket, key, getbytes(parts), headers, query)
            if not self._landed(key, mark, size):  # a failure of this request may come as 200
                raise Unavailable("the store failed: it did not put the parts of an object together")
        except BaseException:
            self._abort(key, upload)
            raise

    def _put_piece(self, key: str, data: bytes) -> None:
        self._put_parts(key, [data])

    @contextmanager
    def _landing(self, key: str, mark: str, size: int) -> Iterator[None]:
        """Around the request that makes an object appear: if it fails, what counts is whether this very object is there."""
        try:
            yield
        except _FAILURES as error:
            if self._landed(key, mark, size):
                return
            if isinstance(error, S3Error) and error.code in _TAKEN:
                raise AlreadyThere(f"object {key} exists; nothing was changed") from None
            raise _unavailable(error) from error

    def _landed(self, key: str, mark: str, size: int) -> bool:
        try:
            with _within_reach(key):
                found = self._client.stat_object(bucket_name=self._bucket, object_name=key)
        except Broken:
            return False
        return found.size == size and (found.metadata or {}).get(_MARK) == mark

    def _abort(self, key: str, upload: str) -> bool:
        """End an upload; False if the store did not, and a sweep will have to."""
        with suppress(*_FAILURES):
            self._client._abort_multipart_upload(self._bucket, key, upload)
            return True
        return False

    # ---- looking
    def _idle(self, key: str, upload: str, begun: datetime) -> timedelta:
        """For how long nothing has come for this upload; nothing at all if it has ended meanwhile."""
        last, marker = begun, None
        while True:
            try:
                with _within_reach(key):
                    page = self._client._list_parts(self._bucket, key, upload, part_number_marker=marker)
            except Broken:
                return timedelta(0)
            last = max([last, *(part.last_modified for part in page.parts if part.last_modified)])
            marker = str(page.next_part_number_marker or "") or None
            if not (page.is_truncated and marker):
                return self._age(last)

    def _age(self, moment: datetime) -> timedelta:
        """By our clock, which the server's cannot be far from: it refuses requests signed at another time than its own."""
        return timedelta(seconds=self._now() - moment.timestamp())

    # ---- at start
    def _check_bucket(self, create: bool) -> None:
        try:
            if not self._client.bucket_exists(bucket_name=self._bucket):
                if not create:
                    raise Misconfigured(f"the store has no bucket {self._bucket}: check store.endpoint and store.bucket, or make it")
                self._client.make_bucket(bucket_name=self._bucket)
            elif create and self._holds_anything():
                raise Misconfigured(f"the bucket {self._bucket} is not empty: name a new one in store.bucket; nothing was changed")
            versions = self._client.get_bucket_versioning(bucket_name=self._bucket).status
        except S3Error as error:
            if error.code in _REFUSED:
                advice = "check store.access_key, its secret, and what it may do with the bucket and its versioning"
                raise Misconfigured(f"the store refuses the portal ({error.code}): {advice}") from error
            raise _unavailable(error) from error
        except (MinioException, HTTPError, OSError, SyntaxError) as error:
            advice = f"is store.endpoint an S3 server, and store.secure right? ({_name(error)})"
            raise Unavailable(f"the store does not answer: {advice}") from error
        if versions in {"Enabled", "Suspended"}:
            raise Misconfigured(f"the bucket {self._bucket} keeps versions, so nothing would be gone when deleted: use one that never did")

    def _holds_anything(self) -> bool:
        """Is there an object, ours or not, or an upload that was begun?"""
        listed = self._client.list_objects(bucket_name=self._bucket, recursive=True)
        return next(iter(listed), None) is not None or bool(self._client._list_multipart_uploads(self._bucket).uploads)

    def _check_conditions(self) -> None:
        key = new_object_key()
        self._put_whole(key, b"0")
        try:
            for again in (self._put_whole, self._put_piece):
                try:
                    again(key, b"1")
                except AlreadyThere:
                    continue
                raise Misconfigured("the store overwrites objects though told not to (If-None-Match): use a server that heeds it")
        finally:
            self.delete(key)


def _http() -> PoolManager:
    """Trusts the system's certificate authorities. What is repeated is safe to repeat; a redirection is not followed but an error."""
    retries = Retry(total=AGAIN, redirect=False, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504], raise_on_status=False)
    return PoolManager(maxsize=32, timeout=Timeout(connect=CONNECT, read=SILENCE), retries=retries, cert_reqs="CERT_REQUIRED")


def _pieces(chunks: Iterable[bytes | memoryview], size: int) -> Iterator[bytes]:
    """The chunks as parts: all of `PART` bytes but the last. Ends only after exactly `size` bytes."""
    waiting, came = bytearray(), 0
    for chunk in chunks:
        came += len(chunk)
        if came > size:
            raise WrongSize(size, "more came")
        waiting += chunk
        while len(waiting) >= PART:
            with memoryview(waiting) as view:
                piece = bytes(view[:PART])
            del waiting[:PART]
            yield piece
    if came < size:
        raise WrongSize(size, f"{came} came")
    if waiting:
        yield bytes(waiting)


def _is_key(name: str) -> bool:
    try:
        check_key(name)
    except ValueError:
        return False
    return True


def _unavailable(error: BaseException) -> Unavailable:
    return Unavailable(f"the store failed: {(error.code if isinstance(error, S3Error) else None) or _name(error)}")


def _name(error: BaseException) -> str:
    """What kind of failure it was; of one that was tried again, the last. Its text could name objects."""
    return type(getattr(error, "reason", None) or error).__name__


@contextmanager
def _within_reach(key: str = "") -> Iterator[None]:
    """Around one request. With a key, an answer that the object is gone or shorter is `Broken`."""
    try:
        yield
    except S3Error as error:
        if key and error.code in {"NoSuchKey", "NoSuchUpload"}:
            raise Broken(f"object {key} is gone") from None
        if key and error.code == "InvalidRange":
            raise Broken(f"object {key} is shorter than recorded") from None
        raise _unavailable(error) from error
    except _FAILURES as error:
        raise _unavailable(error) from error
