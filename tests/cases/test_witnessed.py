"""Without its witnesses the log goes on for a day, and then nothing new is opened to anybody; reading and closing never wait for them."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import requests

from portal.audit.cosignature import WitnessKey
from portal.audit.signing import LogKey
from portal.audit.witnessed import Witnessed
from portal.cases.witnessing import create_witness
from tests.common.house import DIRECTORATE, OFFICE, House, open_house, proposal_of
from tests.common.s3server import S3Server
from tools.tour.stage import ROOT, free_port, wait_for

NAME = "office.example/witness"
HOURS = timedelta(hours=24)


@pytest.fixture(params=[DIRECTORATE, OFFICE], ids=["from the Directorate", "from the Office"])
def house(template: Path, tmp_path: Path, house_s3: S3Server | None, request: pytest.FixtureRequest) -> Iterator[House]:
    """A portal that has a witness, which answers on loopback as soon as somebody starts it."""
    port, key = free_port(), create_witness(tmp_path / "witness", NAME)

    def named(folder: Path) -> None:
        file = folder / "config.toml"
        text = file.read_text().replace("[policy]", f'[[log.witness]]\nurl = "http://127.0.0.1:{port}"\nkey = "{key}"\n\n[policy]', 1)
        file.write_text(text)

    opened = open_house(template, tmp_path / "portal", request.param, house_s3, change=named)
    yield opened
    opened.close()


@pytest.fixture
def witness(house: House, tmp_path: Path) -> Iterator[None]:
    """It runs, and knows this log."""
    (tmp_path / "witness/logs/portal.vkey").write_text(str(house.parts.sequencer.key.verifier))
    url = house.config.log.witness[0].url
    command = [sys.executable, "-m", "portal", "witness", "serve", str(tmp_path / "witness"), "--listen", url.removeprefix("http://")]
    program = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: requests.get(url, timeout=2).status_code == 404, "the witness", lambda: None)
    yield
    program.terminate()
    program.wait(timeout=20)


def proposed(house: House) -> tuple[str, str]:
    uploader = house.guest(house.cast.uploader)
    document = uploader.deposit()
    assert uploader.prepare(document).status_code == 302
    assert uploader.propose(document).status_code == 302
    return document, proposal_of(house)


def test_nothing_new_is_opened_before_a_witness_signed(house: House) -> None:
    _, proposal = proposed(house)
    house.worker.sequence()
    refused = house.guest(house.cast.releasing).approve(proposal)
    assert refused.status_code == 503
    assert "countersigned by its witnesses" in refused.text
    assert house.sql("select count(*) from share") == [(0,)]
    assert [code for event, outcome, code in house.events(outcome="failed")] == ["unwitnessed"]


def test_what_is_open_is_read_and_closed_while_the_witness_is_away(house: House, witness: None) -> None:
    document, proposal = proposed(house)
    house.worker.sequence()
    assert house.guest(house.cast.releasing).approve(proposal).status_code == 302
    house.parts.config.log.witnessed.unlink()
    share = UUID(house.sql("select id from share")[0][0])
    assert house.guest(house.cast.reader).get(f"/received/{share}/pages/1").status_code == 200
    assert house.guest(house.cast.uploader).deposit(f"{house.cast.body}/2026/XSM/4")
    assert house.guest(house.cast.confidentiality).withhold(document).status_code == 302
    assert house.sql("select count(*) from closure") == [(1,)]


def test_who_may_not_approve_does_not_learn_of_the_witnesses(house: House) -> None:
    _, proposal = proposed(house)
    refused = house.guest(house.cast.reader).approve(proposal)
    assert refused.status_code == 404


def test_the_last_checkpoint_that_a_quorum_signed_is_kept_and_nothing_else_counts(tmp_path: Path) -> None:
    log, one, two = LogKey("a.log/one", bytes(32)), WitnessKey("one.example/w", b"1" * 32), WitnessKey("two.example/w", b"2" * 32)
    text = "a.log/one\n16\n" + "A" * 43 + "=\n"
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    at = int(noon.timestamp())
    kept = Witnessed(tmp_path / "witnessed", log.verifier, (one.verifier, two.verifier), 2)
    assert kept.last() is None
    assert not kept.within(HOURS, noon)
    note = log.sign(text)
    for lines in ("", one.line(text, at), one.line(text, at) + one.line(text, at + 1), one.line(text, at) + two.line(text + "x\n", at)):
        kept.keep(note + lines)
        assert not kept.path.exists(), "one witness is no quorum of two, however often it signs"
    kept.keep(LogKey("a.log/one", b"3" * 32).sign(text) + one.line(text, at) + two.line(text, at))
    assert not kept.path.exists(), "not signed by the log's key"
    kept.keep(note + one.line(text, at) + two.line(text, at + 60))
    assert kept.last() == noon
    assert kept.within(HOURS, noon + HOURS)
    assert not kept.within(HOURS, noon + HOURS + timedelta(seconds=1))
    assert not kept.within(HOURS, noon - timedelta(minutes=6)), "signed in the future"
    kept.keep(note)
    assert kept.last() == noon, "a checkpoint without witnesses takes the place of none"
    kept.path.write_bytes(kept.path.read_bytes().replace(b"16", b"17"))
    assert kept.last() is None
