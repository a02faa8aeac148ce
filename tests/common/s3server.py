"""A real S3 server on loopback (SeaweedFS, as pip installs it): free ports, a folder of its own, and no way in but S3 with its keys."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from minio import Minio

from portal.kernel.config import S3StoreSection
from tools.tour.stage import free_port, wait_for

ACCESS_KEY = "portal-tests"
PROGRAM = Path(sys.executable).with_name("weed")
PORTS = [f"{part}.port{kind}" for part in ("master", "volume", "filer", "s3") for kind in ("", ".grpc")] + ["admin.port", "admin.port.grpc"]
#: Its filer serves whoever asks unless these keys are set, and would let anybody read and delete past S3.
LOCKED = ("signing", "signing.read", "filer_signing", "filer_signing.read")


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
        client = self.client()
        if client.bucket_exists(bucket_name=bucket):
            for entry in client.list_objects(bucket_name=bucket, recursive=True):
                client.remove_object(bucket_name=bucket, object_name=entry.object_name or "")
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
def serving(folder: Path) -> Iterator[S3Server]:
    """The server, from here to the end of the block. `folder` must be empty."""
    data = folder / "data"
    data.mkdir()
    secret = secrets.token_hex(20)
    ports = _free_ports(len(PORTS))
    (folder / "security.toml").write_text("".join(f'[jwt.{part}]\nkey = "{secrets.token_hex(24)}"\n' for part in LOCKED))
    keys = {"name": "portal", "credentials": [{"accessKey": ACCESS_KEY, "secretKey": secret}], "actions": ["Admin"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [keys]}))
    command = [str(PROGRAM), f"-config_dir={folder}", "mini", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    command += [f"-{name}={port}" for name, port in zip(PORTS, ports, strict=True)]
    command += [f"-s3.config={folder / 's3.json'}", "-s3.port.lance=0", "-s3.port.iceberg=0", "-s3.autoCreateBucket=false"]
    command += ["-s3.allowDeleteBucketNotEmpty=false", "-webdav=false", "-admin.ui=false", "-master.telemetry=false"]
    command += [f"-filer.localSocket={folder / 'filer.sock'}", f"-s3.localSocket={folder / 's3.sock'}", "-master.volumeSizeLimitMB=64"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, env=os.environ | {"HOME": str(folder)})
    s3 = f"127.0.0.1:{ports[PORTS.index('s3.port')]}"

    def check() -> None:
        assert process.poll() is None, (folder / "log").read_text()[-4000:]

    try:
        wait_for(lambda: requests.get(f"http://{s3}/", timeout=2).status_code == 403, "the S3 server", check)
        yield S3Server(s3, ACCESS_KEY, secret, f"http://127.0.0.1:{ports[PORTS.index('filer.port')]}")
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for part, port in zip(PORTS, ports, strict=True):  # beside the sockets it is told where to put, it leaves some
            Path(f"/tmp/seaweedfs-{part.split('.')[0]}-grpc-{port}.sock").unlink(missing_ok=True)


def _free_ports(count: int) -> list[int]:
    ports: set[int] = set()
    while len(ports) < count:
        ports.add(free_port())
    return list(ports)
