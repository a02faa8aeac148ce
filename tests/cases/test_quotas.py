"""How much a person may have on its way and a body may hold: to the byte, on every way in, and for two who come at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.app import create_app
from portal.kernel.config import load_config
from portal.kernel.errors import Misconfigured
from tests.cases.test_races import at_once
from tests.common.house import PORTAL, Guest, House
from tests.common.slips import SAMORIA
from tests.common.tus import begin, create, headers

SIZE = len(SAMORIA)


def limited(house: House, **limits: int) -> None:
    """The same house with these limits."""
    lines = "".join(f"{name} = {value}\n" for name, value in limits.items())
    file = house.folder / "config.toml"
    file.write_text(file.read_text().partition("\n[uploads]\n")[0] + f"\n[uploads]\n{lines}")
    house.parts.database.close()
    house.config = load_config(file)
    house.app = create_app(house.config, clock=house.clock, background=False)
    house.guests.clear()


def test_a_person_may_have_so_much_on_its_way_and_not_a_byte_more(house: House) -> None:
    limited(house, person_bytes=10_000)
    ada, uma = house.guest("ada"), house.guest("uma")
    one, two = ada.register("CTED/1"), ada.register("CTED/2")
    first = begin(ada, one, 4_000)
    first.send(bytes(1_000))  # what arrived of it still counts as announced
    assert create(ada, two, 6_001).status_code == 507
    answer = create(ada, two, 6_001).get_json()
    assert answer["code"] == "no_room"
    assert "Finish or discard an upload" in answer["detail"]
    second = begin(ada, two, 6_000)
    assert create(ada, two, 1).status_code == 507
    assert create(uma, two, 10_000).status_code == 201
    assert second.terminate().status_code == 204
    assert create(ada, two, 6_000).status_code == 201


def test_a_body_holds_so_much_and_not_a_byte_more_whatever_the_way_in(house: House) -> None:
    ada = house.guest("ada")
    documents = [ada.register(f"CTED/{number}") for number in range(4)]
    assert ada.upload(documents[0], SAMORIA).status_code == 201
    ((held,),) = house.sql("select sum(size) from sealed_object")  # the file, and what was found in it
    limited(house, body_bytes=held + SIZE + 100, person_bytes=0)
    ada, uma = house.guest("ada"), house.guest("uma")
    sending = begin(uma, documents[1], SIZE)
    sending.send(SAMORIA[:5000], piece=1000)  # SIZE announced, part of it there: counted once
    stored = house.objects()
    assert create(ada, documents[2], 101).status_code == 507
    refused = ada.upload(documents[2], SAMORIA[:101])
    assert refused.status_code == 507
    assert "Your body may keep" in refused.get_json()["detail"]
    assert house.objects() == stored
    house.clock.advance(timedelta(seconds=1))
    assert create(house.guest("pedro"), house.guest("pedro").register("OCT/2"), 2 * SIZE + 100).status_code == 201  # another body
    small = begin(ada, documents[2], 100)
    assert create(ada, documents[3], 1).status_code == 507
    assert ada.upload(documents[3], b"%").status_code == 507
    assert small.terminate().status_code == 204
    sending.send(SAMORIA, start=5000)
    assert sending.deposit().status_code == 201  # what was announced has its room
    limited(house, body_bytes=2 * held + 100)
    ada = house.guest("ada")
    assert create(ada, documents[3], 101).status_code == 507
    assert create(ada, documents[3], 100).status_code == 201


def test_a_refusal_for_want_of_room_is_one_event(house: House) -> None:
    limited(house, person_bytes=99)
    ada = house.guest("ada")
    document = ada.register()
    events = len(house.events())
    assert create(ada, document, 100).status_code == 507
    assert ada.upload(document, SAMORIA).status_code == 507
    assert house.events()[events:] == [("upload.created", "failed", "no_room"), ("version.deposited", "failed", "no_room")]


@pytest.mark.parametrize("limits", [{"person_bytes": 150}, {"body_bytes": 150}], ids=["person", "body"])
def test_two_who_come_at_once_for_the_last_bytes_do_not_both_get_them(house: House, limits: dict[str, int]) -> None:
    limited(house, **limits)
    ada = house.guest("ada")
    document = ada.register()
    people = [ada, ada] if "person_bytes" in limits else [ada, house.guest("uma")]

    def creating(guest: Guest) -> Callable[[], int]:
        sent = headers(guest, Upload_Length="100")
        return lambda: guest.client.post(f"/documents/{document}/uploads", base_url=PORTAL, headers=sent).status_code

    assert sorted(at_once(*map(creating, people))) == [201, 507]


def test_a_raw_deposit_and_an_upload_at_once_do_not_both_get_the_last_bytes(house: House) -> None:
    limited(house, body_bytes=SIZE)
    ada, uma = house.guest("ada"), house.guest("uma")
    one, two = ada.register("CTED/1"), ada.register("CTED/2")
    sent = headers(uma, Upload_Length="1")
    upload = lambda: ada.upload(one, SAMORIA).status_code  # noqa: E731
    creation = lambda: uma.client.post(f"/documents/{two}/uploads", base_url=PORTAL, headers=sent).status_code  # noqa: E731
    answers = at_once(upload, creation)
    assert sorted(answers) == [201, 507]
    files = "select coalesce(sum(size), 0) from sealed_object where id in (select object_id from version)"
    assert sum(house.sql(held)[0][0] for held in (files, "select coalesce(sum(size), 0) from upload")) <= SIZE


def test_limits_below_zero_are_no_limits(house: House) -> None:
    with pytest.raises(Misconfigured, match="uploads: max_bytes and keep_days"):
        limited(house, person_bytes=-1)
