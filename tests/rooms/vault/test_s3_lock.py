"""Object lock: a payload that is kept cannot be deleted by anybody in time; everything else can, with all its versions."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from minio import Minio
from minio.commonconfig import ENABLED, GOVERNANCE
from minio.error import S3Error
from minio.objectlockconfig import DAYS, ObjectLockConfig
from minio.versioningconfig import VersioningConfig

import portal.vault.s3 as s3
from portal.kernel.errors import Misconfigured
from portal.kernel.ids import new_object_key
from portal.vault.errors import AlreadyThere, Broken, Retained
from portal.vault.objects import Vault
from portal.vault.s3 import S3Store
from portal.vault.store import HEADER_SUFFIX, TRANSIENT_SUFFIX
from tests.common.s3server import S3Server
from tests.rooms.vault.stage import RECIPIENT
from tests.rooms.vault.test_store_contract import KEY, SMALLEST_PART, large
from tools.servers import seaweedfs
from tools.servers.keeper import temporary

PAYLOADS, HEADERS = "locked", "deletable"
LARGE = b"".join(large())


class Locked:
    """Two empty buckets, one with object lock, and a store on them. Governance mode, so that tests can clean up."""

    def __init__(self, server: S3Server) -> None:
        self.server = server
        for bucket in (PAYLOADS, HEADERS):
            server.empty(bucket)
        self.store = self.open(create=True)

    def open(self, *, create: bool = False, **changes: Any) -> S3Store:
        settings = {"bucket": PAYLOADS, "header_bucket": HEADERS, "retention_days": 30, "retention_mode": "governance"}
        return S3Store(self.server.section(**(settings | changes)), self.server.secret_key, create=create)

    def versions(self, bucket: str = PAYLOADS) -> list[tuple[str, bool]]:
        """Every version in the bucket: name, and whether it is a mere marker."""
        found = self.server.client().list_objects(bucket_name=bucket, recursive=True, include_version=True)
        return [(entry.object_name or "", entry.is_delete_marker) for entry in found]


@pytest.fixture
def locked(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Locked]:
    monkeypatch.setattr(s3, "PART", SMALLEST_PART)
    stage = Locked(s3_server)
    yield stage
    for bucket in (PAYLOADS, HEADERS):
        s3_server.empty(bucket)


def soon(seconds: float = 600) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


# ---- what lies where
def test_headers_and_what_is_transient_lie_in_the_bucket_without_a_lock(locked: Locked) -> None:
    vault = Vault(locked.store)
    sealed, key = vault.seal([b"content"], 7, RECIPIENT)
    piece, piece_key = vault.seal([b"a piece"], 7, RECIPIENT, transient=True)
    assert {name for name, _ in locked.versions()} == {sealed.store_key}
    transient = piece.store_key.removesuffix(TRANSIENT_SUFFIX) + TRANSIENT_SUFFIX
    assert {name for name, _ in locked.versions(HEADERS)} == {
        sealed.store_key + HEADER_SUFFIX,
        transient,
        transient + HEADER_SUFFIX,
    }
    assert (vault.open(sealed, key), vault.open(piece, piece_key)) == (b"content", b"a piece")
    assert {found.key for found in locked.store.listed()} == {
        sealed.store_key,
        sealed.store_key + HEADER_SUFFIX,
        piece.store_key,
        piece.store_key + HEADER_SUFFIX,
    }
    vault.discard(sealed)
    vault.discard(piece)
    assert (locked.versions(), locked.versions(HEADERS)) == ([], [])


def test_an_upload_that_was_cut_is_swept_in_both_buckets(locked: Locked) -> None:
    client = locked.server.client()
    client._create_multipart_upload(PAYLOADS, KEY, {})
    client._create_multipart_upload(HEADERS, KEY + TRANSIENT_SUFFIX, {})
    client._create_multipart_upload(HEADERS, KEY, {})  # not ours: none of our payloads lies there
    assert locked.store.sweep_temporaries(timedelta(0)) == 2
    client._abort_multipart_upload(HEADERS, KEY, client._list_multipart_uploads(HEADERS).uploads[0].upload_id or "")


# ---- deleting
@pytest.mark.parametrize("content", [b"abc", LARGE], ids=["whole", "in parts"])
def test_what_is_deleted_leaves_no_version_and_no_marker(locked: Locked, content: bytes) -> None:
    locked.store.put(KEY, [content], len(content))
    locked.store.delete(KEY)
    locked.store.delete(KEY)
    assert locked.versions() == []
    with pytest.raises(Broken, match="gone"):
        locked.store.stat(KEY)
    locked.store.put(KEY, [b"new"], 3)
    assert locked.store.get(KEY, 0, 3) == b"new"


def test_versions_and_markers_that_others_made_go_as_well(locked: Locked) -> None:
    client = locked.server.client()
    locked.store.put(KEY, [b"abc"], 3)
    client._put_object(PAYLOADS, KEY, b"over it", {})
    client.remove_object(bucket_name=PAYLOADS, object_name=KEY)
    assert len(locked.versions()) == 3
    locked.store.delete(KEY)
    assert locked.versions() == []


def test_an_object_under_a_marker_is_gone_for_every_question(locked: Locked) -> None:
    locked.store.put(KEY, [b"abc"], 3)
    locked.server.client().remove_object(bucket_name=PAYLOADS, object_name=KEY)
    for ask in (lambda: locked.store.stat(KEY), lambda: locked.store.get(KEY, 0, 3), lambda: locked.store.keep(KEY, soon())):
        with pytest.raises(Broken, match="gone"):
            ask()
    assert list(locked.store.listed()) == []


def test_nothing_is_overwritten_where_versions_are_kept(locked: Locked) -> None:
    locked.store.put(KEY, [b"abc"], 3)
    locked.store.keep(KEY, soon())
    for chunks in ([b"xyz"], large()):
        with pytest.raises(AlreadyThere):
            locked.store.put(KEY, chunks, sum(map(len, chunks)))
    assert locked.versions() == [(KEY, False)]
    assert locked.store.get(KEY, 0, 3) == b"abc"


# ---- keeping
@pytest.mark.parametrize("content", [b"abc", LARGE], ids=["whole", "in parts"])
def test_what_is_kept_cannot_be_deleted_and_stays_in_sight(locked: Locked, content: bytes) -> None:
    until = soon()
    locked.store.put(KEY, [content], len(content))
    locked.store.keep(KEY, until)
    for _ in range(2):
        with pytest.raises(Retained) as told:
            locked.store.delete(KEY)
        assert told.value.until == until.replace(microsecond=0)
    assert locked.versions() == [(KEY, False)]
    assert locked.store.get(KEY, 0, len(content)) == content


def test_when_the_time_is_over_it_can_be_deleted(locked: Locked) -> None:
    locked.store.put(KEY, [b"abc"], 3)
    locked.store.keep(KEY, soon(3))
    with pytest.raises(Retained):
        locked.store.delete(KEY)
    time.sleep(3.5)
    locked.store.delete(KEY)
    assert locked.versions() == []


def test_keeping_is_repeated_without_harm_and_never_shortens(locked: Locked) -> None:
    long, short = soon(3600), soon(600)
    locked.store.put(KEY, [b"abc"], 3)
    for until in (short, short, long, short):
        locked.store.keep(KEY, until)
    with pytest.raises(Retained) as told:
        locked.store.delete(KEY)
    assert told.value.until == long.replace(microsecond=0)


def test_in_compliance_mode_the_administrator_deletes_nothing_either(locked: Locked) -> None:
    strict = locked.open(retention_mode="compliance")
    strict.put(KEY, [b"abc"], 3)
    strict.keep(KEY, soon(3))
    client = locked.server.client()
    version = client.stat_object(bucket_name=PAYLOADS, object_name=KEY).version_id
    bypass = {"x-amz-bypass-governance-retention": "true"}
    with pytest.raises(S3Error, match="AccessDenied"):
        client._execute("DELETE", PAYLOADS, KEY, headers=bypass, query_params={"versionId": version})
    time.sleep(3.5)
    strict.delete(KEY)


def test_shredding_takes_the_header_whatever_keeps_the_payload(locked: Locked) -> None:
    vault = Vault(locked.store)
    sealed, _ = vault.seal([b"content"], 7, RECIPIENT)
    vault.keep(sealed, soon())
    with pytest.raises(Retained):
        vault.discard(sealed)
    assert (locked.versions(), locked.versions(HEADERS)) == ([(sealed.store_key, False)], [])


@pytest.mark.parametrize("suffix", [HEADER_SUFFIX, TRANSIENT_SUFFIX])
def test_what_must_be_deletable_is_never_kept(locked: Locked, suffix: str) -> None:
    with pytest.raises(ValueError, match="never kept"):
        locked.store.keep(KEY + suffix, soon())


# ---- at start
def test_a_start_leaves_nothing_behind_in_either_bucket(locked: Locked) -> None:
    locked.open()
    assert (locked.versions(), locked.versions(HEADERS)) == ([], [])


def test_buckets_that_do_not_fit_are_refused_with_what_to_do(locked: Locked) -> None:
    client = locked.server.client()
    for name in ("no-lock", "versions-only"):
        if not client.bucket_exists(bucket_name=name):
            client.make_bucket(bucket_name=name)
    client.set_bucket_versioning(bucket_name="versions-only", config=VersioningConfig(status=ENABLED))
    for changes, told in (
        ({"bucket": "no-lock"}, "no object lock"),
        ({"bucket": "versions-only"}, "no object lock"),
        ({"bucket": "versions-only", "retention_days": 0}, "no object lock"),
        ({"header_bucket": PAYLOADS, "bucket": "no-lock", "retention_days": 0}, f"the bucket {PAYLOADS} keeps versions"),
        ({"header_bucket": "", "retention_days": 0}, f"the bucket {PAYLOADS} keeps versions"),
        ({"header_bucket": "nowhere"}, "no bucket nowhere"),
    ):
        with pytest.raises(Misconfigured, match=told):
            locked.open(**changes)
    locked.open(bucket="no-lock", retention_days=0)


def test_a_lock_that_is_no_longer_used_still_deletes_versions(locked: Locked) -> None:
    store = locked.open(retention_days=0)
    store.put(KEY, [b"abc"], 3)
    store.delete(KEY)
    assert locked.versions() == []


def test_a_default_retention_is_refused_as_it_would_lock_what_failed(locked: Locked) -> None:
    client = locked.server.client()
    if not client.bucket_exists(bucket_name="by-default"):
        client.make_bucket(bucket_name="by-default", object_lock=True)
    client.set_object_lock_config(bucket_name="by-default", config=ObjectLockConfig(GOVERNANCE, 1, DAYS))
    with pytest.raises(Misconfigured, match="default retention: remove it"):
        locked.open(bucket="by-default")
    assert list(client.list_objects(bucket_name="by-default", include_version=True)) == []


LEAST = tuple(f"{action}:{bucket}" for action in ("Read", "Write", "List") for bucket in (PAYLOADS, HEADERS))
LOCK = tuple(f"{action}:{PAYLOADS}" for action in ("GetBucketObjectLockConfiguration", "GetObjectRetention", "PutObjectRetention"))


def test_the_least_rights_that_the_documentation_names_are_enough_and_needed() -> None:
    secret = "s" * 40
    keys = [seaweedfs.Keys("least", secret, LEAST + LOCK), seaweedfs.Keys("no-lock", secret, LEAST)]
    keys += [seaweedfs.Keys(f"without-{n}", secret, LEAST + LOCK[:n] + LOCK[n + 1 :]) for n in (0, 2)]
    with temporary() as folder, seaweedfs.serving(folder, *keys) as served:
        server = S3Server(served.endpoint, "administrator", served.secret_key, served.filer)
        stage = Locked(server)

        def opened(access_key: str) -> S3Store:
            section = server.section(
                bucket=PAYLOADS, header_bucket=HEADERS, retention_days=1, retention_mode="governance", access_key=access_key
            )
            return S3Store(section, secret)

        store = opened("least")
        key = new_object_key()
        store.put(key, [b"abc"], 3)
        store.put(key + HEADER_SUFFIX, [b"abc"], 3)
        store.keep(key, soon())
        with pytest.raises(Retained):
            store.delete(key)
        store.delete(key + HEADER_SUFFIX)
        version = server.client().stat_object(bucket_name=PAYLOADS, object_name=key).version_id
        own = Minio(endpoint=served.endpoint, access_key="least", secret_key=secret, secure=False, region="us-east-1")
        bypass = {"x-amz-bypass-governance-retention": "true"}
        with pytest.raises(S3Error, match="AccessDenied"):  # the portal's own keys unlock nothing
            own._execute("DELETE", PAYLOADS, key, headers=bypass, query_params={"versionId": version})
        for name in ("no-lock", "without-0", "without-2"):
            with pytest.raises(Misconfigured, match="AccessDenied"):
                opened(name)
        assert stage.versions() == [(key, False)]
