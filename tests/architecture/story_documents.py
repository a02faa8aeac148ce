"""A document's life between two bodies and a third one, in which every door about documents and shares is gone through."""

from datetime import timedelta
from uuid import UUID

from werkzeug.test import TestResponse

from tests.cases import consulting, ends, keeping, remarks, transfers, versions, withholding
from tests.cases.test_visit_requests import another
from tests.common import entity, tus
from tests.common.house import PORTAL, House, proposal_of
from tests.common.slips import SAMORIA


def well(*answers: TestResponse) -> None:
    """All of them were let in. What their events are is the walk's to judge."""
    for answer in answers:
        assert answer.status_code < 400, (answer.request.method, answer.request.path, answer.status_code, answer.text[-600:])


def last(house: House, table: str, at: str, document: str = "") -> str:
    """The newest row; of this document, if one is given."""
    rows = house.sql(f"select id, {'document_id' if document else 'id'} from {table} order by {at} desc")
    return next(str(UUID(row)) for row, of in rows if not document or UUID(of) == UUID(document))


def uploads(house: House) -> str:
    """Sent in pieces: one upload that is broken off, and one that becomes the document's file. Returns the document."""
    ada = house.guest("ada")
    well(ada.get("/documents/new"))
    document = ada.register("CTED/2026/XSM/7")
    well(ada.client.options(f"/documents/{document}/uploads", base_url=PORTAL))
    well(tus.begin(ada, document, len(SAMORIA)).terminate())
    sending = tus.begin(ada, document, len(SAMORIA))
    sending.send(SAMORIA)
    well(sending.head(), sending.deposit())
    tus.begin(ada, document, len(SAMORIA))  # on its way when the next version comes
    well(ada.upload(document, SAMORIA))
    return document


def looking(house: House, document: str) -> None:
    ada, carla = house.guest("ada"), house.guest("carla")
    well(*(ada.get(path) for path in ("/", "/documents", "/documents/suggest?q=CTED", "/documents/export", f"/documents/{document}")))
    well(ada.get(f"/documents/{document}/file"), carla.get(f"/documents/{document}/who"))


def asked_to_keep(house: House, document: str) -> None:
    """What a State said of it, when it was shared already: recorded, confirmed, attested, answered, and lifted."""
    carla = house.guest("carla")
    versions.released(house, document)
    well(carla.withhold(document, "3", version="2"))
    well(withholding.confirm(house, document, "dana"))
    request = withholding.request_of(house)
    house.worker.sequence()
    well(carla.get(f"/documents/{document}/requests/{request}/attestation"))
    well(withholding.propose(house, document), withholding.withdraw(house, document, "carla"))
    well(withholding.propose(house, document), withholding.agree(house, document))
    another(house, document, "CTED/2026/XSM/8")
    well(carla.withhold(document, scope="visit", version="2"))
    whole = last(house, "request", "recorded_at", document)
    another(house, document, "CTED/2026/XSM/9")  # it is asked of whatever comes later as well
    withholding.lifted(house, document, request=whole)
    well(consulting.consult(house, document))
    well(consulting.answer(house, document))
    well(consulting.attach(house, document, consulting.consultation_of(house)))
    well(carla.get(f"/documents/{document}/evidence/{consulting.evidence_of(house)}"))


