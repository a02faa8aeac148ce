"""What a thief of database, store and disk finds: every row, every object, every file of the installation, searched for words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minio import Minio
from sqlalchemy import inspect, literal_column, select, table

from portal.cases.offline import read_secret
from portal.kernel.config import Config, S3StoreSection
from portal.kernel.database import Database


@dataclass(frozen=True, slots=True)
class Haul:
    """How much was searched, and where words were found."""

    rows: int
    objects: int
    files: int
    found: tuple[str, ...]

    def __str__(self) -> str:
        searched = f"{self.rows} rows of the database, {self.objects} objects in the store, {self.files} files"
        return f"searched {searched}: found {', '.join(self.found) if self.found else 'nothing'}"


def search(config: Config, folder: Path, words: tuple[str, ...]) -> Haul:
    """Look for the words in everything that stays. The folder's own sample of the store counts as objects."""
    needles = [needle for word in words for needle in (word.encode(), word.encode("utf-16-le"))]
    counts, found = {"row": 0, "object": 0, "file": 0}, []
    objects = folder / "objects"
    kept = (("file", str(path.relative_to(folder)), path) for path in _files(folder) if objects not in path.parents)
    for kind, name, content in [*_rows(config), *_objects(config), *((k, n, p.read_bytes()) for k, n, p in kept)]:
        counts[kind] += 1
        found += [f"{kind} {name}" for needle in needles if needle in content]
    return Haul(counts["row"], counts["object"], counts["file"], tuple(dict.fromkeys(found)))


def names(config: Config) -> set[str]:
    """Everything in the store by name, half-written things included."""
    store = config.store
    if not isinstance(store, S3StoreSection):
        return {str(path) for path in _files(store.path)}
    client = _client(store)
    begun = client._list_multipart_uploads(store.bucket).uploads
    return {str(entry.object_name) for entry in client.list_objects(bucket_name=store.bucket, recursive=True)} | {
        f"{upload.object_name} {upload.upload_id}" for upload in begun
    }


def _rows(config: Config) -> Iterator[tuple[str, str, bytes]]:
    database = Database(config.database.owner_url or config.database.url)
    try:
        with database.read() as session:
            for name in inspect(session.connection()).get_table_names():
                rows: Sequence[Sequence[Any]] = session.execute(select(literal_column("*")).select_from(table(name))).all()
                for row in rows:
                    cells = (bytes(cell) if isinstance(cell, bytes | bytearray | memoryview) else str(cell).encode() for cell in row)
                    yield "row", name, b"\0".join(cells)
    finally:
        database.close()


def _objects(config: Config) -> Iterator[tuple[str, str, bytes]]:
    store = config.store
    if not isinstance(store, S3StoreSection):
        yield from (("object", path.name, path.read_bytes()) for path in _files(store.path))
        return
    client = _client(store)
    for entry in client.list_objects(bucket_name=store.bucket, recursive=True):
        answer = client.get_object(bucket_name=store.bucket, object_name=str(entry.object_name))
        try:
            yield "object", str(entry.object_name), answer.read()
        finally:
            answer.close()
            answer.release_conn()


def _client(store: S3StoreSection) -> Minio:
    return Minio(
        endpoint=store.endpoint,
        access_key=store.access_key,
        secret_key=read_secret(store.secret_key_file),
        secure=store.secure,
        region=store.region,
    )


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
