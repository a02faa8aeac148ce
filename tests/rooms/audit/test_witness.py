"""A witness signs what goes on from what it saw, and nothing else; a log goes on whatever its witnesses do."""

import base64
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from portal.audit.checkpoint import Head, sign_checkpoint
from portal.audit.consistency import proof
from portal.audit.cosignature import WitnessVerifier, create_witness_key, load_witness_key
from portal.audit.cosigning import Asked, Witnesses
from portal.audit.signing import LogKey
from portal.audit.witness import Witness
from portal.cases.witnessing import create_witness, open_witness
from portal.kernel.errors import Misconfigured
from tests.rooms.audit.stage import NOON, ORIGIN, Stage, independent_root, reading
from tools.tour.stage import ROOT, free_port, wait_for

LOG = LogKey(ORIGIN, bytes(range(32)))
NAME = "office.example/witness"
ENTRIES = [bytes([number]) for number in range(64)]
FORK = [*ENTRIES[:20], *(b"another" for _ in range(44))]


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    create_witness(tmp_path / "witness", NAME)
    (tmp_path / "witness/logs/portal.vkey").write_text(str(LOG.verifier))
    return open_witness(tmp_path / "witness")


def checkpoint(size: int, entries: list[bytes] = ENTRIES, key: LogKey = LOG) -> str:
    return sign_checkpoint(key, size, independent_root(entries[:size]), NOON).note


def asking(old: int, new: int, entries: list[bytes] = ENTRIES, key: LogKey = LOG) -> bytes:
    """The request with its proof, as the log would send it."""
    hashes = proof(old, new, lambda start, end: independent_root(entries[start:end])) if old <= new else []
    lines = [f"old {old}", *(base64.b64encode(each).decode() for each in hashes), "", checkpoint(new, entries, key)]
    return "\n".join(lines).encode()


def test_it_signs_each_checkpoint_that_goes_on_from_the_last(witness: Witness) -> None:
    for number, (old, new) in enumerate([(0, 16), (16, 16), (16, 48), (48, 49)]):
        answer = witness.add_checkpoint(asking(old, new), 1_000 + number)
        assert answer.status == 200, answer
        text = checkpoint(new).partition("\n\n")[0] + "\n"
        assert witness.key.verifier.signed_at(text, answer.text[:-1]) == 1_000 + number
    assert witness.seen(ORIGIN).size == 49


def test_a_rollback_and_a_fork_get_no_signature(witness: Witness) -> None:
    assert witness.add_checkpoint(asking(0, 32), 1).status == 200
    before = witness.seen(ORIGIN)
    for content in (asking(0, 16), asking(16, 32), asking(0, 48, FORK), asking(16, 48, FORK), asking(32, 32, FORK)):
        answer = witness.add_checkpoint(content, 2)
        assert (answer.status, answer.text, answer.kind) == (409, "32\n", "text/x.tlog.size")
    assert witness.add_checkpoint(asking(32, 48, FORK), 2).status == 422
    assert witness.add_checkpoint(asking(32, 16), 2).status == 400
    assert witness.seen(ORIGIN) == before
    assert witness.add_checkpoint(asking(32, 48), 3).status == 200


def test_only_logs_that_it_knows_with_their_own_key_are_seen(witness: Witness) -> None:
    stranger = LogKey("other.example/log", bytes(32))
    assert witness.add_checkpoint(asking(0, 16, key=stranger), 1).status == 404
    assert witness.add_checkpoint(asking(0, 16, key=LogKey(ORIGIN, bytes(32))), 1).status == 403
    assert witness.seen(ORIGIN).size == 0
    assert [file.name for file in witness.folder.glob("*.seen")] == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"old 0",
        b"old 00\n\n" + checkpoint(16).encode(),
        b"old -1\n\n" + checkpoint(16).encode(),
        b"new 0\n\n" + checkpoint(16).encode(),
        b"old 0\nAAAA\n\n" + checkpoint(16).encode(),
        b"old 0\n" + b"A" * 43 + b"=\n" * 64 + b"\n" + checkpoint(16).encode(),
        b"\xff\n\n" + checkpoint(16).encode(),
        b"old 0\n\n" + checkpoint(16).encode() + b"x" * 70_000,
    ],
)
def test_what_is_no_request_is_told_so_and_changes_nothing(witness: Witness, content: bytes) -> None:
    assert witness.add_checkpoint(content, 1).status == 400
    assert witness.seen(ORIGIN).size == 0


