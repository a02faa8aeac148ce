"""What the doctor makes of figures and answers that no test can bring about on every machine, and of stores that break one promise each."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from portal.cases.doctor import machine, objects, sandbox
from portal.cases.doctor.examine import Check, found, opened
from portal.cases.doctor.findings import Finding, Grade
from portal.cases.doctor.site import Site
from portal.kernel.database import looking
from portal.vault.errors import Broken
from portal.vault.store import FilesystemStore
from tests.common.house import House

ALL = ("process", "no_new_privs", "network", "limits", "landlock", "uid", "undumpable", "seccomp")


class Overwriting(FilesystemStore):
    def put(self, key: str, chunks: Iterable[bytes], size: int) -> None:
        self.delete(key)
        super().put(key, chunks, size)


class Shifting(FilesystemStore):
    def get(self, key: str, offset: int, length: int) -> bytes:
        return super().get(key, 0, length)


class Garbling(FilesystemStore):
    def get(self, key: str, offset: int, length: int) -> bytes:
        return bytes(length)


class Keeping(FilesystemStore):
    def delete(self, key: str) -> None:
        return None


class Hiding(FilesystemStore):
    def list(self, prefix: str = "") -> Iterator[tuple[str, timedelta]]:
        return iter(())


class Losing(FilesystemStore):
    def get(self, key: str, offset: int, length: int) -> bytes:
        raise Broken("gone")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Overwriting, "was put again"),
        (Shifting, "a part of an object is not that part"),
        (Garbling, "comes back otherwise"),
        (Keeping, "what was deleted is still there"),
        (Hiding, "not listed"),
        (Losing, "gone"),
    ],
)
def test_a_store_that_breaks_a_promise_is_a_fault(tmp_path: Path, kind: type[FilesystemStore], said: str) -> None:
    finding = objects.round_trip(kind(tmp_path))
    assert finding.grade is Grade.FAULT
    assert said in finding.text
    assert kind is Keeping or not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_store_that_keeps_its_promises_is_in_order_and_left_as_it_was(tmp_path: Path) -> None:
    assert objects.round_trip(FilesystemStore(tmp_path)).grade is Grade.OK
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(("hours", "grade"), [(1.5, Grade.OK), (3, Grade.ATTENTION)])
def test_an_object_that_no_row_names_is_told_when_no_sweep_takes_it(house: House, hours: float, grade: Grade) -> None:
    with house.parts.read() as uow:
        house.parts.vault.seal([b"orphan"], 6, house.parts.recovery["CTED"])
        assert uow.writes is False
    house.age_objects(timedelta(hours=hours))
    (finding,) = objects._orphans(opened(house.folder / "config.toml"), house.parts.vault._store)
    assert finding.grade is grade
    assert finding.text.startswith("1 objects that no row names wait to be swept")


def test_an_object_that_a_row_names_is_no_orphan_however_old(house: House) -> None:
    house.guest("ada").deposit()
    house.age_objects(timedelta(hours=30))
    (finding,) = objects._orphans(opened(house.folder / "config.toml"), house.parts.vault._store)
    assert finding.text == "no object waits to be swept"


def test_only_a_row_that_somebody_has_a_key_of_misses_its_object(house: House) -> None:
    house.guest("ada").deposit()
    row, key = house.sql("select id, store_key from sealed_object")[0]

    def missing() -> list[str]:
        with looking(house.config.database.url) as session:
            return [str(found) for found in objects.objects_without_payload(session, house.parts.vault._store)]

    assert missing() == []
    house.parts.vault.discard_key(key)
    assert missing() == [str(UUID(row))]
    house.sql("delete from key_wrap where object_id = ?", row)
    assert missing() == []


def test_without_tesseract_scans_without_text_ask_for_attention() -> None:
    found = sandbox.reader(None, wanted=True)
    assert found.grade is Grade.ATTENTION
    assert "tesseract-ocr" in found.advice
    assert "render.read_scans" in found.advice


@pytest.mark.parametrize("layer", ALL)
def test_a_layer_that_the_kernel_refuses_is_named_and_the_others_hold(layer: str) -> None:
    granted = tuple(name for name in ALL if name != layer)
    (finding,) = sandbox.judged(granted, root=True)
    assert (finding.grade, sandbox.LAYERS[layer] in finding.text, "other layers hold" in finding.advice) == (Grade.ATTENTION, True, True)


def test_who_is_not_root_needs_no_other_user() -> None:
    assert [finding.grade for finding in sandbox.judged(tuple(name for name in ALL if name != "uid"), root=False)] == [Grade.OK]


@pytest.mark.parametrize(
    ("limit", "pattern", "findings"),
    [
        (0, "core", 0),
        (-1, "core", 1),
        (4096, "core", 1),
        (0, "|/usr/share/apport/apport %p", 1),
        (0, "|/lib/systemd/systemd-coredump %P", 0),
    ],
)
def test_memory_that_could_reach_a_disk_asks_for_attention(limit: int, pattern: str, findings: int) -> None:
    assert [finding.grade for finding in machine.dumps(limit, pattern)] == [Grade.ATTENTION] * findings


@pytest.mark.parametrize(
    ("free", "grade"), [(99, Grade.FAULT), (100, Grade.ATTENTION), (999, Grade.ATTENTION), (1_000, Grade.ATTENTION), (5_000, Grade.OK)]
)
def test_a_disk_that_fills_is_told_in_time(free: int, grade: Grade) -> None:
    assert machine.room("the store", free, 100_000, 100).grade is grade
    assert machine.room("the store", max(free, 999), 1_000, 100).grade is (Grade.OK if free >= 1_000 else Grade.ATTENTION)


def test_a_check_that_fails_unforeseen_passes_for_a_fault(tmp_path: Path) -> None:
    def look(site: Site) -> Iterator[Finding]:
        raise ZeroDivisionError("a word of content")
        yield  # pragma: no cover

    (finding,) = found(Check("x", look), Site(file=tmp_path, sections={}))
    assert (finding.grade, "ZeroDivisionError" in finding.text, "content" in finding.line) == (Grade.FAULT, True, False)