def in_versions(house: House) -> tuple[str, str]:
    """A line is withheld in two versions, and what is left is shared as a file. Returns (document, share)."""
    document, request = versions.two_versions(house)
    carla, ada, dana = house.guest("carla"), house.guest("ada"), house.guest("dana")
    well(carla.get(f"/documents/{document}/passages/1"), carla.post(f"/documents/{document}/passages/1", {"press": "page"}))
    well(versions.place(house, document, request, 2, boxes=versions.line(4, 1)))
    well(carla.get(f"/documents/{document}/versions/compare?first=1&second=2"))
    well(versions.prepare(house, document), ada.get(f"/documents/{document}/renditions/progress"))
    well(ada.propose(document, use="file"), dana.post(f"/approvals/{proposal_of(house)}/decline"))
    well(carla.withhold(document, "1", version="2"), versions.prepare(house, document))
    now, before = (str(UUID(row)) for (row,) in house.sql("select id from rendition order by built_at desc")[:2])
    well(carla.get(f"/documents/{document}/renditions/{now}/compare?before={before}"))
    well(dana.get(f"/documents/{document}/renditions/{now}/pages/2"))
    well(dana.post(f"/documents/{document}/renditions/{now}/pages/2", {"term": "border"}))
    well(ada.propose(document, use="file"), dana.get("/approvals"), dana.approve(proposal_of(house)))
    return document, last(house, "share", "approved_at")


def received(house: House, document: str, share: str) -> None:
    """The other body reads, takes, asks, and is answered."""
    omar, carla = house.guest("omar"), house.guest("carla")
    well(omar.get("/received"), omar.get("/received/export"), omar.get(f"/received/{share}"))
    well(*(omar.get(f"/received/{share}/pages/{page}") for page in (2, 2)))
    well(*(omar.post(f"/received/{share}/pages/{page}", {"term": "border"}) for page in (2, 3)))
    well(omar.post(f"/received/{share}/copies"), omar.get(f"/received/{share}/file"), omar.post(f"/received/{share}/acknowledgement"))
    well(remarks.say(house, share), remarks.said(house, share), remarks.read(house, document), remarks.answer(house, document))
    well(*(carla.get(f"/documents/{document}/{page}") for page in ("seen", "seen.csv", "seen.pdf")))


def handed_over(house: House, document: str, share: str) -> None:
    """By other means: a copy on paper that arrives, one of which something else arrives, and one that was never handed over."""
    well(transfers.prepare(house, document, share))
    number = transfers.number_of(house)
    well(transfers.record(house, document, share), transfers.received(house, share), transfers.receive(house, share))
    well(transfers.record(house, document, share, went="file", number=number, copies="1"))
    well(transfers.receive(house, share, digest="0" * 64))
    well(transfers.record(house, document, share), transfers.strike(house, document))


def passed_on(house: House, document: str, share: str) -> None:
    """Asked for twice: declined, and agreed to."""
    well(house.guest("omar").get(f"/received/{share}/onward"))
    well(entity.ask(house, share), entity.decline(house, document))
    house.clock.advance(timedelta(seconds=1))
    entity.passed_on(house, document, share)


def taken_back(house: House, document: str, share: str) -> None:
    transfer = str(UUID(house.sql("select id from transfer order by recorded_at")[0][0]))
    well(house.guest("dana").recall(document, str(UUID(house.sql("select proposal_id from share where id = ?", UUID(share).hex)[0][0]))))
    well(house.guest("omar").post(f"/received/{share}/confirmation"))
    well(transfers.give_back(house, share, transfer=transfer))


def kept(house: House, document: str) -> None:
    """Dates, a review, a lower level, the archive, a hold, and its end."""
    well(ends.schedule(house, document, day=ends.in_days(house, 30)))
    well(ends.review(house, document), ends.review(house, document, "0"), ends.withdraw(house, document))
    well(ends.propose(house, document), ends.agree(house, document))
    well(ends.archive(house, document), ends.unarchive(house, document))
    well(keeping.hold(house, document), keeping.lift(house, document, "dana"))
    well(keeping.propose(house, document), house.guest("carla").post(f"/documents/{document}/shredding/{keeping.waiting(house)}/withdraw"))
    well(keeping.propose(house, document), keeping.confirm(house, document, symbol="CTED/2026/XSM/7"))


def tell(house: House) -> None:
    """The whole story."""
    sent = uploads(house)
    looking(house, sent)
    asked_to_keep(house, sent)
    document, share = in_versions(house)
    received(house, document, share)
    handed_over(house, document, share)
    passed_on(house, document, share)
    taken_back(house, document, share)
    kept(house, sent)
