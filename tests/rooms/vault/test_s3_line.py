"""The line to an S3 server: TLS, waiting, repeating, bytes that change on the way. Between client and server stands a proxy that fails."""

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from urllib3 import PoolManager

import portal.vault.line as line
import portal.vault.s3 as s3
from portal.kernel.errors import Misconfigured, PortalError, Unavailable
from portal.vault.errors import AlreadyThere, Broken
from portal.vault.objects import Vault
from portal.vault.s3 import S3Store
from tests.common.certificates import Authority, new_authority
from tests.common.proxy import DOWN, UP, Flip, Proxy, answer, proxied
from tests.common.s3server import S3Server
from tests.rooms.vault.stage import RECIPIENT, Bucket
from tests.rooms.vault.test_s3 import LARGE, asks
from tests.rooms.vault.test_store_contract import KEY, SMALLEST_PART, large

OTHER = KEY[::-1]


@pytest.fixture
def bucket(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    monkeypatch.setattr(s3, "PART", SMALLEST_PART)
    return Bucket(s3_server)


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[Proxy]:
    with proxied(s3_server.endpoint) as opened:
        yield opened


@pytest.fixture
def far(bucket: Bucket, proxy: Proxy) -> S3Store:
    """The store, behind the proxy."""
    return bucket.open(endpoint=proxy.endpoint)


# ---- whose certificate
@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return new_authority(tmp_path / "authority")


def test_a_certificate_of_the_named_authority_is_believed_and_everything_works(bucket: Bucket, authority: Authority) -> None:
    with proxied(bucket.server.endpoint, authority.serves()) as secure:
        store = bucket.open(endpoint=secure.endpoint, secure=True, ca_file=authority.file)
        store.put(KEY, [b"abc"], 3)
        store.put(OTHER, large(), len(LARGE))
        assert store.get(OTHER, 0, len(LARGE)) == LARGE
        assert {key for key, _ in store.list()} == {KEY, OTHER}


def test_a_certificate_of_an_authority_that_nobody_knows_is_refused_with_what_to_do(bucket: Bucket, authority: Authority) -> None:
    with proxied(bucket.server.endpoint, authority.serves()) as secure:
        with pytest.raises(Unavailable, match=r"not signed by the authorities of this machine: name .* store\.ca_file"):
            bucket.open(endpoint=secure.endpoint, secure=True)
        another = new_authority(authority.folder / "another")
        with pytest.raises(Unavailable, match=r"not signed by the authorities in .*another"):
            bucket.open(endpoint=secure.endpoint, secure=True, ca_file=another.file)


def test_where_an_authority_is_named_no_other_counts(bucket: Bucket, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even those of this machine, which SSL_CERT_FILE names."""
    another = new_authority(authority.folder / "another")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with proxied(bucket.server.endpoint, authority.serves()) as secure:
        bucket.open(endpoint=secure.endpoint, secure=True)
        with pytest.raises(Unavailable, match="not signed"):
            bucket.open(endpoint=secure.endpoint, secure=True, ca_file=another.file)


@pytest.mark.parametrize(("named", "called"), [("127.0.0.1", "localhost"), ("localhost", "127.0.0.1"), ("s3.example", "127.0.0.1")])
def test_a_certificate_for_another_host_is_refused_with_what_to_do(bucket: Bucket, authority: Authority, named: str, called: str) -> None:
    with proxied(bucket.server.endpoint, authority.serves(named)) as secure, pytest.raises(Unavailable, match=r"another name .*endpoint"):
        bucket.open(endpoint=f"{called}:{secure.port}", secure=True, ca_file=authority.file)


def test_a_certificate_whose_time_is_over_is_refused(bucket: Bucket, authority: Authority) -> None:
    with proxied(bucket.server.endpoint, authority.serves(days=(-3, -1))) as secure, pytest.raises(Unavailable):
        bucket.open(endpoint=secure.endpoint, secure=True, ca_file=authority.file)


def test_a_file_without_an_authority_stops_the_start(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for file in (tmp_path / "empty.pem", tmp_path / "nowhere.pem", tmp_path):
        with pytest.raises(Misconfigured, match=r"store\.ca_file .* cannot be read"):
            bucket.open(secure=True, ca_file=file)


# ---- bytes that change on the way
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "behind TLS"])
@pytest.mark.parametrize(
    ("content", "word"), [([b"abc"], b"PUT /vault/"), (large(), b"partNumber=2"), (large(), b"POST /vault/")], ids=["whole", "part", "end"]
)
def test_a_byte_that_changes_on_the_way_to_the_store_is_never_stored(
    bucket: Bucket, authority: Authority, tls: bool, content: list[bytes], word: bytes
) -> None:
    """The server looks at Content-MD5; at the hash that is signed, this one does not. Over TLS nothing of the body is signed at all."""
    with proxied(bucket.server.endpoint, authority.serves() if tls else None) as proxy:
        store = bucket.open(endpoint=proxy.endpoint, secure=tls, ca_file=authority.file if tls else None)
        proxy.weather.flip = Flip(UP, word)
        with pytest.raises(Unavailable):
            store.put(KEY, content, sum(map(len, content)))
        assert proxy.flipped == 1
        assert bucket.at_rest() == []
        store.put(KEY, content, sum(map(len, content)))
        assert store.get(KEY, 0, sum(map(len, content))) == b"".join(content)


def test_a_server_that_stores_what_arrived_damaged_is_refused(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    real = s3.Minio._url_open

    def unheeding(self: Any, verb: str, *rest: Any, headers: dict[str, str] | None = None, **named: Any) -> Any:
        if headers:
            headers.pop("Content-MD5", None)
        return real(self, verb, *rest, headers=headers, **named)

    monkeypatch.setattr(s3.Minio, "_url_open", unheeding)
    with pytest.raises(Misconfigured, match="Content-MD5"):
        bucket.open()
    assert bucket.at_rest() == []


def test_a_byte_that_changes_on_the_way_back_opens_to_nothing(far: S3Store, proxy: Proxy) -> None:
    vault, content = Vault(far), b"x" * 100_000
    sealed, key = vault.seal([content], len(content), RECIPIENT)
    for at in (0, 5, 70):
        proxy.weather.flip = Flip(DOWN, b"GET /vault/", at)
        with pytest.raises(Broken):
            vault.open(sealed, key)
    assert proxy.flipped == 3
    assert vault.open(sealed, key) == content


# ---- cut
@pytest.mark.parametrize("direction", [UP, DOWN])
@pytest.mark.parametrize("after", [0, 100, 300_000, SMALLEST_PART + 1000])
def test_a_line_that_is_cut_leaves_the_whole_object_or_nothing(
    far: S3Store, proxy: Proxy, bucket: Bucket, direction: str, after: int
) -> None:
    proxy.drop()
    proxy.weather.cut = (direction, after)
    try:
        far.put(KEY, large(), len(LARGE))
    except PortalError:
        stored = False
    else:
        stored = True
    proxy.mended()
    assert bucket.at_rest() in ([[KEY]] if stored else [[], [f"{KEY} (unfinished)"]])
    bucket.store.sweep_temporaries(timedelta(0))
    assert bucket.at_rest() == ([KEY] if stored else [])


def test_an_answer_that_is_cut_is_unavailable_and_not_a_shorter_object(far: S3Store, proxy: Proxy, bucket: Bucket) -> None:
    bucket.store.put(KEY, large(), len(LARGE))
    proxy.drop()
    proxy.weather.cut = (DOWN, 1_000_000)
    with pytest.raises(Unavailable):
        far.get(KEY, 0, len(LARGE))


def test_an_answer_whose_head_is_cut_off_says_nothing_of_the_object(far: S3Store, proxy: Proxy, bucket: Bucket) -> None:
    """It would read like a short head: an object without a size, and so a false alarm."""
    bucket.store.put(KEY, [b"abc"], 3)
    for after in (20, 60, 100, 140, 200):
        for ask in (lambda: far.get(KEY, 0, 3), lambda: far.stat(KEY)):
            proxy.drop()
            proxy.weather.cut = (DOWN, after)
            with suppress(Unavailable):
                assert ask() in {b"abc", 3}  # all that matters had come
            proxy.mended()


# ---- full, busy
@pytest.mark.parametrize("status", ["507 Insufficient Storage", "500 Internal Server Error", "503 Slow Down", "400 Bad Request"])
@pytest.mark.parametrize("word", [b"PUT /vault/", b"partNumber=2", b"POST /vault/"])
def test_a_store_that_is_full_or_busy_is_unavailable_and_keeps_nothing(
    far: S3Store, proxy: Proxy, bucket: Bucket, status: str, word: bytes
) -> None:
    proxy.weather.answer = (word, answer(status, b"<Error><Code>Sorry</Code></Error>"))
    content = [b"abc"] if word == b"PUT /vault/" else large()
    with pytest.raises(Unavailable):
        far.put(KEY, content, sum(map(len, content)))
    assert 1 <= proxy.answered <= 2
    proxy.mended()
    assert bucket.at_rest() == []
    far.put(KEY, content, sum(map(len, content)))


def test_a_server_that_says_come_back_in_an_hour_is_not_waited_for(far: S3Store, proxy: Proxy) -> None:
    busy = answer("503 Slow Down").replace(b"Connection:", b"Retry-After: 3600\r\nConnection:")
    proxy.weather.answer = (b"HEAD /", busy)
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        far.stat(KEY)
    assert time.monotonic() - begun < 5


# ---- how long one waits
@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("CONNECT", 2.0), ("SILENCE", 4.0), ("ANSWER", 5.0), ("BRIEF", 1.0), ("WHILE", 3.0)):
        monkeypatch.setattr(line, name, value)


def test_a_silent_store_is_given_one_silence_and_no_second_one(
    far: S3Store, proxy: Proxy, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A put asks once more, briefly, whether its object landed."""
    monkeypatch.setattr(line, "SILENCE", 1.0)
    proxy.weather.hang = True
    for ask, requests in (
        (lambda: far.stat(OTHER), 1),
        (lambda: far.delete(OTHER), 1),
        (lambda: far.put(KEY, [b"abc"], 3), 2),
        (lambda: far.put(KEY, large(), len(LARGE)), 1),
    ):
        proxy.drop()
        proxy.swallowed, far._line._failed_at = 0, float("-inf")
        with pytest.raises(Unavailable, match="ReadTimeoutError"):
            ask()
        assert proxy.swallowed == requests


def test_whoever_comes_after_a_silence_fails_soon_and_the_store_is_not_forgotten(
    far: S3Store, proxy: Proxy, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "SILENCE", 3.0)
    monkeypatch.setattr(line, "BRIEF", 0.2)
    monkeypatch.setattr(line, "WHILE", 60.0)
    proxy.weather.hang = True
    with pytest.raises(Unavailable):
        far.stat(KEY)
    begun = time.monotonic()
    for ask in asks(far):
        with pytest.raises(Unavailable):
            ask()
    assert time.monotonic() - begun < len(asks(far)) * line.SILENCE / 2
    proxy.mended()
    monkeypatch.setattr(line, "BRIEF", 3.0)
    far.put(KEY, [b"abc"], 3)
    assert far._line._failed_at == float("-inf")


def test_a_store_that_became_slow_is_waited_for_again_after_a_while(far: S3Store, proxy: Proxy, bucket: Bucket, hasty: None) -> None:
    """One answer takes longer than the brief patience after a failure: that patience must end by itself."""
    bucket.store.put(KEY, [b"abc"], 3)
    proxy.weather.hang = True
    with pytest.raises(Unavailable):
        far.stat(KEY)
    proxy.mended()
    proxy.weather.speed = 500
    end = time.monotonic() + 3 * line.WHILE
    while time.monotonic() < end:  # somebody asks all the time, and each failure is no reason to be impatient for longer
        with suppress(Unavailable):
            assert far.stat(KEY) == 3
            break
    else:
        pytest.fail("the store was never waited for again")


def test_an_answer_that_trickles_in_is_cut_off_and_not_believed(bucket: Bucket, hasty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, and all of them never would. What came by then looks like a whole answer."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nLast-Modified: Tue, 24 Nov 2026 00:00:00 GMT\r\nX-Long: " + b"x" * 10_000
    real = PoolManager.urlopen
    with trickling(head) as port:
        elsewhere = f"http://127.0.0.1:{port}/"
        monkeypatch.setattr(PoolManager, "urlopen", lambda pool, method, url, *rest, **named: real(pool, method, elsewhere, *rest, **named))
        begun = time.monotonic()
        with pytest.raises(Unavailable, match="ReadTimeoutError"):
            bucket.store.stat(KEY)
    assert 4.5 < time.monotonic() - begun < 60


def test_a_body_that_trickles_in_is_cut_off(
    far: S3Store, proxy: Proxy, bucket: Bucket, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "SLOWEST", 50_000_000)
    bucket.store.put(KEY, [LARGE[:1_000_000]], 1_000_000)
    proxy.weather.speed = 100_000
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        far.get(KEY, 0, 1_000_000)
    assert 4.5 < time.monotonic() - begun < 60


def test_a_slow_line_carries_a_part_that_takes_longer_than_a_silence(
    far: S3Store, proxy: Proxy, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What counts is that something moves: a part would else have to go out whole within one silence."""
    proxy.weather.speed = 1_000_000
    content = LARGE[: SMALLEST_PART + 1]
    far.put(KEY, [content], len(content))
    proxy.mended()
    assert far.stat(KEY) == len(content)


@pytest.mark.parametrize(("word", "times"), [(b"HEAD /", 2), (b"DELETE /", 2), (b"POST /", 1)])
def test_a_request_is_repeated_once_and_only_if_that_is_safe(far: S3Store, proxy: Proxy, word: bytes, times: int) -> None:
    proxy.weather.answer = (word, b"")  # taken, and the connection closed without a word
    act: Callable[[], Any] = {
        b"HEAD /": lambda: far.stat(KEY),
        b"DELETE /": lambda: far.delete(KEY),
        b"POST /": lambda: far.put(KEY, large(), len(LARGE)),
    }[word]
    with pytest.raises(Unavailable):
        act()
    assert proxy.answered == times


def test_a_put_that_was_repeated_is_the_same_object_once(far: S3Store, proxy: Proxy, bucket: Bucket) -> None:
    far.put(KEY, [b"abc"], 3)
    with pytest.raises(AlreadyThere):
        far.put(KEY, [b"abc"], 3)
    proxy.drop()  # kept connections are dead now; the client finds out when it sends
    far.put(OTHER, [b"abc"], 3)
    assert sorted(bucket.at_rest()) == sorted([KEY, OTHER])


# ---- clocks
@pytest.mark.parametrize(("ahead", "old"), [(7200, 0), (0, 0), (-7200, 7200)], ids=["ahead", "right", "behind"])
def test_no_object_is_older_than_the_clock_of_its_server_says(far: S3Store, ahead: float, old: float) -> None:
    """A server whose clock is behind dates what is new two hours back: by its own clock it is new all the same."""
    written = datetime.fromtimestamp(time.time() + ahead, UTC)
    far._line._note(format_datetime(datetime.fromtimestamp(time.time() + ahead, UTC)))
    assert far._age(written).total_seconds() <= 2
    far._line._note("nonsense")
    far._line._note(None)
    assert abs(far._line.skew - ahead) < 2


@contextmanager
def trickling(text: bytes) -> Iterator[int]:
    """A server that says this to everybody, a hundred bytes a second."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def handle(self) -> None:
            try:
                self.connection.recv(10_000)
                for byte in text:
                    self.connection.sendall(bytes([byte]))
                    time.sleep(0.01)
            except OSError:
                return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()
