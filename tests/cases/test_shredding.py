"""Shredding: two persons destroy a document's keys; the entry stays, and nobody reads anything of it again."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from portal.kernel.sealing import Place
from tests.cases.keeping import confirm, hold, on_sqlite, propose, waiting
from tests.common.house import DIRECTORATE, OFFICE, House, open_house, proposal_of, shared
from tests.common.s3server import S3Server
from tests.common.slips import SAMORIA
from tools.tour.sample import SAMORIA_TITLE


@pytest.fixture(params=[DIRECTORATE, OFFICE], ids=["the Directorate", "the Office"])
def both(template: Path, tmp_path: Path, house_s3: S3Server | None, request: pytest.FixtureRequest) -> Iterator[House]:
    opened = open_house(template, tmp_path / "portal", request.param, house_s3)
    yield opened
    opened.close()


def shredded(house: House, **terms: str) -> tuple[str, str]:
    """A document that was shared, and then shredded. Returns (document, share)."""
    document, share = shared(house, **terms)
    assert propose(house, document).status_code == 302
    assert confirm(house, document).status_code == 302
    return document, share


# ---- what it does
def test_after_shredding_no_wrap_no_header_and_no_byte_of_it_is_left(both: House) -> None:
    document, _ = shared(both, use="download")
    opened = [bytes(row[0]) for row in both.sql("select wrapped from key_wrap")]
    opened += [bytes(row[0]) for row in both.sql("select header from sealed_object")]
    assert len(opened) == 10  # an original, its passages, two of the rendition: four own wraps, two of the recipient, four headers
    assert all(any(piece in content for content in both.everything_at_rest().values()) for piece in opened) or not on_sqlite(both)
    assert propose(both, document).status_code == 302
    assert confirm(both, document).status_code == 302
    assert both.sql("select count(*) from key_wrap") == [(0,)]
    assert both.sql("select count(*) from sealed_object where header is null and shredded_at is not null") == [(4,)]
    assert both.objects() == set()
    for name, content in both.everything_at_rest().items():  # not in the write-ahead log either
        assert not [piece for piece in opened if piece in content], name


def test_the_register_keeps_the_entry_and_says_who_shredded_it_and_nothing_of_the_file(house: House) -> None:
    document, _ = shredded(house)
    for login in ("ada", "elena", "dana"):
        page = house.guest(login).get(f"/documents/{document}").text
        assert "This document was shredded on" in page
        assert "Carla" in page
        assert "Dana" in page
        assert SAMORIA_TITLE in page
        assert "report.pdf" not in page
        assert "Retention is over" in page
    assert "Shredded" in house.guest("ada").get("/documents").text
    with house.parts.read() as uow:
        version = uow.documents.version(UUID(document))
        assert version is not None
        assert "report.pdf" not in _words(house, "version", "file_name", version.id, version.file_name)


def _words(house: House, table: str, column: str, row: UUID, value: object) -> str:
    return house.parts.holder._open_field(house.cast.body, Place(table, column, row), value)  # type: ignore[arg-type]


def test_every_door_to_content_tells_the_originator_that_it_was_shredded_and_nobody_else_anything(house: House) -> None:
    document, _ = shared(house)
    rendition = str(UUID(house.sql("select id from rendition")[0][0]))
    ada, carla = house.guest("ada"), house.guest("carla")
    preview, marks = f"/documents/{document}/renditions/{rendition}/pages/1", f"/documents/{document}/passages/1"
    assert ada.get(preview).status_code == carla.get(marks).status_code == 200
    propose(house, document)
    confirm(house, document)
    for reply in (
        ada.get(preview),
        carla.get(marks),
        ada.prepare(document),
        ada.propose(document),
        carla.withhold(document, "2"),
        hold(house, document),
        propose(house, document),
    ):
        assert reply.status_code == 403
        assert "This document was shredded on" in reply.text
        assert "by Carla" in reply.text
    sent = ada.upload(document, SAMORIA)
    assert sent.status_code == 403
    assert "was shredded" in sent.text
    assert house.objects() == set()
    for login in ("omar", "rana", "pedro"):
        there, absent = house.guest(login).get(preview), house.guest(login).get(preview.replace(document, str(uuid4())))
        assert (there.status_code, there.data) == (absent.status_code, absent.data)
        assert there.status_code == 404


def test_a_refusal_of_something_shredded_is_one_refusal_and_one_reading_of_the_entry(house: House) -> None:
    document, _ = shredded(house)
    before = len(house.events())
    house.guest("ada").prepare(document)
    assert house.events()[before:] == [("rendition.built", "refused", "denied"), ("document.read", "done", "")]


def test_the_other_body_sees_of_a_shredding_what_it_sees_of_a_recall(both: House) -> None:
    document, share = shared(both)
    other = both.cast.reader
    second = both.guest(both.cast.uploader).deposit(f"{both.cast.body}/2026/XSM/4")
    both.guest(both.cast.uploader).prepare(second)
    both.guest(both.cast.uploader).propose(second)
    both.guest(both.cast.releasing).approve(proposal_of(both))
    (recalled,) = {str(UUID(row[0])) for row in both.sql("select id from share")} - {share}
    both.guest(both.cast.releasing).recall(second, proposal_of(both))
    propose(both, document)
    confirm(both, document)
    stubs = []
    for gone, symbol in ((share, both.cast.symbol), (recalled, f"{both.cast.body}/2026/XSM/4")):
        assert both.guest(other).get(f"/received/{gone}/pages/1").status_code == 403
        stub = both.guest(other).get(f"/received/{gone}")
        assert "No longer available" in stub.text
        stubs.append(_masked(stub.text, gone, symbol))
    assert stubs[0] == stubs[1]
    log = both.guest(both.cast.other_auditor).log()
    assert "Share closed" in log
    for word in ("shred", "Shred", "hold", "keeping"):
        assert word not in log.replace("document.hold_placed", "").split("<table")[1].split("</table>")[0], word
    told = both.sql("select bodies, action, actor_roles, detail from audit_event where event = 'share.closed' order by at, rowid")
    assert [row[1:] for row in told] == [told[0][1:]] * 2
    assert "Document shredded" in both.guest(both.cast.auditor).log()
    own = both.sql("select distinct bodies from audit_event where event like 'document.shred%'")
    assert own == [(f",{both.cast.body},",)]


def _masked(text: str, share: str, symbol: str) -> str:
    return re.sub(r"\d\d:\d\d UTC|[0-9a-f]{64}", "", text.replace(share, "").replace(symbol, ""))


# ---- who
def test_it_takes_two_persons_and_the_second_one_releases(house: House) -> None:
    document, share = shared(house)
    assert propose(house, document, "ada").status_code == 403
    assert propose(house, document, "elena").status_code == 403
    assert propose(house, document, "omar").status_code == 404
    assert propose(house, document, "dana").status_code == 302  # a releasing officer may be the first
    for login, status in (("dana", 403), ("carla", 403), ("ada", 403), ("farid", 404), ("omar", 404), ("quentin", 404)):
        assert confirm(house, document, login).status_code == status, login
    assert house.guest("omar").get(f"/received/{share}/pages/1").status_code == 200
    assert confirm(house, document, "dmitri").status_code == 302
    assert confirm(house, document, "uma").status_code == 403
    assert house.sql("select count(*) from keeping where act = 'shredded'") == [(1,)]


def test_the_second_person_types_the_symbol(house: House) -> None:
    document, _ = shared(house)
    propose(house, document)
    for typed in ("", "cted/2026/xsm/3", house.cast.symbol[:-1]):
        refused = confirm(house, document, symbol=typed)
        assert refused.status_code == 422
        assert "Type the symbol exactly" in refused.text
    assert house.sql("select count(*) from key_wrap") == [(5,)]
    assert confirm(house, document, symbol=f" {house.cast.symbol} ").status_code == 302


def test_both_persons_see_what_is_destroyed_and_what_backups_keep(house: House) -> None:
    document, _ = shared(house)
    before = house.guest("carla").get(f"/documents/{document}").text
    propose(house, document)
    for page in (before, house.guest("dana").get(f"/documents/{document}").text):
        for words in (
            "report.pdf",
            "What was prepared for the Office",
            "The share with the Office",
            "Backups made before today still hold",
        ):
            assert words in page, words


def test_a_proposal_can_be_withdrawn_and_made_anew_but_not_twice_at_once(house: House) -> None:
    document, _ = shared(house)
    assert propose(house, document).status_code == 302
    assert propose(house, document, "dana").status_code == 409
    path = f"/documents/{document}/shredding/{waiting(house)}"
    assert house.guest("ada").post(f"{path}/withdraw").status_code == 403
    assert house.guest("carla").post(f"{path}/withdraw").status_code == 302
    assert confirm(house, document).status_code == 403
    assert house.guest("carla").post(f"{path}/withdraw").status_code == 403
    assert propose(house, document).status_code == 302
    assert confirm(house, document).status_code == 302


def test_a_waiting_confirmation_stands_on_the_home_page_of_those_who_may_give_it(house: House) -> None:
    document, _ = shared(house)
    propose(house, document, "dana")
    assert "to be shredded, proposed by Dana" in house.guest("dmitri").get("/").text
    for login in ("dana", "carla", "ada", "omar"):
        assert "to be shredded" not in house.guest(login).get("/").text
    hold(house, document)
    assert "to be shredded" not in house.guest("dmitri").get("/").text


def test_what_was_added_after_the_proposal_is_not_destroyed_unseen(house: House) -> None:
    document, _ = shared(house)
    propose(house, document)
    house.guest("ada").prepare(document)
    refused = confirm(house, document)
    assert refused.status_code == 409
    assert "Something was added" in refused.text
    assert house.sql("select count(*) from keeping where act = 'shredded'") == [(0,)]
    assert len(house.objects()) == 12


def test_reasons_are_sealed_and_asked_for(house: House) -> None:
    document, _ = shared(house)
    for act in (propose, hold):
        refused = act(house, document, reason="")
        assert refused.status_code == 422
        assert "Say why" in refused.text
    propose(house, document, reason="Marker-of-a-reason")
    hold(house, document, reason="Marker-of-a-hold")
    for content in house.everything_at_rest().values():
        assert b"Marker-of-a" not in content


def test_a_document_without_a_file_has_nothing_to_shred(house: House) -> None:
    document = house.guest("ada").register()
    assert propose(house, document).status_code == 403
    assert hold(house, document).status_code == 302


def test_an_act_of_another_document_is_as_absent_as_none(house: House) -> None:
    document, _ = shared(house)
    other = house.guest("ada").deposit("CTED/2026/XSM/9")
    propose(house, document)
    hold(house, document)
    dana = house.guest("dana")
    found = str(UUID(house.sql("select id from keeping where act = 'held'")[0][0]))
    for path in (f"/documents/{other}/shredding/{waiting(house)}/confirm", f"/documents/{other}/holds/{found}/lift"):
        assert dana.post(path, {"symbol": "CTED/2026/XSM/9"}).status_code == 404
    for path in (f"/documents/{document}/shredding/{found}/confirm", f"/documents/{document}/holds/{waiting(house)}/lift"):
        assert dana.post(path, {"symbol": house.cast.symbol}).status_code == 404