def test_what_it_saw_is_durable_before_it_signs(witness: Witness) -> None:
    name = witness._file(ORIGIN).name
    obstacle = witness.folder / f".{name}.{os.getpid()}.part"  # where the new file would be written
    obstacle.mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        witness.add_checkpoint(asking(0, 16), 1)
    obstacle.rmdir()
    assert witness.seen(ORIGIN).size == 0
    assert witness.add_checkpoint(asking(0, 32, FORK), 2).status == 200  # nothing was signed, so nothing is contradicted


def test_of_two_histories_at_the_same_moment_one_is_signed(witness: Witness) -> None:
    answers: list[int] = []
    barrier = threading.Barrier(8)

    def ask(entries: list[bytes]) -> None:
        barrier.wait()
        answers.append(witness.add_checkpoint(asking(0, 48, entries), 1).status)

    threads = [threading.Thread(target=ask, args=([ENTRIES, FORK][number % 2],)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [409] * 7


def test_a_witness_that_forgot_or_holds_two_keys_of_a_log_does_not_start(witness: Witness) -> None:
    assert witness.add_checkpoint(asking(0, 16), 1).status == 200
    (seen,) = witness.folder.glob("*.seen")
    seen.write_text("damaged")
    with pytest.raises(Misconfigured, match="forget what it saw"):
        open_witness(witness.folder)
    seen.unlink()
    (witness.folder / "logs/again.vkey").write_text(str(LogKey(ORIGIN, bytes(32)).verifier))
    with pytest.raises(Misconfigured, match="two keys"):
        open_witness(witness.folder)


def test_its_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    key = create_witness_key(tmp_path / "key", NAME)
    assert load_witness_key(tmp_path / "key") == key
    assert WitnessVerifier.parse(str(key.verifier)) == key.verifier
    with pytest.raises(Misconfigured, match="keeps its key"):
        create_witness_key(tmp_path / "key", NAME)
    with pytest.raises(Misconfigured, match="no spaces"):
        create_witness_key(tmp_path / "other", "the office")
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(Misconfigured, match="chmod 600"):
        load_witness_key(tmp_path / "key")
    for text in (str(LOG.verifier), "no key", str(key.verifier).replace("office", "offlce")):
        with pytest.raises(Misconfigured):
            WitnessVerifier.parse(text)


# --- a log and its witnesses ------------------------------------------------------------------------------------------------------------


@contextmanager
def serving(folder: Path, log: Stage, name: str = NAME) -> Iterator[Asked]:
    """The program `portal witness serve`, which knows this log."""
    created = subprocess.run(_portal("init", folder, "--name", name), capture_output=True, text=True, check=True, cwd=ROOT)
    (folder / "logs/portal.vkey").write_text(f"{log.key.verifier}\n")
    port = free_port()
    program = subprocess.Popen(_portal("serve", folder, "--listen", f"127.0.0.1:{port}"), cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: requests.get(f"http://127.0.0.1:{port}/", timeout=2).status_code == 404, "the witness", lambda: None)
        yield Asked(f"http://127.0.0.1:{port}", WitnessVerifier.parse(created.stdout))
    finally:
        program.terminate()
        program.wait(timeout=20)


def _portal(act: str, folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "portal", "witness", act, str(folder), *words]


def verdict(log: Stage, asked: list[Asked], *options: str) -> tuple[int, str]:
    """What the small verifier says, which demands all these witnesses."""
    key = log.home / "given.vkey"
    key.write_text(str(log.key.verifier))
    for number, each in enumerate(asked):
        file = log.home / f"witness-{number}.vkey"
        file.write_text(str(each.verifier))
        options += ("--witness", str(file))
    command = [sys.executable, "-I", str(ROOT / "tools/verify_portal_log.py"), str(log.log_dir), "--key", str(key), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def signed_by(log: Stage) -> list[str]:
    lines = (log.log_dir / "checkpoint").read_text(encoding="utf-8").rpartition("\n\n")[2].splitlines()
    return [line.split(" ")[1] for line in lines]


def test_two_witnesses_sign_a_growing_log_and_a_rolled_back_one_has_no_new_signature(log: Stage, tmp_path: Path) -> None:
    with serving(tmp_path / "one", log, "one.example/w") as one, serving(tmp_path / "two", log, "two.example/w") as two:
        log.sequencer.witnesses = Witnesses([one, two])
        for _ in range(2):
            log.happen(*[reading(number) for number in range(5)])
            log.sequence()
            assert signed_by(log) == [ORIGIN, "one.example/w", "two.example/w"]
            assert verdict(log, [one, two], "--max-age", "600")[0] == 0
        assert log.verify().ok
        log.restart()  # a new process knows nothing of what the witnesses saw
        fresh = [Asked(each.url, each.verifier) for each in (one, two)]
        log.sequencer.witnesses = Witnesses(fresh)
        log.happen(reading())
        log.sequence()
        assert verdict(log, fresh)[0] == 0
        # Whoever has the log's key signs an older history: the witnesses do not.
        hashes = independent_root([b"x"])
        forged = sign_checkpoint(log.key, 16, hashes, NOON)
        assert fresh[0].size == 96
        assert Witnesses(fresh).cosign(log.log_dir, forged, ORIGIN) == forged.note


@contextmanager
def hostile(answer: bytes, status: int = 200, *, drip: float = 0) -> Iterator[str]:
    """A witness that is somebody else's server."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            for byte in answer:
                try:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(drip)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("answer", "status", "drip"),
    [
        (b"", 200, 0),
        (b"\xff\xfe", 200, 0),
        (b"x" * 200_000, 200, 0),
        ("— office.example/witness AAAA\n".encode(), 200, 0),
        (b"7\n", 409, 0),
        (b"99999999999\n", 409, 0),
        (b"gone\n", 302, 0),
        (b"x" * 100, 200, 0.2),
    ],
)
def test_a_witness_that_answers_anything_else_delays_nothing_for_long(
    log: Stage, tmp_path: Path, answer: bytes, status: int, drip: float
) -> None:
    key = create_witness_key(tmp_path / "key", NAME).verifier
    with hostile(answer, status, drip=drip) as url:
        log.sequencer.witnesses = Witnesses([Asked(url, key)], patience=1.0)
        log.happen(reading())
        log.sequence()
        assert signed_by(log) == [ORIGIN]
        assert log.verify().ok
        (asked,) = log.sequencer.witnesses.asked
        assert asked.size == 0
        assert asked.not_before > time.monotonic() + 20  # not asked again for a while
        assert verdict(log, [asked])[0] == 1


def test_a_witness_that_is_not_there_is_asked_again_later(log: Stage, tmp_path: Path) -> None:
    now = [0.0]
    with serving(tmp_path / "one", log) as one:
        absent = Asked("http://127.0.0.1:1", one.verifier)
        log.sequencer.witnesses = Witnesses([absent], clock=lambda: now[0])
        log.happen(reading())
        log.sequence()
        assert signed_by(log) == [ORIGIN]
        absent.url = one.url
        log.publish()
        assert signed_by(log) == [ORIGIN]
        now[0] = 31.0
        log.publish()  # a heartbeat
        assert signed_by(log) == [ORIGIN, NAME]


def test_the_head_that_a_witness_signs_is_the_text_of_the_checkpoint() -> None:
    assert checkpoint(16).startswith(Head(ORIGIN, 16, independent_root(ENTRIES[:16])).text + "\n")
