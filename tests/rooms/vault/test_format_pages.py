"""The vectors of docs/formats: the code gives these bytes and the pages show them. If one goes red, a format changed; it must not."""

import json
import textwrap
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from portal.vault.age import open_header, write_header
from portal.vault.filekey import FileKey
from portal.vault.label import ObjectLabel
from portal.vault.recipients import parse_identity
from portal.vault.stream import TAG, Opening
from tests.rooms.vault.test_stream import root_of_chunks

FORMATS = Path(__file__).parents[3] / "docs" / "formats"
OBJECT: dict[str, Any] = json.loads((FORMATS / "sealed-object.vectors.json").read_text(encoding="utf-8"))
WRAPS: list[dict[str, Any]] = json.loads((FORMATS / "wrap.vectors.json").read_text(encoding="utf-8"))


def page(name: str) -> str:
    return (FORMATS / name).read_text(encoding="utf-8")


def label(vector: dict[str, Any]) -> ObjectLabel:
    def maybe(name: str) -> UUID | None:
        return UUID(vector[name]) if vector[name] is not None else None

    return ObjectLabel(
        object_id=UUID(vector["object"]),
        document_id=UUID(vector["document"]),
        version=vector["version"],
        rendition_id=maybe("rendition"),
        share_id=maybe("share"),
        terms=bytes.fromhex(vector["terms"]) if vector["terms"] is not None else None,
        level=vector["level"],
        caveats=frozenset(vector["caveats"]),
        body=vector["body"],
        payload_nonce=bytes.fromhex(vector["payload_nonce"]),
        payload_size=vector["payload_size"],
        kc=bytes.fromhex(vector["kc"]),
        ph=bytes.fromhex(vector["ph"]),
    )


def by_the_page(vector: dict[str, Any]) -> bytes:
    """The sixteen fields of docs/formats/wrap.md, without a line of the portal's code."""

    def field(raw: bytes | None) -> bytes:
        return b"\xff" * 4 if raw is None else len(raw).to_bytes(4, "big") + raw

    def identifier(text: str | None) -> bytes | None:
        return None if text is None else bytes.fromhex(text.replace("-", ""))

    def number(value: int) -> bytes:
        return value.to_bytes(8, "big")

    texts = sorted(text.encode() for text in vector["caveats"])
    return b"portal/wrap/v1\0" + b"".join(
        field(raw)
        for raw in (
            identifier(vector["object"]),
            identifier(vector["document"]),
            number(vector["version"]),
            identifier(vector["rendition"]),
            identifier(vector["share"]),
            identifier(vector["terms"]),
            number(vector["level"]),
            len(texts).to_bytes(4, "big") + b"".join(field(text) for text in texts),
            vector["body"].encode(),
            vector["algorithm"].encode(),
            vector["key"].encode(),
            number(vector["floor"]),
            bytes.fromhex(vector["payload_nonce"]),
            number(vector["payload_size"]),
            bytes.fromhex(vector["kc"]),
            bytes.fromhex(vector["ph"]),
        )
    )


@pytest.mark.parametrize("vector", WRAPS, ids=lambda vector: vector["about"])
def test_the_additional_data_of_a_wrap_are_those_of_the_page(vector: dict[str, Any]) -> None:
    assert label(vector).encode(vector["algorithm"], vector["key"], vector["floor"]).hex() == vector["aad"]
    assert by_the_page(vector).hex() == vector["aad"]


def test_the_vectors_of_wraps_have_every_case() -> None:
    assert len({vector["aad"] for vector in WRAPS}) == len(WRAPS)
    for name in ("rendition", "share", "terms"):
        assert {vector[name] is None for vector in WRAPS} == {True, False}
    assert {len(vector["caveats"]) for vector in WRAPS} >= {0, 1, 3}
    assert {vector["floor"] for vector in WRAPS} >= {0, 1, 9, (1 << 64) - 1}


def test_the_example_on_the_wrap_page_is_the_first_vector() -> None:
    start = page("wrap.md").index("    706f7274616c")
    block = page("wrap.md")[start:].split("\n\n")[0]
    assert "".join(block.split()) == WRAPS[0]["aad"]


@pytest.mark.parametrize("vector", OBJECT["headers"], ids=lambda vector: vector["kind"])
def test_a_header_of_each_kind_gives_the_key_of_the_page(vector: dict[str, str]) -> None:
    key = FileKey(bytes.fromhex(OBJECT["file_key"]))
    assert open_header(vector["header"].encode(), vector["identity"]) == key
    assert parse_identity(vector["identity"]).recipient() == vector["recipient"]
    again = write_header(key, vector["recipient"])
    assert len(again) == len(vector["header"])
    assert f" {len(again)} |" in page("sealed-object.md")


def test_the_payload_of_the_page_opens_and_has_its_commitment_and_root() -> None:
    key, payload = FileKey(bytes.fromhex(OBJECT["file_key"])), bytes.fromhex(OBJECT["payload"])
    opening = Opening(key, bytes.fromhex(OBJECT["nonce"]), len(payload), lambda offset, length: payload[offset : offset + length])
    assert opening.read().decode() == OBJECT["plaintext"]
    assert len(payload) == 16 + len(OBJECT["plaintext"]) + TAG
    assert key.commitment(payload[:16]).hex() == OBJECT["kc"]
    assert root_of_chunks([payload[16:]]).hex() == OBJECT["ph"]


def test_the_page_shows_the_vector() -> None:
    text = page("sealed-object.md")
    assert textwrap.indent(OBJECT["headers"][0]["header"], "    ") in text
    shown = "".join(text.split())
    for name in ("payload", "kc", "ph"):
        assert OBJECT[name] in shown
    assert OBJECT["headers"][0]["identity"] in text
