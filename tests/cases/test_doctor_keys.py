"""`portal doctor` on keys: the keyring fits the bodies, the database and its wraps, and the floors are not older than what was closed."""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from portal.vault import keyring as rings
from tests.cases.examining import Examined, changed, wrong
from tests.common.house import House, shared
from tests.conftest import CHEAP


def test_a_keyring_that_does_not_open_is_a_fault(well: House, examined: Examined) -> None:
    (well.folder / "keys" / "passphrase").write_text("another\n")
    told = wrong(examined())
    assert list(told) == ["keyring"]
    assert re.fullmatch(r"fault the passphrase does not open the keyring .*", told["keyring"][0])


def test_a_body_without_keys_and_keys_without_a_body_are_named(well: House, examined: Examined) -> None:
    changed(well, '[[body]]\ncode = "CTED"', '[[body]]\ncode = "LEGAL"\nname = "Legal"\nshort = "Legal"\n\n[[body]]\ncode = "CTED"')
    assert any("the keyring has no keys for LEGAL" in line for line in examined()["keyring"])
    _new_keyring(well, "CTED", "OCT", "LEGAL", "OTHER")
    assert any(re.match(r"attention the keyring has keys for OTHER, which", line) for line in examined()["keyring"])


def test_a_keyring_of_another_installation_is_a_fault(well: House, examined: Examined) -> None:
    well.guest("ada")
    assert any(line == "ok the keyring is the one that the database was written with" for line in examined()["keyring"])
    _new_keyring(well, "CTED", "OCT")
    assert any("the newest account in the database was not written with this keyring" in line for line in examined()["keyring"])


def test_wraps_under_a_key_that_is_gone_are_a_fault(well: House, examined: Examined) -> None:
    shared(well)
    well.sql("update key_wrap set kek = 'OCT/9' where body = 'OCT'")
    assert any("wraps under keys that the keyring lacks (OCT/9 of OCT)" in line for line in examined()["keyring"])


@pytest.mark.parametrize(("kind", "state"), [("register", "decrypt_only"), ("keks", "decrypt_only")])
def test_a_body_without_an_active_key_is_a_fault(well: House, examined: Examined, kind: str, state: str) -> None:
    _edit_keyring(well, lambda bodies: bodies["OCT"][kind][0].update(state=state))
    lines = examined()["keyring"]
    assert any(re.match(r"fault OCT: no key is active \(.*decrypt-only", line) for line in lines)
    assert any(line.startswith("ok CTED: keys wrap and open") for line in lines)


def test_wraps_under_a_key_that_was_destroyed_are_a_fault(well: House, examined: Examined) -> None:
    shared(well)
    _edit_keyring(well, lambda bodies: bodies["OCT"]["keks"].append({"id": "OCT/9", "state": "destroyed", "sealed": ""}))
    assert any("OCT/9 destroyed" in line for line in examined()["keyring"])
    well.sql("update key_wrap set kek = 'OCT/9' where body = 'OCT'")
    assert any("wraps under keys that the keyring lacks (OCT/9 of OCT)" in line for line in examined()["keyring"])


def _edit_keyring(house: House, edit: Callable[[dict[str, Any]], object]) -> None:
    """As somebody with the passphrase would."""
    file = house.folder / "keys" / "keyring.json"
    document = json.loads(file.read_text())
    edit(document["bodies"])
    root = rings._root((house.folder / "keys" / "passphrase").read_text().strip(), document["kdf"])
    document["mac"] = rings._mac(root, document)
    file.write_text(json.dumps(document))


def _new_keyring(house: House, *bodies: str) -> None:
    file = house.folder / "keys" / "keyring.json"
    file.unlink()
    rings.create_keyring(file, (house.folder / "keys" / "passphrase").read_text().strip(), bodies, **CHEAP)


def test_floors_that_are_gone_are_a_fault_and_are_not_made(well: House, examined: Examined) -> None:
    (well.folder / "keys" / "floors.jsonl").unlink()
    assert any("is missing: it says what was closed to whom" in line for line in examined()["floors"])
    assert not (well.folder / "keys" / "floors.jsonl").exists()


def test_floors_older_than_the_database_are_a_fault(well: House, examined: Examined) -> None:
    document, _ = shared(well, withheld="")
    well.guest(well.cast.releasing).recall(document, str(UUID(well.sql("select proposal_id from share")[0][0])))
    uploader = well.guest(well.cast.uploader)
    assert uploader.prepare(document).status_code == 302
    assert uploader.propose(document).status_code == 302
    proposal = str(UUID(well.sql("select id from proposal where id not in (select proposal_id from decision)")[0][0]))
    assert well.guest(well.cast.releasing).approve(proposal).status_code == 302
    assert wrong(examined()) == {}
    (well.folder / "keys" / "floors.jsonl").write_text("")
    assert any(
        re.match(r"fault .* is older than the database: [1-9]\d* wraps are above their floor", line) for line in examined()["floors"]
    )


def test_wraps_under_their_floor_ask_for_attention(well: House, examined: Examined) -> None:
    document, _ = shared(well)
    well.parts.holder.raise_floor(UUID(document), well.cast.other)
    assert any(re.match(r"attention [1-9]\d* wraps are under their floor", line) for line in examined()["floors"])


def test_floors_that_cannot_be_read_are_a_fault(well: House, examined: Examined) -> None:
    (well.folder / "keys" / "floors.jsonl").write_text("nonsense\n")
    assert "fault the floors file holds a line that is none of ours" in examined()["floors"]
