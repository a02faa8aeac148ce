"""Documents with further versions, and requests placed in them, in one call each, for the tests about them."""

import io
import re
from datetime import timedelta
from uuid import UUID

from reportlab.pdfgen.canvas import Canvas
from werkzeug.test import TestResponse

from portal.cases.record_request import _enter
from portal.confidentiality.asked import Asked
from portal.confidentiality.models import Scope
from portal.confidentiality.render.finder import find_passages
from portal.confidentiality.render.sandbox import Sandbox
from portal.confidentiality.render.text_passages import taken
from portal.confidentiality.rules import RequestWords
from tests.cases.withholding import request_of
from tests.common.beginnings import beginning
from tests.common.house import House, proposal_of

SECRET = "Heron met the informant Kestrel at the northern jetty before dawn"
KEPT = ("The mission met the ministry of justice in the capital", "Border posts were visited by the team in daylight")
#: Points. What a page costs to draw, prove and compare grows with its area.
PAPER = (500, 300)
TOP, ROW = 82, 40


def report(*pages: tuple[str, ...]) -> bytes:
    """A PDF with these lines, page by page."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=PAPER, invariant=1)
    for lines in pages:
        canvas.setFont("Helvetica", 12)
        for row, line in enumerate(lines):
            canvas.drawString(72, PAPER[1] - TOP - ROW * row, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


FIRST = report((KEPT[0],), (SECRET, KEPT[1]))
#: What stood on page 2 stands on page 4.
SECOND = report((KEPT[0],), ("A page that was put in",), ("And another one",), (KEPT[1], SECRET))
NUMBERED = report(
    ("1. The mission visited the capital and two provinces.", "2. It met the ministries concerned."),
    (f"3. {SECRET}.", "4. The border posts were visited by the team."),
)
NUMBERED_LATER = report(
    ("1. The mission visited the capital and two provinces.",),
    ("2. It met the ministries concerned.", "A word of thanks to the hosts of the mission."),
    ("A map of the mission follows in the annex.",),
    (f"3. {SECRET}.", "4. The border posts were visited by the team."),
)
INFORMANT = "Heron a rencontre la source Kestrel sur la jetee nord avant l'aube"
FRENCH = report(
    ("1. La mission a visite la capitale et deux provinces.", "2. Elle a rencontre les ministeres concernes."),
    ("Une carte de la mission est jointe en annexe.",),
    (f"3. {INFORMANT}.", "4. Les postes frontiere ont ete visites."),
)


def line(page: int, row: int) -> str:
    """A box around this line of `report`."""
    top = (TOP + ROW * row - 14) / PAPER[1]
    return f"p{page}:0.0500,{top:.4f},0.9500,{top + 22 / PAPER[1]:.4f}"


def withhold(house: House, document: str, boxes: str, **more: str) -> TestResponse:
    said = {"state": "XSM", "reference": "SM/NV/2026/41", "dated": "2026-11-02", "received": "note verbale"}
    return house.guest("carla").post(f"/documents/{document}/passages", said | {"boxes": boxes, "version": "1"} | more)


def withhold_label(house: House, document: str, content: bytes, *labels: str, version: int = 1) -> str:
    """A request for passages that were taken whole from this version. Returns its id."""
    passages = find_passages(Sandbox(), [content]).passages
    boxes = tuple(sorted({box for label in labels for passage in taken(passages, label) for box in passage.boxes}))
    words = RequestWords("XSM", "NV/2026/41", "2026-11-02", "letter", (), boxes, labels=labels, of_labels=boxes, version=version)
    with house.parts.write() as uow:
        row = uow.documents.lock(UUID(document))
        _enter(uow, row, Asked(words, Scope.PASSAGES, "*", None), by=row.registered_by)
        uow.session.commit()
    return request_of(house)


def place(house: House, document: str, request: str, version: int, login: str = "carla", **said: str) -> TestResponse:
    return house.guest(login).post(f"/documents/{document}/places", {"place": request, "version": str(version), **said})


def begun(house: House, document: str, request: str, version: int, login: str = "carla") -> str:
    """The marking page as whoever is to place this request there first sees it."""
    looked = house.guest(login).get(f"/documents/{document}/passages/1?version={version}&place={request}")
    assert looked.status_code == 200
    return looked.text


def boxes_of(marking: str) -> str:
    """What is marked on a marking page, as its form carries it."""
    return re.search(r'name="boxes" value="([^"]*)"', marking)[1]  # type: ignore[index]


@beginning
def two_versions(house: House) -> tuple[str, str]:
    """A document with a line withheld in its first version, and its second one. Returns (document, request)."""
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    assert withhold(house, document, line(2, 0)).status_code == 302
    assert ada.upload(document, SECOND).status_code == 201
    return document, request_of(house)


def prepare(house: House, document: str, language: str = "") -> TestResponse:
    """What is prepared last is what is proposed: so the clock goes on."""
    house.clock.advance(timedelta(seconds=1))
    return house.guest("ada").post(f"/documents/{document}/renditions", {"recipient": "OCT", "language": language})


def released(house: House, document: str, language: str = "") -> str:
    """Prepared, proposed and approved; returns the share."""
    assert prepare(house, document, language).status_code == 302
    assert house.guest("ada").propose(document).status_code == 302
    assert house.guest("dana").approve(proposal_of(house)).status_code == 302
    return str(UUID(house.sql("select id from share order by approved_at desc, rowid desc")[0][0]))


def read(house: House, share: str, pages: int) -> str:
    """All pages as the recipient reads them."""
    omar = house.guest("omar")
    answers = [omar.get(f"/received/{share}/pages/{number}") for number in range(1, pages + 1)]
    assert [answer.status_code for answer in answers] == [200] * pages
    return "\n".join(answer.text for answer in answers)
