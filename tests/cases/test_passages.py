"""One paragraph withheld by a box, through the whole portal: asked, built, proved, shared, read."""

import io
import re
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from portal.cases import facts
from portal.cases.uow import UnitOfWork
from portal.confidentiality.boxes import Box, Withheld, boxes_text
from portal.confidentiality.models import Scope
from portal.confidentiality.render.look import look
from portal.confidentiality.render.notice import NOTICE
from portal.confidentiality.render.sandbox import Sandbox
from portal.documents.models import Document
from portal.gateway.passage import Errand, Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from tests.cases.subjects import subject_of
from tests.common.beginnings import beginning
from tests.common.house import DIRECTORATE, House, open_house, proposal_of
from tests.common.s3server import S3Server
from tests.common.slips import SAMORIA


@pytest.fixture
def house(template: Path, tmp_path: Path, house_s3: S3Server | None) -> Iterator[House]:
    opened = open_house(template, tmp_path / "portal", DIRECTORATE, house_s3)
    yield opened
    opened.close()


def line_with(words: str, page: int) -> Box:
    """Where the line with these words lies."""
    seen = look(Sandbox(seconds=30), [SAMORIA], page=page)
    return next(place for line, place in zip(seen.text, seen.places, strict=True) if words in line)


def boxed(words: str, page: int) -> str:
    """A box in the middle of the line with these words."""
    line = line_with(words, page)
    top, bottom = (line.y0 + share * (line.y1 - line.y0) for share in (0.4, 0.7))
    return f"p{page}:{line.x0 + 0.05:.4f},{top:.4f},{line.x0 + 0.1:.4f},{bottom:.4f}"


def passages(house: House, document: str, boxes: str, pages: str = ""):  # type: ignore[no-untyped-def]
    return house.guest(house.cast.confidentiality).withhold(document, pages, scope="passages", boxes=boxes)


@beginning
def share_without(house: House, boxes: str, pages: str = "") -> tuple[str, str]:
    ada = house.guest(house.cast.uploader)
    document = ada.deposit()
    assert passages(house, document, boxes, pages).status_code == 302
    assert ada.prepare(document).status_code == 302
    assert ada.propose(document).status_code == 302
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302
    return document, str(UUID(house.sql("select id from share")[0][0]))


