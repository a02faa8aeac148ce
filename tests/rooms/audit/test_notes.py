"""Signed notes, checkpoints, keys, tiles: the formats of C2SP, read strictly."""

import base64
import hashlib
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.audit.checkpoint import Head, read_checkpoint
from portal.audit.durable import write_durably
from portal.audit.signing import BadNote, LogKey, VerifierKey, create_log_key, decode64, load_log_key, open_note
from portal.audit.tiles import Edge, Tile, bundle, drop_partials, published_entries, unbundle, write_tile
from portal.kernel.errors import Misconfigured
from tests.rooms.audit.stage import ORIGIN, independent_root

KEY = LogKey(ORIGIN, bytes(range(32)))
ROOT = hashlib.sha256(b"root").digest()
NOTE = KEY.sign(Head(ORIGIN, 48, ROOT).text)


def test_a_checkpoint_has_the_lines_of_the_standard() -> None:
    public = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()
    identity = hashlib.sha256(ORIGIN.encode() + b"\n\x01" + public.public_bytes_raw()).digest()[:4]
    text = f"{ORIGIN}\n48\n{base64.b64encode(ROOT).decode()}\n"
    body, blank, signature, end = NOTE.removeprefix(text).partition("\n")[0], NOTE[len(text)], NOTE[len(text) + 1 : -1], NOTE[-1]
    assert (body, blank, end) == ("", "\n", "\n")
    dash, name, encoded = signature.split(" ")
    assert (dash, name) == ("\u2014", ORIGIN)
    raw = base64.b64decode(encoded)
    assert raw[:4] == identity
    public.verify(raw[4:], text.encode())
    encoded = base64.b64encode(b"\x01" + public.public_bytes_raw()).decode()
    assert str(KEY.verifier) == f"{ORIGIN}+{identity.hex()}+{encoded}"


def test_the_signature_over_a_known_checkpoint_is_known() -> None:
    signature = "7TEf+WXuDsYkv94b3+gISv+gaiB6qMaGUIo/1xtFOLymzVIXWZL8ihp+j33HLxJ9E9OGFf6BfUNTkUjauhJINTWVpgg="
    assert NOTE.endswith(f"\n\n\u2014 {ORIGIN} {signature}\n")


def test_a_checkpoint_comes_back_as_it_was_signed() -> None:
    assert read_checkpoint(NOTE, KEY.verifier) == Head(ORIGIN, 48, ROOT)


def test_signatures_of_strangers_are_ignored_and_ours_is_still_demanded() -> None:
    stranger = LogKey("witness.example/w1", bytes(32))
    line = stranger.sign("x\n").split("\n")[2]
    assert read_checkpoint(NOTE + line + "\n", KEY.verifier).size == 48
    with pytest.raises(BadNote, match="not signed by"):
        open_note(NOTE, stranger.verifier)


def test_another_key_of_the_same_name_does_not_sign_for_the_log() -> None:
    forged = LogKey(ORIGIN, bytes(32)).sign(Head(ORIGIN, 48, ROOT).text)
    with pytest.raises(BadNote, match="not signed by"):
        read_checkpoint(forged, KEY.verifier)


def test_a_known_key_with_a_wrong_signature_spoils_the_note_even_beside_a_good_one() -> None:
    name = NOTE.split("\n")[-2].rpartition(" ")[0]
    wrong = base64.b64encode(KEY.verifier.id + bytes(64)).decode()
    with pytest.raises(BadNote, match="wrong"):
        open_note(f"{NOTE}{name} {wrong}\n", KEY.verifier)


