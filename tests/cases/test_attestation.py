"""An attestation for a State: made by those who may, true to what the log records, and checked with nothing but the one small file.

Whoever holds the file is the attacker, and the log's key is theirs only where a test says so.
"""

import base64
import hashlib
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from portal.audit.checkpoint import read_checkpoint
from portal.audit.signing import BadNote, LogKey, VerifierKey, open_note
from portal.cases.attestation_text import Asked, Told, text_of
from tests.cases.transfers import record, strike
from tests.cases.withholding import confirm, lifted, request_of
from tests.common import directions
from tests.common.house import DIRECTORATE, OFFICE, House, proposal_of, shared
from tools.tour.stage import ROOT
from tools.verify_portal_log import main as verifier

house, here = directions.house, directions.here

NONE_BEFORE = "Before that moment the log records no disclosure of the document to another body."
NONE_SINCE = "Since that moment the log records no disclosure of the document to another body."


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
    command = [sys.executable, "-I", str(ROOT / "tools" / "verify_portal_log.py"), *_asked(house, text, key)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def judged(house: House, text: str, *, key: str = "") -> int:
    """The same in this process, for many."""
    return verifier(_asked(house, text, key))


def _asked(house: House, text: str, key: str) -> list[str]:
    file, vkey = house.folder.parent / "attestation.txt", house.folder.parent / "given.vkey"
    file.write_text(text, encoding="utf-8", newline="")
    vkey.write_text(key or str(house.parts.sequencer.key.verifier))
    return ["--attestation", str(file), "--key", str(vkey)]


def test_a_state_checks_offline_what_was_disclosed_before_it_asked(house: House) -> None:
    document, share = shared(house, withheld="3", use="download")
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
    assert "Communication: SM/NV/2026/41, dated 2 Nov 2026" in text
    assert "To be kept confidential: The whole document\n" in text
    assert verdict(house, text)[0] == 0


def test_nobody_else_makes_one_and_another_body_finds_nothing(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    request = asked(house, document)
    where = f"/documents/{document}/requests/{request}/attestation"
    before = len(house.events())
    for login, status in ((house.cast.releasing, 403), (house.cast.uploader, 403), (house.cast.reader, 404)):
        assert house.guest(login).get(where).status_code == status, login
    officer = OFFICE.confidentiality if house.cast is DIRECTORATE else DIRECTORATE.confidentiality
    absent = where.replace(document, request)
    refusals = [house.guest(officer).get(path) for path in (where, absent)]
    assert [(reply.status_code, reply.text.replace(document, request)) for reply in refusals] == [(404, refusals[1].text)] * 2
    assert [event for event in house.events()[before:] if event[0] == "request.attested" and event[1] == "done"] == []
    assert house.guest(house.cast.confidentiality).get(where.replace(request, document)).status_code == 404


def test_only_what_two_officers_stand_for_and_what_is_in_force_is_attested(here: House) -> None:
    document = here.guest("ada").deposit()
    here.guest("carla").withhold(document)
    where = f"/documents/{document}/requests/{request_of(here)}/attestation"
    refused = here.guest("carla").get(where)
    assert refused.status_code == 403
    assert "A second officer has to confirm this request before the portal signs anything about it." in refused.text
    assert confirm(here, document, "dana").status_code == 302
    assert here.guest("carla").get(where).status_code == 409  # the log has not signed it yet
    here.worker.sequence()
    assert here.guest("carla").get(where).status_code == 200
    assert f'href="{where}"' in here.guest("carla").get(f"/documents/{document}").text
    lifted(here, document)
    assert here.guest("carla").get(where).status_code == 403


def test_what_no_state_asked_is_attested_to_none(here: House) -> None:
    document = here.guest("ada").deposit()
    said = {"ground": "third_party", "state": "", "dated": "", "received": "", "reference": "Names of a third party"}
    request = asked(here, document, "2", **said)
    where = f"/documents/{document}/requests/{request}/attestation"
    assert here.guest("carla").get(where).status_code == 404
    assert where not in here.guest("carla").get(f"/documents/{document}").text


def test_a_narrowed_request_is_in_force_since_it_was_first_recorded(here: House) -> None:
    document = here.guest("ada").deposit()
    first = re.search(r"In force since: (.*)\n", attestation(here, document, asked(here, document)))
    lifted(here, document, pages="2")
    here.worker.sequence()
    text = attestation(here, document, request_of(here))
    assert first is not None
    assert first[0] in text
    assert "To be kept confidential: Page 2 (pages and passages of version 1)\n" in text
    assert "Narrowed by two officers to what stands above: " in text
    assert verdict(here, text)[0] == 0


def test_what_is_shared_afterwards_is_told_and_so_is_what_was_struck_not(here: House) -> None:
    document, share = shared(here, withheld="3", use="download")
    assert record(here, document, share).status_code == 302
    assert strike(here, document).status_code == 302
    request = asked(here, document, "2")
    for step in (lambda: here.guest("ada").prepare(document), lambda: here.guest("ada").propose(document)):
        assert step().status_code == 302
    assert here.guest("dana").approve(proposal_of(here)).status_code == 302
    here.clock.advance(timedelta(minutes=1))
    opened = str(UUID(here.sql("select id from share order by approved_at desc")[0][0]))
    assert here.guest("omar").get(f"/received/{opened}/pages/1").status_code == 200
    here.worker.sequence()
    text = attestation(here, document, request)
    assert NONE_BEFORE in text
    assert "Nothing is recorded as handed over by other means up to that day." in text
    since = text.split("WHAT THE LOG SHOWS SINCE")[1]
    assert "1 person, 1 view of a page" in since
    assert "Of the pages that the request names they could see: none." in since
    assert "made to leave out what was asked: " in since
    assert "NOT made" not in since


def test_what_an_officer_typed_begins_no_line_of_its_own() -> None:
    """The form takes no such reference; a row from elsewhere may hold one."""
    typed = "SM 1\nIn force since: 1 January 2001\u2028WHAT WAS ASKED\u202e"
    said = Asked(state="", communication=typed, symbol="", scope="", withheld_from="", until="")
    nothing: dict[str, Any] = dict.fromkeys(("before", "after", "handed_before", "handed_after", "closed", "released"), ())
    told = Told(made="", by="", asked=said, since="now", narrowed="", leaf=0, first_size=16, newest_size=16, **nothing)
    lines = text_of("origin/attestation", told).splitlines()
    assert "Communication: SM 1 In force since: 1 January 2001 WHAT WAS ASKED" in lines
    assert [line for line in lines if line.startswith("In force since")] == ["In force since: now"]
    assert lines.count("WHAT WAS ASKED") == 1


def test_every_change_to_the_file_is_found(here: House) -> None:
    house = here
    one, other = house.guest("ada").deposit(), house.guest("ada").deposit("CTED/2026/XSM/4")
    request = asked(house, one)
    for number in range(4):  # the log grows between the two recordings
        house.guest("carla").get(f"/documents/{one}?{number}")
        house.worker.sequence()
    text, second = attestation(house, one, request), attestation(house, other, asked(house, other))
    assert (judged(house, text), judged(house, second)) == (0, 0)
    key = house.parts.sequencer.key

    def resigned(changed: str) -> str:
        """As whoever holds the log's key would sign it."""
        return key.named("/attestation").sign(changed.rpartition("\n\n")[0] + "\n")

    def part(of: str, name: str) -> str:
        found = re.search(rf"=== {name} ===\n(.*?)(?==== )", of, re.DOTALL)
        assert found is not None
        return found[1]

    swapped: Callable[[str], str] = lambda name: resigned(text.replace(part(text, name), part(second, name)))  # noqa: E731
    index = int(re.search(r"^index (\d+)$", text, re.MULTILINE)[1])  # type: ignore[index]
    extra = re.search(r"^extra (.*)$", text, re.MULTILINE)[1]  # type: ignore[index]
    since = re.search(r"^In force since: (.*)$", text, re.MULTILINE)[1]  # type: ignore[index]
    first_hash = re.search(r"^index \d+\n(.*)\n", text, re.MULTILINE)[1]  # type: ignore[index]
    goes_on = re.search(r"^old \d+\n(.*)\n", text, re.MULTILINE)[1]  # type: ignore[index]
    size = int(re.search(r"^old (\d+)$", text, re.MULTILINE)[1])  # type: ignore[index]
    forged = LogKey(key.name, bytes(32)).named("/attestation").sign(text.rpartition("\n\n")[0] + "\n")
    tampered = {
        "the words": text.replace("The whole document", "One page of it"),
        "disclosures left out": text.replace(NONE_BEFORE, "Nothing at all was ever disclosed."),
        "a line more": text.replace("WHAT WAS ASKED\n", "WHAT WAS ASKED\nMember State: Elbonia\n"),
        "another key": forged,
        "the log's own name": text.replace(f"{key.name}/attestation", key.name),
        "another act": swapped("inclusion"),
        "another checkpoint later": swapped("consistency"),
        "another leaf": resigned(text.replace(f"index {index}\n", f"index {index ^ 1}\n")),
        "a leaf beyond the log": resigned(text.replace(f"index {index}\n", f"index {index + size}\n")),
        "an act with another salt": resigned(text.replace(extra, ("B" if extra[0] == "A" else "A") + extra[1:])),
        "a hash of the proof": resigned(text.replace(first_hash, ("B" if first_hash[0] == "A" else "A") + first_hash[1:])),
        "a hash left out": resigned(text.replace(f"{first_hash}\n", "")),
        "a hash too many": resigned(text.replace(f"{first_hash}\n", f"{first_hash}\n{first_hash}\n")),
        "a later log that does not go on": resigned(text.replace(goes_on, ("B" if goes_on[0] == "A" else "A") + goes_on[1:])),
        "an older size": resigned(text.replace(f"old {size}\n", f"old {size - 16}\n")),
        "another day": resigned(text.replace(f"In force since: {since}", f"In force since: 1{since}")),
        "no proofs": resigned(text[: text.index("=== inclusion")] + "\n\n"),
        "nothing": "",
        "a checkpoint": (house.parts.sequencer.log_dir / "checkpoint").read_text(),
    }
    assert {name: judged(house, changed) for name, changed in tampered.items()} == dict.fromkeys(tampered, 1)
    assert judged(house, text, key=str(LogKey(key.name, bytes(32)).verifier)) == 1
    assert judged(house, resigned(text)) == 0  # or none of the above would prove anything


def test_it_passes_for_no_checkpoint(here: House) -> None:
    document = here.guest("ada").deposit()
    note = attestation(here, document, asked(here, document))
    key = here.parts.sequencer.key.verifier
    with pytest.raises(BadNote):
        read_checkpoint(note, key)
    renamed = note.rpartition("\n\n")[0] + "\n\n" + relabelled(note.rpartition("\n\n")[2], key)
    assert open_note(renamed, key)  # the same key, under the log's own name: the signature is good,
    with pytest.raises(BadNote, match="three lines"):  # and the first line still says what it is
        read_checkpoint(renamed, key)


def relabelled(line: str, key: VerifierKey) -> str:
    """The signature line as one of the log itself."""
    raw = base64.b64decode(line.split(" ")[2])
    return f"— {key.name} {base64.b64encode(key.id + raw[4:]).decode()}\n"


def test_what_was_changed_is_not_attested(here: House) -> None:
    document = here.guest("ada").deposit()
    request = asked(here, document)
    here.sql("update audit_event set detail = replace(detail, 'document', 'pages') where event = 'request.recorded'")
    reply = here.guest("carla").get(f"/documents/{document}/requests/{request}/attestation")
    assert reply.status_code == 500
    assert ("request.attested", "failed", "tampered") in here.events()