def test_a_paragraph_withheld_by_a_box_does_not_cross(house: House) -> None:
    _, share = share_without(house, boxed("passenger lists", 2))
    omar = house.guest(house.cast.reader)
    shown = omar.get(f"/received/{share}/pages/2")
    assert "passenger" not in shown.text
    assert "hand; a system" not in shown.text
    assert NOTICE in shown.text
    assert "names one lead ministry" in shown.text
    assert "training for the staff" in shown.text
    (picture,) = re.findall(r'class="p-sheet"><img src="data:image/[a-z]+;base64,([A-Za-z0-9+/=]+)', shown.text)
    grey = np.asarray(Image.open(io.BytesIO(b64decode(picture))).convert("L")).astype(int)
    original = np.asarray(Image.open(io.BytesIO(look(Sandbox(seconds=30), [SAMORIA], page=2).image)).convert("L")).astype(int)
    line = line_with("passenger lists", 2)
    band = slice(int(line.y0 * grey.shape[0]), int(line.y1 * grey.shape[0]))
    assert (original[band] < 100).sum() > 500
    assert (grey[band, : grey.shape[1] // 3] < 150).sum() == 0
    assert "ministries of justice" in omar.get(f"/received/{share}/pages/1").text


def test_pages_and_boxes_are_withheld_together_and_officers_are_told(house: House) -> None:
    document, share = share_without(house, boxed("passenger lists", 2), pages="3")
    omar, ada = house.guest(house.cast.reader), house.guest(house.cast.uploader)
    assert NOTICE in omar.get(f"/received/{share}/pages/3").text
    said = re.sub(
        "base64,[A-Za-z0-9+/=]+", "", omar.get(f"/received/{share}/pages/3").text
    )  # five letters may stand in a picture by chance
    assert "HERON" not in said
    told = ada.get(f"/documents/{document}").text
    assert "Page 3, and a passage on page 2" in told
    assert "Left out: page 3, and a passage on page 2" in told
    assert "page 3, and a passage" not in omar.get(f"/received/{share}/pages/1").text


def test_where_a_box_lies_stands_nowhere_in_clear(house: House) -> None:
    box = boxed("passenger lists", 2)
    document, _ = share_without(house, box)
    details = " ".join(str(row) for row in house.sql("select * from audit_event"))
    assert box.split(":")[1].split(",")[1] not in details
    assert "p2:" not in details
    rest = b" ".join(house.everything_at_rest().values())
    assert box.encode() not in rest
    assert b"p2:0." not in rest
    assert house.sql("select scope from request") == [(Scope.PASSAGES.value,)]
    assert document


def test_two_requests_add_up(house: House) -> None:
    ada = house.guest(house.cast.uploader)
    document = ada.deposit()
    assert passages(house, document, boxed("passenger lists", 2)).status_code == 302
    assert passages(house, document, boxed("training for the staff", 2)).status_code == 302
    assert ada.prepare(document).status_code == 302
    assert "Left out: 2 passages on page 2" in ada.get(f"/documents/{document}").text
    rendition = str(UUID(house.sql("select id from rendition")[0][0]))
    page = ada.get(f"/documents/{document}/renditions/{rendition}/pages/2").text
    assert "passenger" not in page
    assert "training" not in page
    assert "names one lead ministry" in page


@pytest.mark.parametrize(
    ("scope", "pages", "boxes", "told"),
    [
        ("passages", "", "", "Draw a box"),
        ("passages", "", "p9:0.1,0.1,0.2,0.2", "pages 1 to 4"),
        ("passages", "", "p1:nan,0.1,0.2,0.2", "fractions"),
        ("passages", "9", "p1:0.1,0.1,0.2,0.2", "pages 1 to 4"),
        ("pages", "2", "p1:0.1,0.1,0.2,0.2", "Choose passages"),
        ("passage", "2", "", "the whole document, pages, or passages"),
    ],
)
def test_a_request_without_a_passage_or_with_a_wrong_one_changes_nothing(
    house: House, scope: str, pages: str, boxes: str, told: str
) -> None:
    document = house.guest(house.cast.uploader).deposit()
    answer = house.guest(house.cast.confidentiality).withhold(document, pages, scope=scope, boxes=boxes)
    assert answer.status_code == 422
    if scope != "passages":  # the page of the form shows no fault of boxes before it can draw them
        assert told in answer.text or scope == "pages"
    assert house.sql("select count(*) from request") == [(0,)]


def test_pages_alone_may_be_passages_and_old_forms_still_work(house: House) -> None:
    document, share = share_without(house, "", pages="2")
    assert NOTICE in house.guest(house.cast.reader).get(f"/received/{share}/pages/2").text
    assert document


def test_what_a_rendition_left_out_is_kept_with_the_places_as_painted(house: House) -> None:
    document, _ = share_without(house, boxed("passenger lists", 2))
    guard = Guard(action=Action.DOCUMENT_READ, event=Event.DOCUMENT_READ, locate=facts.document)
    asked = Errand(guard=guard, subject=subject_of(house, "ada"), where={"document_id": UUID(document)})

    def left_out(uow: UnitOfWork, permit: Permit, row: Document) -> str:
        rendition = uow.renditions.latest(row.id)
        assert rendition is not None
        return uow.words(permit, "rendition", "withheld", rendition.id, rendition.withheld)

    stored = Withheld.from_text(house.passage.read(asked, left_out))
    (drawn,), (grown,) = stored.boxes, stored.grown
    assert grown.covers(drawn)
    assert (grown.x0, grown.x1) == (0.0, 1.0)
    assert boxes_text(stored.boxes) == boxed("passenger lists", 2)
