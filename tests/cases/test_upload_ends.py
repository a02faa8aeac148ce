"""An upload in pieces ends: deposited once, discarded or over. Nothing of it stays, and until then it is its owner's alone."""

from datetime import timedelta
from uuid import UUID

from portal.documents.upload_models import upload_bytes
from tests.cases.test_races import at_once
from tests.cases.uploading import ADA, UMA, rows
from tests.common.house import PORTAL, House
from tests.common.slips import SAMORIA
from tests.common.tus import Sending, begin, create, headers


def test_somebody_elses_upload_is_absent_exactly_like_none(house: House) -> None:
    ada, uma = house.guest(ADA), house.guest(UMA)
    document = ada.register()
    sending = begin(ada, document, 5000)
    hers = Sending(uma, sending.url)
    none = Sending(uma, f"/documents/{document}/uploads/{UUID(int=7)}")
    other = Sending(ada, f"/documents/{ada.register('CTED/2026/9')}/uploads/{sending.url.rsplit('/', 1)[1]}")
    for act in ("head", "terminate", "deposit"):
        one, two, three = (getattr(each, act)() for each in (hers, none, other))
        assert one.status_code == two.status_code == three.status_code == 404
        assert one.data == two.data == three.data
        assert list(one.headers) == list(two.headers)
    assert [each.patch(0, b"x").status_code for each in (hers, none, other)] == [404, 404, 404]
    for login in ("omar", "pedro"):
        assert Sending(house.guest(login), sending.url).head().status_code == 404
    assert Sending(house.guest("carla"), sending.url).head().status_code == 403
    assert sending.head().status_code == 200


def test_an_upload_that_is_discarded_leaves_nothing_and_is_gone(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    stored = house.objects()
    sending = begin(ada, document, len(SAMORIA))
    sending.send(SAMORIA[:3000], piece=1000)
    events = len(house.events())
    assert sending.terminate().status_code == 204
    assert house.objects() == stored
    assert rows(house) == (0, 0, 0, 0)
    assert [event[:2] for event in house.events()[events:]] == [("upload.ended", "done")]
    assert [sending.head().status_code, sending.patch(3000, b"x").status_code, sending.deposit().status_code] == [410, 410, 410]


def test_an_upload_is_over_after_a_week_and_its_pieces_are_removed_with_an_event(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    stored = house.objects()
    sending = begin(ada, document, 5000)
    sending.send(bytes(2000))
    with house.parts.write() as uow:  # a week ago, as far as it knows
        upload = uow.uploads.over(uow.at + timedelta(days=7))[0]
        assert upload.expires_at == upload.created_at + timedelta(days=7)
        upload.expires_at = uow.at + timedelta(minutes=5)
        upload.mac = uow.holder.mac("CTED", "upload", upload_bytes(upload))
        uow.session.commit()
    house.clock.advance(timedelta(minutes=4))
    house.worker.tick()
    assert rows(house)[0] == 1
    assert sending.head().status_code == 200
    house.clock.advance(timedelta(minutes=1))
    assert sending.head().status_code == 410  # also before the loop comes by
    assert sending.deposit().status_code == 410
    house.worker.tick()
    assert rows(house) == (0, 0, 0, 0)
    assert house.objects() == stored
    assert [event for event in house.events() if event[0] == "upload.expired"] == [("upload.expired", "done", "")]
    farid = house.guest("farid")
    assert "Upload expired" in farid.log()
    assert "Upload expired" not in house.guest("rana").log()


def test_asking_and_continuing_leave_no_event_and_beginning_and_depositing_one_each(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    events = len(house.events())
    sending = begin(ada, document, len(SAMORIA))
    sending.send(SAMORIA, piece=1000)
    sending.head()
    sending.deposit()
    assert [event[:2] for event in house.events()[events:]] == [("upload.created", "done"), ("version.deposited", "done")]


def test_a_deposit_asked_for_again_answers_the_same_and_does_nothing(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    sending = begin(ada, document, len(SAMORIA))
    sending.send(SAMORIA)
    first = sending.deposit()
    stored, before = house.objects(), rows(house)
    again = sending.deposit()
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert house.objects() == stored
    assert rows(house) == before
    assert house.sql("select count(*) from version") == [(1,)]
    assert '"repeated":true' in house.sql("select detail from audit_event order by at desc, rowid desc")[0][0]
    assert Sending(house.guest(UMA), sending.url).deposit().status_code == 404  # somebody else's is absent


def test_two_deposits_of_one_upload_at_once_make_one_version_and_leave_its_objects(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    sending = begin(ada, document, len(SAMORIA))
    sending.send(SAMORIA)
    sent = headers(ada)
    act = lambda: ada.client.post(f"{sending.url}/deposit", base_url=PORTAL, headers=sent).status_code  # noqa: E731
    assert sorted(at_once(act, act)) in ([200, 201], [201, 410])
    assert house.sql("select count(*) from version") == [(1,)]
    assert rows(house) == (0, 0, 2, 2)
    assert len(house.objects()) == 4


def test_an_upload_that_has_not_arrived_in_full_is_not_deposited(house: House) -> None:
    ada = house.guest(ADA)
    sending = begin(ada, ada.register(), len(SAMORIA))
    sending.send(SAMORIA[:-1])
    assert (sending.deposit().status_code, sending.deposit().get_json()["code"]) == (409, "unfinished")
    sending.send(SAMORIA, start=len(SAMORIA) - 1)
    assert sending.deposit().status_code == 201


def test_a_file_that_is_no_pdf_is_refused_at_the_deposit_and_the_upload_is_dropped(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    stored = house.objects()
    sending = begin(ada, document, 30_000)
    sending.send(b"PK\3\4" + bytes(29_996))
    events = len(house.events())
    answer = sending.deposit()
    assert answer.status_code == 422
    assert "not a PDF" in answer.get_json()["detail"]
    assert house.events()[events:] == [("version.deposited", "failed", "file_refused")]
    assert rows(house) == (0, 0, 0, 0)
    assert house.objects() == stored
    assert sending.head().status_code == 410
    assert ada.upload(document, SAMORIA).status_code == 201


def test_a_file_that_came_another_way_ends_what_was_on_its_way(house: House) -> None:
    ada, uma = house.guest(ADA), house.guest(UMA)
    document = ada.register()
    hers = begin(uma, document, len(SAMORIA))
    hers.send(SAMORIA[:2000])
    events = len(house.events())
    assert ada.upload(document, SAMORIA).status_code == 201
    assert [event[0] for event in house.events()[events:]] == ["version.deposited", "upload.ended"]
    assert rows(house) == (0, 0, 2, 2)
    assert len(house.objects()) == 4
    assert hers.patch(2000, SAMORIA[2000:]).status_code == 410
    assert create(uma, document, 100).status_code == 201  # of a further version
