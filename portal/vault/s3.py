"""Objects in buckets of an S3 server: the same promises as on files, kept with requests instead of links.

Nothing is overwritten: the request that makes an object says `If-None-Match: *` (RFC 9110, 13.1.2), and a server that does not heed it is
refused at start. Of several puts of one key at the same moment one wins; where both are uploads in parts, some servers acknowledge both, so
keys are random and never chosen twice. Each put carries a random mark, to tell a lost answer from a lost object, and `Content-MD5`, which
tells the server of a byte that changed on the way (some do not look at the hash that was signed); one that does not look is refused, too.
Where the bucket keeps versions, because it can lock them, deleting removes each version: a delete without one would only hide the object.
Rests on `minio` being pinned: its own `put_object` cannot state a condition (as metadata it would be stored, and the object overwritten).
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from minio import Minio
from minio.error import S3Error
from minio.xml import Element, SubElement, getbytes

from portal.kernel.config import S3StoreSection
from portal.kernel.errors import Misconfigured, Unavailable
from portal.kernel.ids import new_object_key
from portal.vault.answers import FAILURES, read_body, unavailable, within_reach
from portal.vault.buckets import check_buckets
from portal.vault.errors import AlreadyThere, Broken, WrongSize
from portal.vault.line import Line
from portal.vault.locks import delete_versions, demand_right_to_keep, keep
from portal.vault.store import HEADER_SUFFIX, Stored, check_key, check_prefix, is_deletable, is_key

#: Bytes of a part. An upload holds two of them in memory; a server takes 10,000, so an object may have 156 GiB.
PART = 16 * 1024 * 1024

_MARK = "x-amz-meta-put"
#: Said, lest a server look into the bytes for it.
_TYPE = {"Content-Type": "application/octet-stream"}
_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
#: How servers say that a bucket locks nothing, or that they know no locks.
_NO_LOCK = frozenset({"ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration", "NotImplemented"})


class S3Store:
    """Objects in one bucket, or payloads in one that may lock them and all that must be deletable in another.

    Both must be there, and keep versions only as far as the configuration says so. With `create`, for a new installation, a bucket that
    is not there is made, and one that is must be empty.
    """

    def __init__(self, section: S3StoreSection, secret_key: str, *, create: bool = False, now: Callable[[], float] = time.time) -> None:
        self._bucket, self._now = section.bucket, now
        self._header_bucket = section.header_bucket or section.bucket
        self._mode = section.retention_mode.upper()
        self._line = Line(section.ca_file)
        try:
            self._client = Minio(
                endpoint=section.endpoint,
                access_key=section.access_key,
                secret_key=secret_key,
                secure=section.secure,
                region=section.region,
                http_client=self._line,
            )
            self._versions = check_buckets(self._client, section, create=create)
        except ValueError as error:  # of the client: an address or a name that cannot be one
            raise Misconfigured(f"the section [store] cannot be used: {error}") from error
        except S3Error as error:
            raise unavailable(error) from error
        for suffix in ("", HEADER_SUFFIX) if section.header_bucket else ("",):
            self._check_conditions(new_object_key() + suffix)
        if section.retention_days:
            self._check_keeping()

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
        with within_reach(key):
            response = self._client.get_object(bucket_name=self._of(key), object_name=key, offset=offset, length=length)
            try:
                data = read_body(response, length)
            finally:
                response.close()
                response.release_conn()
        if len(data) != length:
            raise Broken(f"object {key} is shorter than recorded, or the store gave more than was asked for")
        return data

    def stat(self, key: str) -> int:
        check_key(key)
        try:
            with within_reach(key):
                return self._client.stat_object(bucket_name=self._of(key), object_name=key).size or 0
        except Broken:
            with within_reach():  # this answer has no body: a bucket that is gone looks like an object that is
                if self._client.bucket_exists(bucket_name=self._of(key)):
                    raise
            raise Unavailable("the store failed: its bucket is gone") from None

    def delete(self, key: str) -> None:
        check_key(key)
        with within_reach():
            if self._of(key) == self._bucket and self._versions:
                delete_versions(self._client, self._bucket, key)
            else:
                self._client.remove_object(bucket_name=self._of(key), object_name=key)

    def keep(self, key: str, until: datetime) -> None:
        check_key(key)
        if is_deletable(key):
            raise ValueError("what must be deletable is never kept")
        with within_reach(key):
            keep(self._client, self._bucket, key, mode=self._mode, until=until)

    def list(self, prefix: str = "") -> Iterator[tuple[str, timedelta]]:
        return ((found.key, found.age) for found in self.listed(prefix))

    def listed(self, prefix: str = "") -> Iterator[Stored]:
        check_prefix(prefix)
        with within_reach():
            for bucket in self._buckets():
                for entry in self._client.list_objects(bucket_name=bucket, prefix=prefix, recursive=True):
                    if entry.object_name and entry.last_modified and is_key(entry.object_name) and self._of(entry.object_name) == bucket:
                        yield Stored(entry.object_name, entry.size or 0, self._age(entry.last_modified))

    def sweep_temporaries(self, older_than: timedelta = timedelta(hours=1)) -> int:
        """Ends uploads in parts that nobody finished; one counts as written to when its last part arrived.

        Servers page such a list each in its own way, so the first page is read again for as long as that gets on.
        """
        return sum(self._sweep_bucket(bucket, older_than) for bucket in self._buckets())

    def _sweep_bucket(self, bucket: str, older_than: timedelta) -> int:
        swept, before, more = 0, -1, True
        while more and swept > before:
            before = swept
            with within_reach():
                page = self._client._list_multipart_uploads(bucket)
            for found in page.uploads:
                key, upload, begun = found.object_name, found.upload_id, found.initiated_time
                if upload and begun and is_key(key) and self._of(key) == bucket and self._idle(key, upload, begun) >= older_than:
                    swept += self._abort(key, upload)
            more = page.is_truncated
        return swept

    # ---- writing
    def _put_whole(self, key: str, data: bytes) -> None:
        mark = secrets.token_hex(16)
        with self._landing(key, mark, len(data)):
            self._client._put_object(self._of(key), key, data, {"If-None-Match": "*", _MARK: mark, **_TYPE, **_sum(data)})

    def _put_parts(self, key: str, pieces: Iterable[bytes]) -> None:
        mark, size, parts = secrets.token_hex(16), 0, Element("CompleteMultipartUpload")
        with within_reach():
            upload = self._client._create_multipart_upload(self._of(key), key, {_MARK: mark, **_TYPE})
        try:
            for number, piece in enumerate(pieces, start=1):
                with within_reach():
                    etag = self._client._upload_part(self._of(key), key, piece, _sum(piece), upload, number)
                part = SubElement(parts, "Part")
                SubElement(part, "PartNumber", str(number))
                SubElement(part, "ETag", f'"{etag}"')
                size += len(piece)
            with self._landing(key, mark, size):
                headers: dict[str, str | list[str] | tuple[str]] = {"If-None-Match": "*", "Content-Type": "application/xml"}
                query: dict[str, str | list[str] | tuple[str]] = {"uploadId": upload}
                self._client._execute("POST", self._of(key), key, getbytes(parts), headers, query)
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
        except FAILURES as error:
            if self._landed(key, mark, size):
                return
            if isinstance(error, S3Error) and error.code in _TAKEN:
                raise AlreadyThere(f"object {key} exists; nothing was changed") from None
            raise unavailable(error) from error

    def _landed(self, key: str, mark: str, size: int) -> bool:
        try:
            with within_reach(key):
                found = self._client.stat_object(bucket_name=self._of(key), object_name=key)
        except Broken:
            return False
        return found.size == size and (found.metadata or {}).get(_MARK) == mark

    def _abort(self, key: str, upload: str) -> bool:
        """End an upload; False if the store did not, and a sweep will have to."""
        with suppress(*FAILURES):
            self._client._abort_multipart_upload(self._of(key), key, upload)
            return True
        return False

    # ---- looking
    def _idle(self, key: str, upload: str, begun: datetime) -> timedelta:
        """For how long nothing has come for this upload; nothing at all if it has ended meanwhile."""
        last, marker = begun, None
        while True:
            try:
                with within_reach(key):
                    page = self._client._list_parts(self._of(key), key, upload, part_number_marker=marker)
            except Broken:
                return timedelta(0)
            last = max([last, *(part.last_modified for part in page.parts if part.last_modified)])
            marker = str(page.next_part_number_marker or "") or None
            if not (page.is_truncated and marker):
                return self._age(last)

    def clock(self) -> datetime | None:
        """What the server says is the time, from the `Date` of an answer (RFC 9110, 6.6.1); None if it does not say."""
        with within_reach():
            said = self._client._execute("HEAD", self._bucket).headers.get("Date", "")
        try:
            return parsedate_to_datetime(said)
        except ValueError:
            return None

    def retention(self) -> str:
        """For how long the bucket keeps what is put into it, in words; empty if it does not."""
        try:
            rule = self._client.get_object_lock_config(bucket_name=self._bucket)
        except S3Error as error:
            if error.code in _NO_LOCK:
                return ""
            raise unavailable(error) from error
        except FAILURES as error:
            raise unavailable(error) from error
        return f"{rule.mode}, {rule.duration}" if rule.mode else ""

    def _age(self, moment: datetime) -> timedelta:
        """By our clock or by the server's as it last told it, whichever makes it younger: nothing is swept because a clock is off."""
        return timedelta(seconds=self._now() + min(0.0, self._line.skew) - moment.timestamp())

    # ---- places
    def _of(self, key: str) -> str:
        """The bucket where this key lies."""
        return self._header_bucket if is_deletable(key) else self._bucket

    def _buckets(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self._bucket, self._header_bucket)))

    # ---- at start
    def _check_conditions(self, key: str) -> None:
        """Try, with an object of our own, that the server neither overwrites nor stores what arrived damaged."""
        try:
            with suppress(S3Error):  # the refusal, whatever the server calls it
                self._client._put_object(self._of(key), key, b"0", {"If-None-Match": "*", **_TYPE, **_sum(b"1")})
                raise Misconfigured("the store keeps what arrived damaged (it ignores Content-MD5): use a server that looks")
            self._put_whole(key, b"0")
            for again in (self._put_whole, self._put_piece):
                try:
                    again(key, b"1")
                except AlreadyThere:
                    continue
                raise Misconfigured("the store overwrites objects though told not to (If-None-Match): use a server that heeds it")
        except FAILURES as error:
            raise unavailable(error) from error
        finally:
            self.delete(key)

    def _check_keeping(self) -> None:
        with within_reach():
            demand_right_to_keep(self._client, self._bucket, new_object_key(), mode=self._mode, at=self._now())


def _sum(data: bytes) -> dict[str, str | list[str] | tuple[str]]:
    """What tells the server that a byte changed on the way. Against accidents: what is stored is authenticated by its own cipher."""
    return {"Content-MD5": base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()}


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
