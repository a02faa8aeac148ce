"""The store is down, silent, full, cut off or changes bytes while somebody works: a clean answer, one event, nothing half, and it heals."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.cases.sweep import sweep
from tests.common.house import House, proposal_of, shared
from tests.common.proxy import DOWN, UP, Flip, Proxy, Weather, answer
from tests.common.slips import SAMORIA

FULL = answer("507 Insufficient Storage", b"<Error><Code>InsufficientStorage</Code></Error>")
BUSY = answer("503 Slow Down", b"<Error><Code>SlowDown</Code></Error>")

#: What keeps an object from being stored.
STORMS: dict[str, Weather] = {
    "down": Weather(refuse=True),
    "silent": Weather(hang=True),
    "full": Weather(answer=(b"PUT /house/", FULL)),
    "busy": Weather(answer=(b"PUT /house/", BUSY)),
    "cut while it goes up": Weather(cut=(UP, 2000)),
    "cut before it answers": Weather(cut=(DOWN, 0)),
    "a byte changes on the way": Weather(flip=Flip(UP, b"PUT /house/")),
}
#: What keeps one from being read.
DROUGHTS: dict[str, Weather] = {
    "down": Weather(refuse=True),
    "silent": Weather(hang=True),
    "busy": Weather(answer=(b"GET /house/", BUSY)),
    "cut while it comes": Weather(cut=(DOWN, 500)),
}


def becomes(proxy: Proxy, weather: Weather) -> None:
    proxy.drop()
    proxy.weather = replace(weather)


def rows(house: House) -> list[int]:
    return [house.sql(f"select count(*) from {table}")[0][0] for table in ("sealed_object", "key_wrap", "version", "rendition", "share")]


def calm(house: House, proxy: Proxy) -> None:
    """Good weather, and an hour later what could not be cleaned up at once is swept."""
    proxy.mended()
    house.age_objects(timedelta(hours=2))
    lonely: set[str] = set()
    for _ in range(2):
        sweep(house.parts, lonely)
    house.parts.vault._store._now = time.time


@pytest.mark.parametrize("storm", STORMS)
def test_a_deposit_into_a_store_that_fails_is_a_clean_refusal_and_works_when_it_is_back(far_house: House, proxy: Proxy, storm: str) -> None:
    house, ada = far_house, far_house.guest("ada")
    document = ada.register()
    before, events = rows(house), len(house.events())
    becomes(proxy, STORMS[storm])
    refused = ada.upload(document, SAMORIA)
    assert (refused.status_code, refused.mimetype, refused.json["code"]) == (503, "application/problem+json", "unavailable")
    assert "Nothing was lost" in refused.json["detail"]
    assert rows(house) == before
    assert house.events()[events:] == [("version.deposited", "failed", "unavailable")]
    calm(house, proxy)
    assert house.objects() == set()
    assert ada.upload(document, SAMORIA).status_code == 201
    assert len(house.objects()) == 4


@pytest.mark.parametrize("drought", DROUGHTS)
def test_a_page_from_a_store_that_fails_is_a_clean_refusal_and_is_there_when_it_is_back(
    far_house: House, proxy: Proxy, drought: str
) -> None:
    house = far_house
    document, share = shared(house)
    elena = house.guest(house.cast.reader)
    page = f"/received/{share}/pages/1"
    assert elena.get(page).status_code == 200
    events = len(house.events())
    becomes(proxy, DROUGHTS[drought])
    refused = elena.get(page)
    assert refused.status_code == 503
    assert b"PNG" not in refused.data
    assert "cannot open documents at the moment" in refused.text
    assert house.events()[events:] == [("share.page_read", "failed", "unavailable")]
    proxy.mended()
    assert elena.get(page).status_code == 200
    assert document


def test_a_byte_that_changes_on_the_way_back_is_shown_to_nobody_and_told_to_the_originator(far_house: House, proxy: Proxy) -> None:
    house = far_house
    _, share = shared(house)
    elena = house.guest(house.cast.reader)
    events = len(house.events())
    becomes(proxy, Weather(flip=Flip(DOWN, b"GET /house/", 3)))
    refused = elena.get(f"/received/{share}/pages/1")
    assert (refused.status_code, b"PNG" in refused.data) == (500, False)
    assert house.events()[events:] == [("share.page_read", "failed", "broken")]
    assert house.sql("select originator from audit_event where code = 'broken'") == [("CTED",)]
    assert elena.get(f"/received/{share}/pages/1").status_code == 200


@pytest.mark.parametrize("storm", STORMS)
def test_a_rendition_that_cannot_be_stored_leaves_nothing_and_is_made_when_the_store_is_back(
    far_house: House, proxy: Proxy, storm: str
) -> None:
    house, ada = far_house, far_house.guest("ada")
    document = ada.deposit()
    before, objects, events = rows(house), house.objects(), len(house.events())
    becomes(proxy, STORMS[storm])
    refused = ada.prepare(document)
    assert refused.status_code == 503
    assert rows(house) == before
    assert house.events()[events:] == [("rendition.built", "failed", "unavailable")]
    calm(house, proxy)
    assert house.objects() == objects
    assert ada.prepare(document).status_code == 302


def test_what_is_wrong_with_a_file_is_said_even_if_the_store_does_not_let_it_go(far_house: House, proxy: Proxy) -> None:
    """The upload fails for its own reason, and what cannot be removed now is swept."""
    house, ada = far_house, far_house.guest("ada")
    document = ada.register()
    becomes(proxy, Weather(answer=(b"DELETE /house/", BUSY)))
    assert ada.upload(document, b"no PDF at all").status_code == 422
    assert len(house.objects()) == 2
    calm(house, proxy)
    assert house.objects() == set()


def test_sharing_and_recalling_need_no_store(far_house: House, proxy: Proxy) -> None:
    """A share is one wrapped key: whoever must close something is not held up by a store that is down."""
    house, ada = far_house, far_house.guest("ada")
    document = ada.deposit()
    assert ada.prepare(document).status_code == 302
    dana = house.guest(house.cast.releasing)
    becomes(proxy, Weather(refuse=True))
    assert ada.propose(document).status_code == 302
    assert dana.approve(proposal_of(house)).status_code == 302
    assert dana.recall(document, proposal_of(house)).status_code == 302
    assert house.guest(house.cast.confidentiality).withhold(document).status_code == 302


def test_a_slow_store_is_waited_for(far_house: House, proxy: Proxy) -> None:
    becomes(proxy, Weather(speed=400_000))
    house = far_house
    _, share = shared(house)
    assert house.guest(house.cast.reader).get(f"/received/{share}/pages/1").status_code == 200


def test_the_log_is_sequenced_while_the_store_is_down(far_house: House, proxy: Proxy) -> None:
    house = far_house
    house.guest("ada").register()
    becomes(proxy, Weather(hang=True))
    house.worker.tick()
    assert house.sql("select count(*) from audit_pending") == [(0,)]
    assert not [event for event, *_ in house.events() if event.startswith("store.")]


def test_a_store_that_is_down_says_nothing_of_objects_in_its_log(far_house: House, proxy: Proxy, caplog: pytest.LogCaptureFixture) -> None:
    house = far_house
    ada = house.guest("ada")
    ada.deposit()
    key = house.sql("select store_key from sealed_object")[0][0]
    document = ada.register("CTED/2026/XSM/9")
    for weather in STORMS.values():
        becomes(proxy, weather)
        ada.upload(document, SAMORIA)
        proxy.mended()
    assert "store failed" in caplog.text
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("portal"))
    assert key not in ours
    assert "Samoria" not in caplog.text
