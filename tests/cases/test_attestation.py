"""An attestation for a State: made by those who may, true to what the log records, and checked with nothing but the one small file.

Whoever holds the file is the attacker, and the log's key is theirs only where a test says so.
"""

import hashlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from portal.audit.signing import LogKey
from tests.cases.transfers import record, strike
from tests.cases.withholding import confirm, lifted, request_of
from tests.common.house import DIRECTORATE, OFFICE, House, open_house, shared
from tests.common.s3server import S3Server
from tools.tour.stage import ROOT

NONE_BEFORE = "Before that moment the log records no disclosure of the document to another body."
NONE_SINCE = "Since that moment the log records no disclosure of the document to another body."


@pytest.fixture(params=[DIRECTORATE, OFFICE], ids=["from the Directorate", "from the Office"])
def house(template: Path, tmp_path: Path, house_s3: S3Server | None, request: pytest.FixtureRequest) -> Iterator[House]:
    opened = open_house(template, tmp_path / "portal", request.param, house_s3)
    yield opened
    opened.close()


@pytest.fixture
def here(template: Path, tmp_path: Path, house_s3: S3Server | None) -> Iterator[House]:
    """From the Directorate alone: for what does not look at the direction."""
    opened = open_house(template, tmp_path / "portal", s3=house_s3)
    yield opened
    opened.close()


def asked(house: House, document: str, pages: str = "", **changes: str) -> str:
    """What a State asked, confirmed by a second officer and signed by the log; the request."""
    house.clock.advance(timedelta(minutes=1))
    assert house.guest(house.cast.confidentiality).withhold(document, pages, **changes).status_code == 302
    assert confirm(house, document, house.cast.releasing).status_code == 302
    house.worker.sequence()
    house.clock.advance(timedelta(minutes=1))
    return request_of(house)


def attestation(house: House, document: str, request: str, login: str = "") -> str:
    where = f"/documents/{document}/requests/{request}/attestation"
    reply = house.guest(login or house.cast.confidentiality).get(where)
    assert reply.status_code == 200, reply.text[:500]
    assert reply.headers["Content-Disposition"].startswith("attachment; ")
    return reply.text


def verdict(house: House, text: str, *, key: str = "") -> tuple[int, str]:
    """What the small verifier's own process says of the file."""
    file, vkey = house.folder.parent / "attestation.txt", house.folder.parent / "given.vkey"
    file.write_text(text, encoding="utf-8", newline="")
    vkey.write_text(key or str(house.parts.sequencer.key.verifier))
    command = [sys.executable, "-I", str(ROOT / "tools" / "verify_portal_log.py"), "--attestation", str(file), "--key", str(vkey)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def test_a_state_checks_offline_what_was_disclosed_before_it_asked(house: House) -> None:
    document, share = shared(house, withheld="3")
    for page in (1, 2, 2):
        assert house.guest(house.cast.reader).get(f"/received/{share}/pages/{page}").status_code == 200
    assert record(house, document, share).status_code == 302
    request = asked(house, document, "2")
    text = attestation(house, document, request)
    other = house.config.named(house.cast.other).short
    assert f"To the {other} ({house.cast.other}): 1 person, 3 views of pages, 0 copies or files taken; first " in text
    assert "Of the pages that the request names they could see: 2." in text
    assert f"To the {other} ({house.cast.other}), by other means, on " in text
    assert f"The share to the {other} ({house.cast.other}), released " in text
    assert "its recipient has not confirmed that yet" in text
    assert NONE_SINCE in text
    for hidden in ("Omar", "Carla", "Ada", "Registry, pouch 17", "Samoria: "):
        assert hidden not in text, hidden
    status, said = verdict(house, text)
    assert status == 0, said
    assert f'"request":"{request}"' in said
    assert f'"closed":["{house.cast.other}"]' in said
    assert re.search(r"In force since: (.*)\n", text)[1] in said  # type: ignore[index]
    digest = hashlib.sha256(text.encode()).hexdigest()
    events = house.sql("select detail from audit_event where event = 'request.attested' and outcome = 'done'")
    assert [digest in detail for (detail,) in events] == [True]


def test_it_says_none_where_the_log_records_none(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    text = attestation(house, document, asked(house, document))
    for words in (NONE_BEFORE, NONE_SINCE, "Nothing is recorded as handed over by other means up to that day.", "No share of the document"):
        assert words in text, words
    assert "Communication: SM/NV/2026/41, dated 2026-11-02" in text
    assert "To be kept confidential: The whole document\n" in text
    assert verdict(house, text)[0] == 0


def test_nobody_else_makes_one_and_another_body_finds_nothing(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    request = asked(house, document)
    where = f"/documents/{document}/requests/{request}/attestation"
    before = len(house.events())
    for login, status in ((house.cast.releasing, 403), (house.cast.uploader, 403), (house.cast.reader, 404)):
        assert house.guest(login).get(where).status_code == status, login
    there = {"carla": "ines", "ines": "carla"}.get(house.cast.confidentiality)
    if there is not None:
        assert house.guest(there).get(where).status_code == 404
    assert [event for event in house.events()[before:] if event[0] == "request.attested" and event[1] == "done"] == []
    assert house.guest(house.cast.confidentiality).get(where.replace(request, document)).status_code == 404
