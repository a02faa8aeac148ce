"""When too many documents are worked on at once, officers are told, nothing is lost, and pages are shown all the same; how far it is."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from portal.confidentiality.render.places import Stage
from tests.cases.uploading import rows
from tests.common.house import House, open_house
from tests.common.s3server import S3Server
from tests.common.slips import SAMORIA
from tests.common.tus import begin


@pytest.fixture
def narrow(template: Path, tmp_path: Path, house_s3: S3Server | None) -> Iterator[House]:
    """A house where one document is worked on at a time, and nobody waits."""

    def change(folder: Path) -> None:
        file = folder / "config.toml"
        lines = "[render]\nworkers = 1\nwaiting = 0\nwait_seconds = 0\n\n[server]\n"
        file.write_text(file.read_text().replace("[server]\n", lines))

    opened = open_house(template, tmp_path / "portal", s3=house_s3, change=change)
    yield opened
    opened.close()


@contextmanager
def occupied(house: House) -> Iterator[None]:
    """Every place but the one for looking is taken, and the line is full."""
    places = house.parts.sandbox.places
    assert places is not None
    with ExitStack() as held:
        for _ in range(places.workers):
            held.enter_context(places.taken(uuid4()))
        yield


def progress(house: House, document: str, login: str = "ada") -> TestResponse:
    return house.guest(login).get(f"/documents/{document}/renditions/progress")


def test_who_prepares_a_document_too_many_is_told_what_to_do(narrow: House) -> None:
    document = narrow.guest("ada").deposit()
    with occupied(narrow):
        answer = narrow.guest("ada").prepare(document)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Too many documents at once" in answer.text
    assert "Wait half a minute, go back, and do this again." in answer.text
    assert ("rendition.built", "failed", "busy") in narrow.events()
    assert narrow.guest("ada").prepare(document).status_code == 302


def test_pages_are_looked_at_meanwhile(narrow: House) -> None:
    document = narrow.guest("ada").deposit()
    with occupied(narrow):
        assert narrow.guest("carla").get(f"/documents/{document}/passages/1").status_code == 200


def test_a_file_that_has_arrived_is_kept_until_there_is_a_place(narrow: House) -> None:
    ada = narrow.guest("ada")
    sending = begin(ada, ada.register(), len(SAMORIA))
    sending.send(SAMORIA)
    before = rows(narrow)
    with occupied(narrow):
        answer = sending.deposit()
    assert (answer.status_code, answer.get_json()["code"]) == (503, "busy")
    assert int(answer.headers["Retry-After"]) > 0
    assert "a file that has arrived is kept" in answer.get_json()["detail"]
    assert rows(narrow) == before
    assert ("version.deposited", "failed", "busy") in narrow.events()
    assert narrow.sql("select count(*) from refused_file") == [(0,)]
    assert sending.deposit().status_code == 201


def test_how_far_it_is_is_told_while_it_is_done_and_leaves_no_event(house: House) -> None:
    ada, carla = house.guest("ada"), house.guest("carla")
    document = ada.deposit()
    assert progress(house, document).get_json() == {"stage": "", "page": 0, "pages": 0}
    before = len(house.events())
    done, seen = list[int](), list[dict[str, object]]()
    building = threading.Thread(target=lambda: done.append(ada.prepare(document).status_code))
    building.start()
    while building.is_alive():
        seen.append(carla.get(f"/documents/{document}/renditions/progress").get_json())
        time.sleep(0.02)
    building.join()
    assert done == [302]
    assert {told["stage"] for told in seen} >= {"building", "proving"}
    assert {told["pages"] for told in seen} == {0, 4} or {told["pages"] for told in seen} == {4}
    pages = [told["page"] for told in seen if told["stage"] == "building"]
    assert pages == sorted(pages)  # type: ignore[type-var]
    assert progress(house, document).get_json()["stage"] == ""
    assert len(house.events()) == before + 1


def test_it_is_told_to_those_who_may_prepare_it_and_to_others_as_if_there_were_none(house: House) -> None:
    document = house.guest("ada").deposit()
    others = ("dana", "elena", "farid", "omar", "rana", "sven", "greta")
    idle = {login: (progress(house, document, login).status_code, progress(house, document, login).text) for login in others}
    absent = progress(house, str(uuid4()), "omar")
    places = house.parts.sandbox.places
    assert places is not None
    with places.taken(UUID(document)) as place:
        place.tell(Stage.BUILDING, 2)
        assert progress(house, document, "ada").get_json() == {"stage": "building", "page": 2, "pages": 4}
        for login in others:
            answer = progress(house, document, login)
            assert (answer.status_code, answer.text) == idle[login], login
            assert answer.status_code in {403, 404}
        assert (progress(house, document, "omar").status_code, progress(house, document, "omar").text) == (404, absent.text)
        assert house.stranger().get(f"/documents/{document}/renditions/progress").status_code == 401
    other = house.guest("ada").deposit("CTED/2026/XSM/4")
    with places.taken(UUID(document)) as place:
        place.tell(Stage.BUILDING, 2)
        assert progress(house, other, "ada").get_json()["stage"] == ""


def test_the_page_says_how_long_it_takes_without_any_script(house: House) -> None:
    document = house.guest("ada").deposit()
    assert "This takes about 5 seconds; keep this page open until then." in house.guest("ada").get(f"/documents/{document}").text