def test_a_checkpoint_of_another_origin_is_refused() -> None:
    with pytest.raises(BadNote, match="is of the log"):
        read_checkpoint(KEY.sign(Head("portal.example/log2", 48, ROOT).text), KEY.verifier)


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n48\n",
        f"{ORIGIN}\n048\n{base64.b64encode(ROOT).decode()}\n",
        f"{ORIGIN}\n+48\n{base64.b64encode(ROOT).decode()}\n",
        f"{ORIGIN}\n-1\n{base64.b64encode(ROOT).decode()}\n",
        f"{ORIGIN}\n\u0664\u0668\n{base64.b64encode(ROOT).decode()}\n",
        f"{ORIGIN}\n48\n{base64.b64encode(ROOT[:31]).decode()}\n",
        f"{ORIGIN}\n48\n{base64.b64encode(ROOT).decode()} \n",
        f"{ORIGIN}\n48\n{base64.b64encode(ROOT).decode().rstrip('=')}\n",
        f"{ORIGIN}\n48\n{base64.b64encode(ROOT).decode()}\n\nmore\n",
    ],
)
def test_a_malformed_checkpoint_is_refused_even_when_it_is_signed(text: str) -> None:
    with pytest.raises(BadNote):
        read_checkpoint(KEY.sign(text), KEY.verifier)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        NOTE[:-1],
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("\u2014", "-"),
        NOTE.replace("\u2014 ", "\u2014  "),
        NOTE[:-1] + "=\n",
        NOTE + "\n",
        NOTE + "more\n",
        NOTE.replace("48", "64"),
        "x" * (1 << 20) + NOTE,
    ],
)
def test_a_note_that_is_not_exactly_right_is_refused(note: str) -> None:
    with pytest.raises(BadNote):
        read_checkpoint(note, KEY.verifier)


def test_base64_has_one_spelling_only() -> None:
    """The last letter before the filling holds two bits that say nothing; they must be zero."""
    assert NOTE.endswith("g=\n")
    with pytest.raises(BadNote, match="canonical"):
        open_note(NOTE[:-3] + "h=\n", KEY.verifier)
    with pytest.raises(ValueError, match="canonical"):
        decode64("AB==")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(NOTE) - 1), st.characters(codec="utf-8"))
def test_no_other_character_anywhere_leaves_a_note_valid(position: int, character: str) -> None:
    if NOTE[position] == character:
        return
    with pytest.raises(BadNote):
        read_checkpoint(NOTE[:position] + character + NOTE[position + 1 :], KEY.verifier)


def test_a_key_file_is_private_and_comes_back(tmp_path: Path) -> None:
    made = create_log_key(tmp_path / "log.key", ORIGIN)
    assert (tmp_path / "log.key").stat().st_mode & 0o777 == 0o600
    assert load_log_key(tmp_path / "log.key", ORIGIN) == made
    assert VerifierKey.parse(str(made.verifier)) == made.verifier
    assert "_seed" not in repr(made)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    create_log_key(tmp_path / "log.key", ORIGIN)
    with pytest.raises(Misconfigured, match="exists"):
        create_log_key(tmp_path / "log.key", ORIGIN)


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    create_log_key(tmp_path / "log.key", ORIGIN)
    os.chmod(tmp_path / "log.key", 0o640)
    with pytest.raises(Misconfigured, match="chmod 600"):
        load_log_key(tmp_path / "log.key")


def test_a_key_of_another_log_is_refused(tmp_path: Path) -> None:
    create_log_key(tmp_path / "log.key", ORIGIN)
    with pytest.raises(Misconfigured, match=r"log\.origin"):
        load_log_key(tmp_path / "log.key", "portal.example/log2")


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "a\nb", "a\u00a0b"])
def test_an_origin_that_cannot_be_a_key_name_is_refused(tmp_path: Path, origin: str) -> None:
    with pytest.raises(Misconfigured, match=r"log\.origin"):
        create_log_key(tmp_path / "log.key", origin)


@pytest.mark.parametrize("damage", ["", "PRIVATE+KEY+x", "PRIVATE+KEY+portal.example/log1+00000000+AQ==\n", "no key\n"])
def test_a_damaged_key_file_is_refused(tmp_path: Path, damage: str) -> None:
    (tmp_path / "log.key").write_text(damage)
    os.chmod(tmp_path / "log.key", 0o600)
    with pytest.raises(Misconfigured, match="damaged"):
        load_log_key(tmp_path / "log.key")


