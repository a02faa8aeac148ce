"""Versions and retention in a bucket that can lock (S3 Object Lock). Such a bucket keeps versions: deleting without one only hides.

A payload is locked once a row names it, and never before, so that what failed can be collected. Whoever has the portal's keys can still
hide a locked object under a marker, or put another version over it; the sweep reports that, and removing the marker brings it back.
"""

from datetime import UTC, datetime, timedelta

from minio import Minio
from minio.error import S3Error
from minio.retention import Retention

from portal.kernel.errors import Misconfigured
from portal.vault.errors import Retained

#: How servers say that a version is locked, or that these keys may not ask.
_LOCKED = frozenset({"AccessDenied", "ObjectLocked", "WORMModificationNotAllowed", "InvalidRequest"})


def keep(client: Minio, bucket: str, key: str, *, mode: str, until: datetime) -> None:
    """Lock what is there now until then, or leave it as it is if it is locked for longer. Whole seconds count. May raise `S3Error`."""
    until = until.astimezone(UTC).replace(microsecond=0)
    version = client.stat_object(bucket_name=bucket, object_name=key).version_id
    try:
        client.set_object_retention(bucket_name=bucket, object_name=key, config=Retention(mode, until), version_id=version)
    except S3Error as error:  # a server refuses to shorten what there is
        kept = kept_until(client, bucket, key, version) if error.code in _LOCKED else None
        if kept is None or kept < until:
            raise


def kept_until(client: Minio, bucket: str, key: str, version: str | None) -> datetime | None:
    """Until when this version is locked; None if it is not."""
    try:
        found = client.get_object_retention(bucket_name=bucket, object_name=key, version_id=version)
    except S3Error:
        return None
    return found.retain_until_date.replace(tzinfo=UTC) if found else None


def delete_versions(client: Minio, bucket: str, key: str) -> None:
    """Remove every version of the object and every marker over it. What is locked stays, and is told as `Retained`. May raise `S3Error`."""
    kept: list[datetime] = []
    found = client.list_objects(bucket_name=bucket, prefix=key, recursive=True, include_version=True)
    for entry in [entry for entry in found if entry.object_name == key]:
        try:
            client.remove_object(bucket_name=bucket, object_name=key, version_id=entry.version_id)
        except S3Error as error:
            until = kept_until(client, bucket, key, entry.version_id) if error.code in _LOCKED else None
            if until is None:
                raise
            kept.append(until)
    if kept:
        raise Retained(key, max(kept))


def demand_right_to_keep(client: Minio, bucket: str, key: str, *, mode: str, at: float) -> None:
    """Raise `Misconfigured` unless these keys may lock. Asked about a `key` that is not there: a server looks at the right first."""
    soon = Retention(mode, datetime.fromtimestamp(at, UTC) + timedelta(minutes=1))
    try:
        client.set_object_retention(bucket_name=bucket, object_name=key, config=soon)
    except S3Error as error:
        if error.code == "NoSuchKey":
            return
        advice = "allow store.access_key s3:PutObjectRetention and s3:GetObjectRetention (docs/storage.md)"
        raise Misconfigured(f"the store does not let the portal lock objects ({error.code}): {advice}") from error
