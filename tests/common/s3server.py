"""A real S3 server on loopback (SeaweedFS), and what tests look for in its buckets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minio import Minio

from portal.kernel.config import S3StoreSection
from tools.servers.keeper import kept
from tools.servers.seaweedfs import ADMINISTRATOR


@dataclass(frozen=True)
class S3Server:
    """Where it listens and who may come in. `filer` is the address of its own interface, which must be locked."""

    endpoint: str
    access_key: str
    secret_key: str
    filer: str

    def section(self, **changes: Any) -> S3StoreSection:
        settings = {
            "kind": "s3",
            "endpoint": self.endpoint,
            "access_key": self.access_key,
            "secret_key_file": Path("not read here"),
            "secure": False,
        }
        return S3StoreSection(**(settings | changes))

    def written(self, bucket: str, secret: Path) -> str:
        """The same as lines of a configuration; the secret goes into this file, which must lie in a folder `keys`."""
        secret.write_text(self.secret_key + "\n")
        secret.chmod(0o600)
        lines = {"kind": "s3", "endpoint": self.endpoint, "bucket": bucket, "access_key": self.access_key}
        lines["secret_key_file"] = f"keys/{secret.name}"
        return "".join(f'{key} = "{value}"\n' for key, value in lines.items()) + "secure = false\n"

    def client(self) -> Minio:
        return Minio(endpoint=self.endpoint, access_key=self.access_key, secret_key=self.secret_key, secure=False, region="us-east-1")

    def empty(self, bucket: str) -> None:
        """Remove every version of everything; what is locked in governance mode, too."""
        client = self.client()
        if client.bucket_exists(bucket_name=bucket):
            for entry in list(client.list_objects(bucket_name=bucket, recursive=True, include_version=True)):
                version = {"versionId": entry.version_id} if entry.version_id else {}
                headers = {"x-amz-bypass-governance-retention": "true"}
                client._execute("DELETE", bucket, entry.object_name, headers=headers, query_params=version)
            for upload in client._list_multipart_uploads(bucket).uploads:
                client._abort_multipart_upload(bucket, upload.object_name, upload.upload_id or "")

    def at_rest(self, bucket: str) -> dict[str, bytes]:
        """Everything in the bucket by name; of an upload in parts that is not finished, the name and a remark alone."""
        client = self.client()
        held = {f"{upload.object_name} (unfinished)": b"" for upload in client._list_multipart_uploads(bucket).uploads}
        for entry in client.list_objects(bucket_name=bucket, recursive=True):
            answer = client.get_object(bucket_name=bucket, object_name=entry.object_name or "")
            held[entry.object_name or ""] = answer.read()
            answer.close()
        return held


@contextmanager
def serving() -> Iterator[S3Server]:
    """The server, from here to the end of the block."""
    with kept("seaweedfs") as facts:
        yield S3Server(facts["endpoint"], ADMINISTRATOR, facts["secret_key"], facts["filer"])
