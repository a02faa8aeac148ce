"""Houses whose store can be made to fail, whatever store the other tests run on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import portal.vault.line as line
from tests.common.house import BUCKET, House, open_house
from tests.common.proxy import Proxy, proxied
from tests.common.s3server import S3Server


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The portal's patience with an S3 server, a good deal shorter than it is."""
    for name, value in (("CONNECT", 2.0), ("SILENCE", 3.0), ("ANSWER", 10.0), ("BRIEF", 1.0), ("WHILE", 2.0)):
        monkeypatch.setattr(line, name, value)


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[Proxy]:
    with proxied(s3_server.endpoint) as opened:
        yield opened


@pytest.fixture
def far_house(template: Path, tmp_path: Path, s3_server: S3Server, proxy: Proxy, hasty: None) -> Iterator[House]:
    """A house whose objects lie on an S3 server behind a line that can fail. `house.s3` looks past it."""
    client = s3_server.client()
    if not client.bucket_exists(bucket_name=BUCKET):
        client.make_bucket(bucket_name=BUCKET)
    lines = s3_server.written(BUCKET, tmp_path / "store-secret").replace(s3_server.endpoint, proxy.endpoint)
    lines = lines.replace("keys/store-secret", str(tmp_path / "store-secret"))
    opened = open_house(template, tmp_path / "portal", s3=s3_server, store=lines)
    yield opened
    proxy.mended()
    opened.close()


@pytest.fixture
def near_house(template: Path, tmp_path: Path) -> Iterator[House]:
    """A house whose objects are files."""
    if not (template / "objects").is_dir():  # a template on S3
        (template / "objects").mkdir(mode=0o700)
    opened = open_house(template, tmp_path / "portal", store='path = "objects"')
    yield opened
    opened.close()
