"""Do the buckets of the store fit the configuration? Asked at each start; what does not fit is said with what to do about it.

What must be deletable (age headers, transient objects, and payloads without retention) lies where nothing was ever kept or locked: in a
bucket without versions. Payloads under retention need a bucket with object lock, which always keeps versions, and without a default
retention: that would lock what no row names, too.
"""

from minio import Minio
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from portal.kernel.config import S3StoreSection
from portal.kernel.errors import Misconfigured, Unavailable

_REFUSED = frozenset({"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"})


def check_buckets(client: Minio, section: S3StoreSection, *, create: bool) -> bool:
    """Raise `Misconfigured` or `Unavailable`, or return whether the bucket of payloads keeps versions and locks. May raise `S3Error`."""
    try:
        for bucket in filter(None, (section.bucket, section.header_bucket)):
            _demand_there(client, bucket, create=create, lock=bool(section.retention_days) and bucket == section.bucket)
        _demand_deletable(client, section.header_bucket or section.bucket)
        if not section.header_bucket:
            return False
        versions = client.get_bucket_versioning(bucket_name=section.bucket).status
        if versions in {"Enabled", "Suspended"} or section.retention_days:
            _demand_lock(client, section)
        return versions == "Enabled"
    except S3Error as error:
        if error.code in _REFUSED:
            advice = "check store.access_key, its secret, and what it may do with the bucket and its versioning (docs/storage.md)"
            raise Misconfigured(f"the store refuses the portal ({error.code}): {advice}") from error
        raise
    except (MinioException, HTTPError, OSError, SyntaxError) as error:
        raise Unavailable(f"the store does not answer: {_advice(error, section)}") from error


def _demand_there(client: Minio, bucket: str, *, create: bool, lock: bool) -> None:
    if not client.bucket_exists(bucket_name=bucket):
        if not create:
            raise Misconfigured(f"the store has no bucket {bucket}: check store.endpoint and store.bucket, or make it")
        client.make_bucket(bucket_name=bucket, object_lock=lock)
    elif create and _holds_anything(client, bucket):
        raise Misconfigured(f"the bucket {bucket} is not empty: name a new one in store.bucket; nothing was changed")


def _holds_anything(client: Minio, bucket: str) -> bool:
    """Is there an object, ours or not, or an upload that was begun?"""
    listed = client.list_objects(bucket_name=bucket, recursive=True)
    return next(iter(listed), None) is not None or bool(client._list_multipart_uploads(bucket).uploads)


def _demand_deletable(client: Minio, bucket: str) -> None:
    if client.get_bucket_versioning(bucket_name=bucket).status in {"Enabled", "Suspended"}:
        raise Misconfigured(f"the bucket {bucket} keeps versions, so nothing would be gone when deleted: use one that never did")


def _demand_lock(client: Minio, section: S3StoreSection) -> None:
    try:
        lock = client.get_object_lock_config(bucket_name=section.bucket)
    except S3Error as error:
        if error.code != "ObjectLockConfigurationNotFoundError":
            raise
        advice = "make one with it (it cannot be added), or set store.retention_days to 0 and use a bucket that keeps no versions"
        raise Misconfigured(f"the bucket {section.bucket} has no object lock: {advice}") from error
    if lock.mode:
        advice = "remove it, or what failed and what nobody names would be locked, too; the portal locks each object it has recorded"
        raise Misconfigured(f"the bucket {section.bucket} has a default retention: {advice}")


def _advice(error: BaseException, section: S3StoreSection) -> str:
    reason = getattr(error, "reason", None) or error
    if "hostname mismatch" in str(reason).lower() or "not valid for" in str(reason).lower():
        return f"its certificate is for another name than {section.endpoint}: name it in store.endpoint as the certificate does"
    if "CERTIFICATE_VERIFY_FAILED" in str(reason):
        trusted = f"the authorities in {section.ca_file}" if section.ca_file else "the authorities of this machine"
        return f"its certificate is not signed by {trusted}: name the file of its authority in store.ca_file"
    return f"is store.endpoint an S3 server, and store.secure right? ({type(reason).__name__})"
