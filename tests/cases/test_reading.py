"""What stands on a page that is read, what its file is called, and which pages are there at all."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

import portal.cases.read_pages as reading
from portal.cases import facts
from portal.cases.deposit_version import Incoming, clean_name, receive_file
from portal.gateway.passage import Carry, Errand, Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from tests.cases.subjects import subject_of
from tests.common.house import House, shared
from tests.common.slips import SAMORIA


def test_a_page_carries_who_reads_it_when_and_from_which_share(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    _, share = shared(house, withheld="")
    lines: list[str] = []
    real = reading.stamp

    def stamp(image: bytes, words: Any) -> bytes:
        lines.extend(words)
        stamped = real(image, words)
        assert stamped != image
        return stamped

    monkeypatch.setattr(reading, "stamp", stamp)
    omar = subject_of(house, "omar")
    first = house.guest("omar").get(f"/received/{share}/pages/1")
    mark = "\n".join(lines)
    for word in (omar.name, str(omar.id)[:8], "OCT", house.clock.now().strftime("%Y-%m-%d %H:%M UTC"), "CTED/2026/XSM/3", share[:8]):
        assert word in mark
    house.clock.advance(timedelta(minutes=5))
    assert house.guest("omar").get(f"/received/{share}/pages/1").data != first.data


def test_the_recipients_file_name_says_nothing_that_the_uploaded_one_said(house: House) -> None:
    _, share = shared(house, withheld="")
    guard = Guard(action=Action.SHARE_KNOW, event=Event.SHARE_FOUND, locate=facts.share)
    asked = Errand(guard=guard, subject=subject_of(house, "omar"), where={"share_id": UUID(share)})
    name = house.passage.read(asked, lambda uow, permit, row: uow.words(permit, "share", "file_name", row.id, row.file_name))
    assert name == "CTED-2026-XSM-3.pdf"


def test_a_rendition_is_found_under_its_own_document_only(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit()
    ada.prepare(document)
    other = ada.register("CTED/2026/XSM/4", "Another report")
    rendition = str(UUID(house.sql("select id from rendition")[0][0]))
    astray, never = (ada.get(f"/documents/{other}/renditions/{name}/pages/1") for name in (rendition, uuid4()))
    assert (astray.status_code, never.status_code) == (404, 404)
    assert ada.get(f"/documents/{document}/renditions/{rendition}/pages/1").status_code == 200
    with house.parts.read() as uow:
        assert uow.renditions.latest(UUID(document), "OCT") is not None
        assert uow.renditions.latest(UUID(document), "ELSE") is None


def test_an_upload_that_the_server_breaks_off_leaves_nothing(house: House) -> None:
    """A server that stops raises no `Exception`."""
    document = house.guest("ada").register()
    before = house.objects()

    def gather(uow: Any, permit: Any, target: Any) -> Any:
        return permit, target, Incoming([SAMORIA], len(SAMORIA), "report.pdf")

    def act(*_: Any) -> None:
        raise SystemExit

    guard = Guard(action=Action.VERSION_DEPOSIT, event=Event.VERSION_DEPOSITED, locate=facts.document, carry=Carry(gather, receive_file))
    with pytest.raises(SystemExit):
        house.passage.stream(Errand(guard=guard, subject=subject_of(house, "ada"), where={"document_id": UUID(document)}), act)
    assert house.objects() == before


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Users\\Ada\\report.pdf", "report.pdf"),
        ("/srv/files/report.pdf", "report.pdf"),
        ("re\u202eport\x00.pdf\n", "report.pdf"),
        ("x" * 300, "x" * 200),
        ("", "document.pdf"),
        ("\x07", "document.pdf"),
    ],
)
def test_of_an_uploaded_files_name_only_its_last_readable_part_is_kept(given: str, kept: str) -> None:
    assert clean_name(given) == kept
