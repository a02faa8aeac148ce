"""Disaster recovery: portal, database, keyring, log are gone; the bucket, an offline identity and `age` are left, and open everything."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.cases.export_recovery import MANIFEST, NOTE, note_text
from portal.cases.verify_recovery import verify_recovery
from portal.confidentiality.render.found import Found
from portal.kernel.errors import Misconfigured
from portal.vault.age import new_recovery_identity, write_header
from portal.vault.filekey import FileKey
from tests.common.backups import command
from tests.common.house import House, shared
from tests.common.slips import SAMORIA, VELLAND

SUFFIX = ".age-header"
#: Two originals, the passages of each, and the two files of a rendition.
CTED = 6


class Ruins:
    """What is left: a copy of the store, each body's identity, an export; and, to compare, what the originals were."""

    def __init__(self, house: House, folder: Path) -> None:
        self.folder, self.house = folder, house
        self.identities: dict[str, Path] = {}
        recovery: Any = house.parts.recovery
        for body in house.config.bodies:
            identity, recovery[body] = new_recovery_identity()
            self.identities[body] = folder / f"{body}.txt"
            self.identities[body].write_text(identity + "\n")
            self.identities[body].chmod(0o600)
        self.verifier = str(house.parts.sequencer.key.verifier)
        self.objects, self.export = folder / "copy", folder / "export"

    def fall(self) -> None:
        """Export, copy the store, and lose everything else."""
        assert command(self.house, "recover", "export", str(self.export)) == 0
        for name, content in self.house._in_store().items():
            place = self.objects / name.removeprefix("objects/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        for path in self.house.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def stored(self) -> dict[str, Path]:
        return {path.name: path for path in self.objects.rglob("*") if path.is_file()}

    def verify(self, body: str = "CTED", **options: Any) -> Any:
        identity = self.identities[options.pop("by", body)].read_text().strip()
        return verify_recovery(self.export / body, self.objects, self.verifier, identity=identity, **options)

    def by_script(self, body: str, out: Path, identity: str = "") -> subprocess.CompletedProcess[str]:
        words = ["sh", str(self.export / body / "recover.sh"), str(self.identities[identity or body]), str(self.objects), str(out)]
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def ruins(house: House, tmp_path: Path) -> Ruins:
    left = Ruins(house, tmp_path)
    shared(house)
    house.guest("ada").deposit("CTED/2026/XVL/2", content=VELLAND, state="XVL")
    house.guest("pedro").deposit("OCT/2026/XTA/9", content=SAMORIA, state="XTA")
    left.fall()
    return left


def test_with_the_bucket_the_identity_and_age_alone_every_document_opens(ruins: Ruins) -> None:
    stored = ruins.stored()
    opened: dict[str, list[bytes]] = {body: [] for body in ruins.identities}
    for name, payload in stored.items():
        if name.endswith(SUFFIX):
            continue
        for body, identity in ruins.identities.items():
            sealed = stored[name + SUFFIX].read_bytes() + payload.read_bytes()
            done = subprocess.run(["age", "-d", "-i", str(identity)], input=sealed, capture_output=True, check=False, timeout=60)
            opened[body] += [done.stdout] if done.returncode == 0 else []
    assert [len(opened["CTED"]), len(opened["OCT"])] == [CTED, 2]
    assert {SAMORIA, VELLAND} <= set(opened["CTED"])
    original, passages = sorted(opened["OCT"], key=lambda content: content != SAMORIA)
    assert original == SAMORIA
    assert "§1" in [passage.label for passage in Found.from_text(passages.decode()).passages]


def test_the_script_opens_every_document_and_names_it(ruins: Ruins, tmp_path: Path) -> None:
    for body, originals in (("CTED", {"CTED_2026_XSM_3-v1-original": SAMORIA, "CTED_2026_XVL_2-v1-original": VELLAND}),
                            ("OCT", {"OCT_2026_XTA_9-v1-original": SAMORIA})):  # fmt: skip
        out = tmp_path / f"out-{body}"
        done = ruins.by_script(body, out)
        assert (done.returncode, done.stderr) == (0, ""), done
        files = {path.name: path.read_bytes() for path in out.iterdir()}
        assert len(files) == len(json.loads((ruins.export / body / MANIFEST).read_text())["objects"])
        for name, content in originals.items():
            assert [found for file, found in files.items() if file.startswith(name)] == [content]


def test_another_bodys_identity_opens_nothing(ruins: Ruins, tmp_path: Path) -> None:
    done = ruins.by_script("CTED", tmp_path / "out", identity="OCT")
    assert done.returncode == 1
    assert f"opened 0, failed {CTED}" in done.stdout
    assert list((tmp_path / "out").iterdir()) == []
    verified = ruins.verify(by="OCT")
    assert (verified.opened, len(verified.found)) == (0, CTED)


def test_the_export_says_nothing_in_clear_and_no_key_is_in_it(ruins: Ruins) -> None:
    everything = b"".join(path.read_bytes() for path in ruins.export.rglob("*") if path.is_file())
    for word in (b"Report of the visit", b"report.pdf", b"Samoria", b"HERON", *(p.read_bytes().strip() for p in ruins.identities.values())):
        assert word not in everything


def test_our_own_check_opens_every_byte_and_writes_the_same(ruins: Ruins, tmp_path: Path) -> None:
    verified = ruins.verify(to=tmp_path / "out")
    assert (verified.objects, verified.opened, verified.found) == (CTED, CTED, ())
    assert {SAMORIA, VELLAND} <= {path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert verify_recovery(ruins.export / "CTED", ruins.objects, ruins.verifier).opened == 0  # without an identity: all but the keys


def entries(ruins: Ruins) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((ruins.export / "CTED" / MANIFEST).read_text())["objects"]
    return found


def swapped_headers(ruins: Ruins) -> None:
    for places in (ruins.stored(), {path.name: path for path in (ruins.export / "CTED" / "headers").iterdir()}):
        one, two = (places[entry["key"] + SUFFIX] for entry in entries(ruins)[:2])
        first, second = one.read_bytes(), two.read_bytes()
        one.write_bytes(second)
        two.write_bytes(first)


def swapped_payloads(ruins: Ruins) -> None:
    one, two = (ruins.stored()[entry["key"]] for entry in entries(ruins)[:2])
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)


def changed(change: Callable[[bytes], bytes]) -> Callable[[Ruins], None]:
    def act(ruins: Ruins) -> None:
        path = ruins.stored()[entries(ruins)[0]["key"]]
        path.write_bytes(change(path.read_bytes()))

    return act


def sidecar_of_another(ruins: Ruins) -> None:
    one, two = (ruins.stored()[entry["key"] + SUFFIX] for entry in entries(ruins)[:2])
    one.write_bytes(two.read_bytes())


ATTACKS: dict[str, tuple[Callable[[Ruins], None], int, str]] = {
    "headers swapped, in store and export": (swapped_headers, 2, "not its own"),
    "payloads swapped": (swapped_payloads, 2, "payload"),
    "a byte flipped": (changed(lambda raw: raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:]), 1, "root over its chunks"),
    "a nonce of another": (changed(lambda raw: bytes(16) + raw[16:]), 1, "nonce"),
    "cut": (changed(lambda raw: raw[:-1]), 1, "bytes and not"),
    "longer": (changed(lambda raw: raw + b"0"), 1, "bytes and not"),
    "a sidecar of another beside it": (sidecar_of_another, 1, "not its own"),
    "gone": (lambda ruins: ruins.stored()[entries(ruins)[0]["key"]].unlink(), 1, "gone"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_does_not_fit_is_named_and_gives_no_byte(ruins: Ruins, tmp_path: Path, attack: str) -> None:
    act, count, words = ATTACKS[attack]
    act(ruins)
    verified = ruins.verify(to=tmp_path / "out")
    assert len(verified.found) == count
    assert all(words in line for line in verified.found), verified.found
    assert verified.opened == CTED - count == len(list((tmp_path / "out").iterdir()))


def signed_again(ruins: Ruins, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """A manifest of other content, signed by the real key: what a check of the rest has to find by itself."""
    key = ruins.house.parts.sequencer.key
    file = ruins.export / "CTED" / MANIFEST
    manifest = json.loads(file.read_text())
    change(manifest["objects"])
    text = json.dumps(manifest)
    file.write_text(text)
    note = key.named("/recovery").sign(note_text("CTED", hashlib.sha256(text.encode()).hexdigest()))
    (ruins.export / "CTED" / NOTE).write_text(note)


def test_a_payload_that_opens_under_another_key_than_it_was_sealed_with_is_refused(ruins: Ruins) -> None:
    def other_commitment(objects: list[dict[str, Any]]) -> None:
        objects[0]["kc"] = FileKey.new().commitment(bytes.fromhex(objects[0]["nonce"])).hex()

    signed_again(ruins, other_commitment)
    verified = ruins.verify()
    assert verified.opened == CTED - 1
    assert [line for line in verified.found if "another key than the one it was sealed with" in line] == list(verified.found)


def test_a_header_made_by_a_stranger_for_the_right_recipient_is_refused(ruins: Ruins) -> None:
    recipient = ruins.house.parts.recovery["CTED"]
    entry = entries(ruins)[0]
    forged = write_header(FileKey.new(), recipient)
    ruins.stored()[entry["key"] + SUFFIX].write_bytes(forged)
    (ruins.export / "CTED" / "headers" / (entry["key"] + SUFFIX)).write_bytes(forged)
    signed_again(ruins, lambda objects: objects[0].update(header=hashlib.sha256(forged).hexdigest()))
    assert "another key" in ruins.verify().found[0]


@pytest.mark.parametrize("edit", ["manifest", "note", "of another body", "of the log itself"])
def test_a_manifest_that_was_not_signed_as_one_opens_nothing(ruins: Ruins, edit: str) -> None:
    folder = ruins.export / "CTED"
    if edit == "manifest":
        (folder / MANIFEST).write_text((folder / MANIFEST).read_text().replace('"version": 1', '"version": 2', 1))
    elif edit == "note":
        (folder / NOTE).write_text((folder / NOTE).read_text().replace("CTED\n", "OCTO\n", 1))
    elif edit == "of another body":
        shutil.copy(ruins.export / "OCT" / NOTE, folder / NOTE)
    else:  # the log's key under its own name signs checkpoints, and never manifests
        digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
        (folder / NOTE).write_text(ruins.house.parts.sequencer.key.sign(note_text("CTED", digest)))
    with pytest.raises(Misconfigured, match="changed, or signed by another key"):
        ruins.verify()


def test_the_command_line_verifies_without_a_portal(ruins: Ruins, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["recover", "verify", str(ruins.export / "CTED"), "--objects", str(ruins.objects), "--key", ruins.verifier]
    words += ["--identity", str(ruins.identities["CTED"])]
    assert command(ruins.house, *words) == 0
    assert f"In order: {CTED} objects, {CTED} opened" in capsys.readouterr().out
    ruins.identities["CTED"].chmod(0o644)
    assert command(ruins.house, *words) == 2
    assert "chmod 600" in capsys.readouterr().err
    ruins.identities["CTED"].chmod(0o600)
    sidecar_of_another(ruins)
    assert command(ruins.house, *words) == 1


def test_an_export_leaves_an_event_for_each_body_and_takes_no_folder_that_is_there(house: House, tmp_path: Path) -> None:
    house.guest("ada").deposit()
    assert command(house, "recover", "export", str(tmp_path / "export")) == 0
    assert command(house, "recover", "export", str(tmp_path / "export")) == 2
    told = house.sql("select bodies, detail from audit_event where event = 'recovery.exported' order by bodies")
    assert [bodies for bodies, _ in told] == [",CTED,", ",OCT,"]
    assert [json.loads(detail)["objects"] for _, detail in told] == [2, 0]