@pytest.mark.parametrize("text", ["", "a+b", str(KEY.verifier)[:-4] + "AAA=", str(KEY.verifier).replace("log1", "log2")])
def test_a_damaged_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(Misconfigured):
        VerifierKey.parse(text)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(1, 999, 1), "tile/1/999.p/1"),
        (Tile("entries", 1000), "tile/entries/x001/000"),
        (Tile("entries", 273, 112), "tile/entries/273.p/112"),
    ],
)
def test_a_tile_stands_where_the_standard_says(tile: Tile, path: str) -> None:
    assert tile.path == path


def grown(size: int) -> tuple[Edge, dict[str, bytes], list[bytes]]:
    edge, tiles, entries = Edge(), {}, [number.to_bytes(3, "big") for number in range(size)]
    for entry in entries:
        tiles.update({tile.path: content for tile, content in edge.append(entry)})
    tiles.update({tile.path: content for tile, content in edge.partial()})
    return edge, tiles, entries


def test_a_tree_of_seventy_thousand_has_the_tiles_of_the_standards_example() -> None:
    edge, tiles, entries = grown(70_000)
    by_level = {level: [path for path in tiles if path.startswith(f"tile/{level}/")] for level in (0, 1, 2, "entries")}
    assert len(by_level[0]) == len(by_level["entries"]) == 274
    assert "tile/0/273.p/112" in tiles
    assert by_level[1] == ["tile/1/000", "tile/1/001.p/17"]
    assert by_level[2] == ["tile/2/000.p/1"]
    assert all(len(content) == 8192 for path, content in tiles.items() if ".p/" not in path and "entries" not in path)
    assert tiles["tile/1/000"][:32] == independent_root(entries[:256])
    assert tiles["tile/2/000.p/1"] == independent_root(entries[:65536])
    assert edge.root() == independent_root(entries)


@pytest.mark.parametrize("size", [0, 1, 2, 16, 255, 256, 257, 511, 512, 768, 1000])
def test_the_edge_has_the_root_of_the_whole_tree(size: int) -> None:
    edge, tiles, entries = grown(size)
    assert edge.root() == independent_root(entries)
    assert edge.size == size
    if size == 256:
        assert set(tiles) == {"tile/0/000", "tile/entries/000", "tile/1/000.p/1"}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=20))
def test_a_bundle_comes_apart_again(entries: list[bytes]) -> None:
    assert unbundle(bundle(entries)) == entries


@pytest.mark.parametrize("content", [b"\x00", b"\x00\x02a", b"\x00\x01ab"])
def test_a_bundle_that_ends_inside_an_entry_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="ends inside"):
        unbundle(content)


def test_a_full_tile_replaces_its_partial_ones(tmp_path: Path) -> None:
    entries = [bytes([number]) for number in range(256)]
    write_tile(tmp_path, Tile("entries", 0, 16), bundle(entries[:16]))
    write_tile(tmp_path, Tile("entries", 0, 32), bundle(entries[:32]))
    assert published_entries(tmp_path, 0) == entries[:32]
    write_tile(tmp_path, Tile("entries", 0), bundle(entries))
    drop_partials(tmp_path, Tile("entries", 0))
    assert published_entries(tmp_path, 0) == entries
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["000"]


@pytest.mark.parametrize("content", [b"", b"\x00\x01a", b"\x00\x01a" * 255])
def test_a_short_bundle_is_no_bundle(tmp_path: Path, content: bytes) -> None:
    write_tile(tmp_path, Tile("entries", 0), content)
    assert published_entries(tmp_path, 0) is None
    assert published_entries(tmp_path, 1) is None


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_durably(tmp_path / "a", b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        write_durably(tmp_path / "a", b"new")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a", b"old")]
