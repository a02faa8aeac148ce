"""What only an S3 server can do to a store: ignore conditions, lose answers, keep versions, go away."""

import http.server
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partialmethod
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from minio import Minio
from minio.commonconfig import ENABLED
from minio.versioningconfig import VersioningConfig
from urllib3 import PoolManager
from urllib3.exceptions import ProtocolError

import portal.vault.line as line
import portal.vault.s3 as s3
from portal.kernel.errors import Misconfigured, PortalError, Unavailable
from portal.vault.errors import AlreadyThere, Broken
from tests.common.s3server import S3Server, serving
from tests.rooms.vault.stage import Bucket
from tests.rooms.vault.test_store_contract import KEY, SMALLEST_PART, large

LARGE = b"".join(large())


@pytest.fixture
def bucket(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    monkeypatch.setattr(s3, "PART", SMALLEST_PART)
    return Bucket(s3_server)


# ---- at start
def test_a_bucket_that_keeps_versions_is_refused(bucket: Bucket) -> None:
    client = bucket.server.client()
    if not client.bucket_exists(bucket_name="versions"):
        client.make_bucket(bucket_name="versions")
    bucket.open(bucket="versions")
    for status in (ENABLED, "Suspended"):
        client.set_bucket_versioning(bucket_name="versions", config=VersioningConfig(status=status))
        with pytest.raises(Misconfigured, match="versions"):
            bucket.open(bucket="versions")


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_server_that_overwrites_is_refused(bucket: Bucket, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """Be it in one request or when parts are put together."""
    real = Minio._url_open

    def unheeding(self: Minio, verb: str, *rest: Any, headers: dict[str, str] | None = None, **named: Any) -> Any:
        if verb == method and headers:
            headers.pop("If-None-Match", None)
        return real(self, verb, *rest, headers=headers, **named)

    monkeypatch.setattr(Minio, "_url_open", unheeding)
    with pytest.raises(Misconfigured, match="overwrites"):
        bucket.open()
    assert bucket.at_rest() == []


@pytest.mark.parametrize("changes", [{"access_key": "nobody"}, {"secret": "wrong"}])
def test_wrong_keys_are_told_from_a_store_out_of_reach(bucket: Bucket, changes: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match=r"store\.access_key"):
        bucket.open(**changes)


@pytest.mark.parametrize("changes", [{"endpoint": "127.0.0.1:1/path"}, {"bucket": "a/bucket"}])
def test_an_address_or_name_that_cannot_be_one_is_a_fault_of_the_configuration(bucket: Bucket, changes: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match=r"\[store\]"):
        bucket.open(**changes)


def test_a_start_leaves_nothing_behind(bucket: Bucket) -> None:
    assert bucket.at_rest() == []


# ---- lost answers
class Line:
    """Between client and server: does to the chosen requests what lines do."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, choose: Callable[[str, str], bool], *, times: int, arrives: bool) -> None:
        self.cut = 0
        real = PoolManager.urlopen

        def urlopen(pool: PoolManager, method: str, url: str, *rest: Any, **named: Any) -> Any:
            if self.cut < times and choose(method, url):
                self.cut += 1
                if arrives:
                    real(pool, method, url, *rest, **named)
                raise ProtocolError("connection reset")
            return real(pool, method, url, *rest, **named)

        monkeypatch.setattr(PoolManager, "urlopen", urlopen)


def makes_an_object(method: str, url: str) -> bool:
    return (method == "PUT" and "partNumber" not in url) or (method == "POST" and url.split("?")[-1].startswith("uploadId"))


@pytest.mark.parametrize("content", [b"abc", LARGE], ids=["whole", "in parts"])
def test_a_put_whose_answer_is_lost_counts_if_the_object_is_there(bucket: Bucket, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    line = Line(monkeypatch, makes_an_object, times=1, arrives=True)
    bucket.store.put(KEY, [content], len(content))
    assert line.cut == 1
    assert bucket.store.get(KEY, 0, len(content)) == content
    assert bucket.at_rest() == [KEY]


@pytest.mark.parametrize("content", [b"abc", LARGE], ids=["whole", "in parts"])
def test_a_put_that_never_arrives_is_unavailable_and_leaves_nothing(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    line = Line(monkeypatch, makes_an_object, times=1, arrives=False)
    with pytest.raises(Unavailable):
        bucket.store.put(KEY, [content], len(content))
    assert line.cut == 1
    assert bucket.at_rest() == []


@pytest.mark.parametrize("content", [b"xyz", LARGE], ids=["whole", "in parts"])
def test_a_lost_answer_never_claims_the_object_of_another(bucket: Bucket, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    bucket.store.put(KEY, [content], len(content))  # even the same bytes
    Line(monkeypatch, makes_an_object, times=1, arrives=True)
    with pytest.raises(PortalError):
        bucket.store.put(KEY, [content], len(content))
    with pytest.raises(AlreadyThere):
        bucket.store.put(KEY, [content], len(content))
    assert bucket.at_rest() == [KEY]


def test_a_put_that_was_sent_twice_is_no_conflict_with_itself(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    real = PoolManager.urlopen

    def twice(pool: PoolManager, method: str, url: str, *rest: Any, **named: Any) -> Any:
        if makes_an_object(method, url):
            real(pool, method, url, *rest, **named)
            named["body"].seek(0)
        return real(pool, method, url, *rest, **named)

    monkeypatch.setattr(PoolManager, "urlopen", twice)
    bucket.store.put(KEY, [b"abc"], 3)
    assert bucket.store.get(KEY, 0, 3) == b"abc"


def test_a_part_that_is_lost_ends_the_upload(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    Line(monkeypatch, lambda method, url: "partNumber=2" in url, times=1, arrives=False)
    with pytest.raises(Unavailable):
        bucket.store.put(KEY, large(), len(LARGE))
    assert bucket.at_rest() == []


# ---- what lies in the bucket
def test_nothing_in_the_bucket_names_anything(bucket: Bucket) -> None:
    bucket.store.put(KEY, [b"abc"], 3)
    bucket.store.put(KEY[::-1], large(), len(LARGE))
    for key in (KEY, KEY[::-1]):
        found = bucket.server.client().stat_object(bucket_name=bucket.name, object_name=key)
        assert {name.lower() for name in found.metadata or {} if name.lower().startswith("x-amz-meta-")} == {"x-amz-meta-put"}
        assert len((found.metadata or {})["x-amz-meta-put"]) == 32
        assert found.content_type == "application/octet-stream"


def test_what_others_keep_in_the_bucket_is_neither_listed_nor_swept(bucket: Bucket) -> None:
    client = bucket.server.client()
    bucket.server.client()._put_object(bucket.name, "README", b"not ours")
    client._create_multipart_upload(bucket.name, "ab/not-ours", {})
    assert list(bucket.store.list()) == []
    assert bucket.store.sweep_temporaries(timedelta(0)) == 0
    assert sorted(bucket.at_rest()) == ["README", "ab/not-ours (unfinished)"]


def test_every_leftover_is_swept_however_many_pages_they_fill(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Minio, "_list_multipart_uploads", partialmethod(Minio._list_multipart_uploads, max_uploads=2))
    for n in range(5):
        bucket.server.client()._create_multipart_upload(bucket.name, f"{n}" * 40, {})
    assert bucket.store.sweep_temporaries(timedelta(hours=1)) == 0
    assert bucket.store.sweep_temporaries(timedelta(0)) == 5
    assert bucket.at_rest() == []


def test_an_upload_counts_from_its_last_part(bucket: Bucket) -> None:
    client = bucket.server.client()
    upload = client._create_multipart_upload(bucket.name, KEY, {})
    time.sleep(2.5)
    client._upload_part(bucket.name, KEY, b"slow", None, upload, 1)
    assert bucket.store.sweep_temporaries(timedelta(seconds=2)) == 0
    later = s3.S3Store(bucket.server.section(bucket=bucket.name), bucket.server.secret_key, now=lambda: time.time() + 10)
    assert later.sweep_temporaries(timedelta(seconds=2)) == 1


# ---- out of reach
@contextmanager
def answering(
    body: bytes, certificate: Path | None = None, *, status: int = 200, asked: list[str] | None = None, **headers: str
) -> Iterator[int]:
    """A web server that says this to whatever it is asked; over TLS if there is a certificate."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if asked is not None:
                asked.append(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if self.command != "HEAD" else b"")

        do_HEAD = do_PUT = do_POST = do_DELETE = do_GET

        def log_message(self, *line: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def certificate_of(folder: Path) -> Path:
    """Of this machine, signed by itself: key and certificate in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "certificate.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


def asks(store: s3.S3Store) -> list[Callable[[], Any]]:
    return [
        lambda: store.put(KEY, [b"abc"], 3),
        lambda: store.put(KEY, large(), len(LARGE)),
        lambda: store.get(KEY, 0, 1),
        lambda: store.stat(KEY),
        lambda: store.delete(KEY),
        lambda: list(store.list()),
        lambda: store.sweep_temporaries(),
    ]


def test_a_store_that_stopped_is_unavailable_and_so_is_a_start() -> None:
    with serving() as server:
        bucket = Bucket(server)
        bucket.store.put(KEY, [b"abc"], 3)
    for ask in [*asks(bucket.store), bucket.open]:
        with pytest.raises(Unavailable) as told:
            ask()
        assert KEY not in told.value.detail


def test_a_bucket_that_is_gone_is_unavailable_not_an_object_that_is(bucket: Bucket) -> None:
    gone = bucket.open(bucket="for-a-while", create=True)
    bucket.server.client().remove_bucket(bucket_name="for-a-while")
    for ask in (lambda: gone.get(KEY, 0, 1), lambda: gone.stat(KEY), lambda: list(gone.list())):
        with pytest.raises(Unavailable):
            ask()


def test_a_server_that_speaks_no_s3_is_refused(bucket: Bucket) -> None:
    with answering(b"<html>hello</html>") as port, pytest.raises((Unavailable, Misconfigured)):
        bucket.open(endpoint=f"127.0.0.1:{port}")


def test_plain_http_is_not_spoken_where_https_is_asked_for(bucket: Bucket) -> None:
    with pytest.raises(Unavailable, match=r"store\.secure"):
        bucket.open(secure=True)


def test_a_certificate_that_nobody_vouches_for_is_refused(bucket: Bucket, tmp_path: Path) -> None:
    certificate = certificate_of(tmp_path)
    with answering(b"", certificate) as port:
        assert requests.get(f"https://127.0.0.1:{port}/", verify=certificate, timeout=5).ok
        with pytest.raises(Unavailable) as told:
            bucket.open(endpoint=f"127.0.0.1:{port}", secure=True)
    assert "CERTIFICATE_VERIFY_FAILED" in str(told.value.__cause__)


def test_a_certificate_for_another_name_is_refused(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even one that an authority of this machine vouches for; SSL_CERT_FILE names those."""
    certificate = certificate_of(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with answering(b"", certificate) as port:
        with pytest.raises(Unavailable, match="ParseError"):  # it is heard, and speaks no S3
            bucket.open(endpoint=f"127.0.0.1:{port}", secure=True)
        with pytest.raises(Unavailable, match="certificate is for another name"):
            bucket.open(endpoint=f"localhost:{port}", secure=True)


def test_a_redirection_is_not_followed(bucket: Bucket) -> None:
    asked: list[str] = []
    with (
        answering(b"", asked=asked) as elsewhere,
        answering(b"", status=307, Location=f"http://127.0.0.1:{elsewhere}/house") as port,
        pytest.raises((Unavailable, Misconfigured)),
    ):
        bucket.open(endpoint=f"127.0.0.1:{port}")
    assert asked == []


def test_a_server_that_never_answers_is_unavailable_in_bounded_time(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "SILENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        with pytest.raises(Unavailable, match="ReadTimeoutError"):
            bucket.open(endpoint=f"127.0.0.1:{silent.getsockname()[1]}")
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("more", [b"d", b"d" * 50_000_000])
def test_a_store_that_gives_more_than_was_asked_for_is_not_believed_nor_read_to_the_end(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, more: bytes
) -> None:
    real = PoolManager.urlopen
    with answering(b"abc" + more) as port:
        lying = f"http://127.0.0.1:{port}/"
        monkeypatch.setattr(PoolManager, "urlopen", lambda pool, method, url, *rest, **named: real(pool, method, lying, *rest, **named))
        tracemalloc.start()
        with pytest.raises(Broken):
            bucket.store.get(KEY, 0, 3)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 10_000_000


def test_the_server_of_these_tests_lets_nobody_in_past_s3(bucket: Bucket) -> None:
    bucket.store.put(KEY, [b"abc"], 3)
    for path in ("/", "/buckets/", f"/buckets/{bucket.name}/{KEY}"):
        assert requests.get(bucket.server.filer + path, timeout=5).status_code == 401
        assert requests.delete(bucket.server.filer + path, timeout=5).status_code == 401
    assert requests.get(f"http://{bucket.server.endpoint}/{bucket.name}/{KEY}", timeout=5).status_code == 403
    assert bucket.store.stat(KEY) == 3
