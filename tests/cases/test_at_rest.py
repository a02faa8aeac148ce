"""What a thief of the disk finds: symbols, levels and codes; no words. A search that finds a planted copy proves that it can find."""

from pathlib import Path

import pytest

from tests.common.house import House, shared
from tests.common.slips import SAMORIA
from tools.tour.sample import SAMORIA_TITLE

WORDS = [
    "Kestrel Point",
    "HERON",
    "ministries of justice",
    SAMORIA_TITLE,
    "Samoria visit report",
    "SM/NV/2026/41",
    "Ada Lindqvist",
    "Follow-up",
]


def found(contents: dict[str, bytes]) -> set[tuple[str, str]]:
    """(name, word) wherever a word stands."""
    hits = set()
    for name, content in contents.items():
        hits |= {(name, word) for word in WORDS if word.encode() in content or word.encode("utf-16-le") in content}
    return hits


def test_no_word_of_a_document_stands_on_the_disk(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    shared(house)
    house.guest("omar").get("/received")
    house.worker.sequence()
    assert found(house.everything_at_rest()) == set()
    assert found({path.name: path.read_bytes() for path in temporary.rglob("*") if path.is_file()}) == set()
    house.plant("copy", SAMORIA)
    assert ("objects/copy", "Kestrel Point") in found(house.everything_at_rest())


def test_the_logs_directory_publishes_nothing_but_digests(house: House) -> None:
    document, share = shared(house)
    house.worker.sequence()
    published = b"".join(path.read_bytes() for path in (house.folder / "log").rglob("*") if path.is_file())
    for word in ("request.recorded", "share.approved", "CTED", "XSM", "CTED/2026/XSM/3"):
        assert word.encode() not in published
    for name in (document, share):
        assert bytes.fromhex(name.replace("-", "")) not in published


def test_the_recovery_key_of_the_body_opens_an_object_without_the_portal(house: House) -> None:
    """header || payload is an age file for the originator's recovery recipient alone."""
    house.guest("ada").deposit()
    rows = house.sql("select store_key, header from sealed_object")
    for key, header in rows:
        (sidecar,) = (content for name, content in house.everything_at_rest().items() if name.endswith(f"/{key}.age-header"))
        assert sidecar == header
        assert header.startswith(b"age-encryption.org/v1\n-> X25519 ")
