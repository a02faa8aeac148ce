"""Sealed words open in their own place, under their own body, and tell nothing by their size."""

from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.kernel.errors import Tampered
from portal.kernel.sealing import Place, Sealed, Sealer
from portal.vault.errors import Broken, LabelMismatch
from portal.vault.fields import _bound, open_words
from portal.vault.floors import Floors
from portal.vault.holder import EmbeddedHolder
from portal.vault.keyring import load_keyring
from tests.rooms.vault.stage import PASSPHRASE, new_holder, permit
from tests.rooms.vault.test_keyring import FIRST_DAY

PLACE = Place("document", "title", UUID(int=1))


@pytest.fixture
def holder(tmp_path: Path) -> EmbeddedHolder:
    return new_holder(tmp_path)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(max_size=200))
def test_words_come_back_as_they_were(holder: EmbeddedHolder, words: str) -> None:
    try:
        words.encode()
    except UnicodeEncodeError:
        return
    sealer: Sealer = holder
    sealed = sealer.seal_field("CTED", PLACE, words)
    assert sealer.open_field(permit("CTED"), PLACE, sealed) == words


def test_words_are_not_there_in_clear_and_never_twice_the_same(holder: EmbeddedHolder) -> None:
    first, second = (bytes(holder.seal_field("CTED", PLACE, "Samoria")) for _ in range(2))
    assert b"Samoria" not in first
    assert first != second


def test_short_words_all_have_the_same_size(holder: EmbeddedHolder) -> None:
    sizes = [len(holder.seal_field("CTED", PLACE, "x" * count)) for count in (0, 1, 59, 60, 61, 124, 125)]
    assert len(set(sizes[:4])) == 1
    assert sizes[4] == sizes[5] == sizes[0] + 64
    assert sizes[6] == sizes[0] + 128


@pytest.mark.parametrize(
    "place",
    [
        Place("document", "title", UUID(int=2)),
        Place("document", "titles", UUID(int=1)),
        Place("share", "title", UUID(int=1)),
        Place("document", "title", UUID(int=1), 2),
        Place("documentt", "itle", UUID(int=1)),
    ],
)
def test_words_moved_to_another_row_column_or_version_do_not_open(holder: EmbeddedHolder, place: Place) -> None:
    sealed = holder.seal_field("CTED", PLACE, "Samoria")
    with pytest.raises(LabelMismatch):
        holder.open_field(permit("CTED"), place, sealed)


def test_words_of_another_body_do_not_open(holder: EmbeddedHolder) -> None:
    sealed = holder.seal_field("CTED", PLACE, "Samoria")
    with pytest.raises(LabelMismatch):
        holder.open_field(permit("OCT"), PLACE, sealed)
    renamed = Sealed(bytes(sealed).replace(b"CTED/register/1", b"OCT/register/01"))
    with pytest.raises(Tampered):
        holder.open_field(permit("OCT"), PLACE, renamed)


def test_the_body_is_bound_and_not_only_its_key(holder: EmbeddedHolder) -> None:
    sealed = holder.seal_field("CTED", PLACE, "Samoria")
    with pytest.raises(LabelMismatch):
        open_words(holder._keyring.active_register("CTED"), "OCT", PLACE, sealed)


def test_words_of_a_person_need_a_permit_of_a_person(holder: EmbeddedHolder) -> None:
    sealed = holder.seal_field("CTED", PLACE, "Samoria")
    with pytest.raises(TypeError):
        holder.open_field(None, PLACE, sealed)  # type: ignore[arg-type]


def test_system_words_are_the_portals_own_and_no_others(holder: EmbeddedHolder) -> None:
    own, bodys = holder.seal_field("PORTAL", PLACE, "session"), holder.seal_field("CTED", PLACE, "Samoria")
    assert holder.open_system_field(PLACE, own) == "session"
    with pytest.raises(LabelMismatch):
        holder.open_system_field(PLACE, bodys)
    with pytest.raises(LabelMismatch):
        holder.open_field(permit("CTED"), PLACE, own)
    with pytest.raises(RuntimeError):
        holder.open_field(permit("PORTAL"), PLACE, own)


def test_every_changed_byte_and_every_cut_is_refused(holder: EmbeddedHolder) -> None:
    sealed = bytes(holder.seal_field("CTED", PLACE, "Samoria"))
    damaged = [sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :] for place in range(len(sealed))]
    damaged += [sealed[:end] for end in range(len(sealed))] + [sealed + b"\0", b"\0", bytes(200)]
    for raw in damaged:
        with pytest.raises(Tampered):
            holder.open_field(permit("CTED"), PLACE, Sealed(raw))


@pytest.mark.parametrize(
    "padded",
    [
        bytes(128),  # more padding than needed
        b"\0\0\0\1a" + bytes(58) + b"\1",  # padding that is not zero
        b"\0\0\1\0" + bytes(60),  # a length beyond the end
        b"\0\0\0\1\xff" + bytes(59),
    ],
)
def test_words_framed_in_another_way_are_refused(holder: EmbeddedHolder, padded: bytes) -> None:
    key = holder._keyring.active_register("CTED")
    sealed = key.aead.encrypt(bytes(12), padded, _bound(PLACE, "CTED", key.id))
    with pytest.raises(Broken):
        holder.open_field(permit("CTED"), PLACE, Sealed(bytes([1, len(key.id)]) + key.id.encode() + bytes(12) + sealed))


def test_a_field_of_the_first_day_still_opens(tmp_path: Path) -> None:
    (tmp_path / "keyring.json").write_text(FIRST_DAY)
    (tmp_path / "keyring.json").chmod(0o600)
    holder = EmbeddedHolder(load_keyring(tmp_path / "keyring.json", PASSPHRASE), Floors(tmp_path / "floors"))
    assert (
        holder.open_field(
            permit("CTED"),
            PLACE,
            Sealed(
                bytes.fromhex(
                    "010f435445442f72656769737465722f31265d94797010c3aacab5c7e07be7e295ec5ece776aa7e91a5a40fb4a2e59da23ac6305033f46323fd75ee368f45c47ecba6a7e0be2d788107720ce710029ce4a654c00be26650e51464b04ac1b7d1d721919274d8e7823e169595431"
                )
            ),
        )
        == "Visit to Samoria"
    )
