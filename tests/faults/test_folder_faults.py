"""The folder of the objects is full, read-only, gone or in the way: a clean answer, one event, nothing half, and it heals."""

import ctypes
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.cases.sweep import sweep
from portal.kernel.errors import Unavailable
from portal.vault.store import FilesystemStore
from tests.common.house import House, shared
from tests.common.slips import SAMORIA

#: Larger than any file of the database, so that only the object meets the limit.
LARGE = SAMORIA + b"\n% padding" * 900_000
LIMIT = 6_000_000


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """No file grows beyond a limit: like a disk that is full, the system takes a part of what is written and refuses the rest."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody may write into any folder of the store: not even root, which gives up that right for as long."""
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o500)
    try:
        with without_override():
            yield
    finally:
        for path in folders:
            path.chmod(0o700)


@contextmanager
def without_override() -> Iterator[None]:
    """This thread may do to files what their modes allow, and no more (capabilities(7): CAP_DAC_OVERRIDE, number 1)."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    before, during = (ctypes.c_uint32 * 6)(), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, before) == 0
    assert libc.capget(header, during) == 0
    during[0] &= ~(1 << 1)  # effective; the permitted ones stay, to take it back
    assert libc.capset(header, during) == 0
    try:
        yield
    finally:
        assert libc.capset(header, before) == 0


@contextmanager
def gone(folder: Path) -> Iterator[None]:
    away = folder.with_name("away")
    folder.rename(away)
    try:
        yield
    finally:
        away.rename(folder)


@contextmanager
def in_the_way(folder: Path) -> Iterator[None]:
    """A file where a folder must be made."""
    away = folder.with_name("away")
    folder.rename(away)
    folder.write_text("")
    try:
        yield
    finally:
        folder.unlink()
        away.rename(folder)


FAULTS: dict[str, Callable[[Path], "contextmanager[None]"]] = {  # type: ignore[type-arg]
    function.__name__: function for function in (full, read_only, gone, in_the_way)
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_deposit_into_a_folder_that_fails_is_a_clean_refusal_and_works_when_it_is_mended(near_house: House, fault: str) -> None:
    house, ada = near_house, near_house.guest("ada")
    document = ada.register()
    events = len(house.events())
    with FAULTS[fault](house.folder / "objects"):  # type: ignore[operator]
        refused = ada.upload(document, LARGE)
    assert (refused.status_code, refused.mimetype, refused.json["code"]) == (503, "application/problem+json", "unavailable")
    assert house.events()[events:] == [("version.deposited", "failed", "unavailable")]
    assert house.sql("select count(*) from sealed_object") == [(0,)]
    assert house.objects() == set()
    assert ada.upload(document, SAMORIA).status_code == 201
    assert len(house.objects()) == 4


@pytest.mark.parametrize("fault", ["gone", "in_the_way"])
def test_a_page_from_a_folder_that_is_gone_is_a_clean_refusal_and_no_alarm(near_house: House, fault: str) -> None:
    house = near_house
    _, share = shared(house)
    page = f"/received/{share}/pages/1"
    elena = house.guest(house.cast.reader)
    with FAULTS[fault](house.folder / "objects"):  # type: ignore[operator]
        assert elena.get(page).status_code == 503
        with pytest.raises(Unavailable):
            sweep(house.parts)
    assert not [code for _, _, code in house.events() if code == "broken"]
    assert elena.get(page).status_code == 200


def test_a_rendition_into_a_full_folder_leaves_nothing(near_house: House) -> None:
    house, ada = near_house, near_house.guest("ada")
    document = ada.deposit()
    objects = house.objects()
    with read_only(house.folder / "objects"):
        assert ada.prepare(document).status_code == 503
    assert house.objects() == objects
    assert ada.prepare(document).status_code == 302


def test_a_store_whose_folder_is_gone_is_not_an_empty_one(tmp_path: Path) -> None:
    root = tmp_path / "objects"
    root.mkdir()
    store = FilesystemStore(root)
    store.put("ab" * 20, [b"abc"], 3)
    with gone(root):
        for ask in (
            lambda: store.stat("ab" * 20),
            lambda: store.get("ab" * 20, 0, 3),
            lambda: store.put("cd" * 20, [b"abc"], 3),
            lambda: list(store.listed()),
            lambda: store.delete("ab" * 20),
        ):
            with pytest.raises(Unavailable):
                ask()
        assert not root.exists()
        root.mkdir()  # as the place where it should be mounted
        with pytest.raises(Unavailable, match="mounted"):
            store.put("cd" * 20, [b"abc"], 3)
        assert list(root.rglob("*")) == []
        root.rmdir()
    assert store.stat("ab" * 20) == 3


def test_root_itself_is_held_by_the_modes_here(tmp_path: Path) -> None:
    with read_only(tmp_path), pytest.raises(PermissionError):
        os.mkdir(tmp_path / "x")
