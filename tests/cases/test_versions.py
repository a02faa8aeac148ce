"""Further versions and language versions: each is prepared and shared by itself, the newest of its language only."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from portal.cases import build_rendition
from portal.cases.standing import seal_requests
from tests.cases.versions import FIRST, FRENCH, KEPT, SECOND, line, place, prepare, read, released, report, two_versions, withhold
from tests.cases.withholding import request_of
from tests.common.house import PORTAL, House, proposal_of
from tests.common.slips import SAMORIA
from tests.common.tus import begin


def versions(house: House) -> list[tuple[Any, ...]]:
    return house.sql("select number, language from version order by number")


def test_a_newer_version_stands_beside_the_older_and_each_keeps_its_own_file(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    assert ada.upload(document, SECOND, "second.pdf").status_code == 201
    assert ada.upload(document, FRENCH, "deuxieme.pdf", language="fr").status_code == 201
    assert versions(house) == [(1, "en"), (2, "en"), (3, "fr")]
    for number, content in ((1, FIRST), (2, SECOND), (3, FRENCH), (None, FRENCH)):
        named = "" if number is None else f"?version={number}"
        assert house.guest("dana").get(f"/documents/{document}/file{named}").data == content
    shown = house.guest("carla").get(f"/documents/{document}").text
    assert all(words in shown for words in ("Version 3, French", "Version 2, English", "Version 1, English", "Superseded"))
    assert shown.count("Superseded") == 1


@pytest.mark.parametrize("number", ["0", "4", "-1", "x", "1e3", "٢", "999999"])
def test_a_version_that_there_is_not_is_absent(house: House, number: str) -> None:
    document = house.guest("ada").deposit(content=FIRST)
    for path in ("file", "passages/1"):
        assert house.guest("carla").get(f"/documents/{document}/{path}", query_string={"version": number}).status_code == 404


def test_what_was_prepared_or_proposed_of_an_older_version_is_stale(house: House) -> None:
    ada, dana = house.guest("ada"), house.guest("dana")
    document = ada.deposit(content=FIRST)
    assert prepare(house, document).status_code == 302
    assert ada.propose(document).status_code == 302
    assert ada.upload(document, SECOND).status_code == 201
    refused = dana.approve(proposal_of(house))
    assert refused.status_code == 409
    assert house.events()[-1] == ("share.approved", "failed", "stale")
    assert ada.propose(document).status_code == 409
    assert "another version came" in ada.get(f"/documents/{document}").text
    assert house.sql("select count(*) from key_wrap where body = 'OCT'") == [(0,)]


@pytest.mark.parametrize("step", ["propose", "approve"])
def test_a_superseded_version_does_not_go_across_even_if_no_epoch_rose(house: House, step: str) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    assert prepare(house, document).status_code == 302
    if step == "approve":
        assert ada.propose(document).status_code == 302
    assert ada.upload(document, SECOND).status_code == 201
    as_if_no_epoch_rose(house)
    answer = ada.propose(document) if step == "propose" else house.guest("dana").approve(proposal_of(house))
    assert answer.status_code == 409
    assert "A newer version has come" in answer.text


def as_if_no_epoch_rose(house: House) -> None:
    with house.parts.write() as uow:
        row = uow.documents.of_body("CTED")[0]
        row.epoch -= 1
        seal_requests(uow, row)
        uow.session.commit()


def test_a_version_that_comes_while_an_older_one_is_built_leaves_nothing_of_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    real = build_rendition.prove

    def meanwhile(*given: Any, **named: Any) -> Any:
        monkeypatch.setattr(build_rendition, "prove", real)
        assert house.guest("ada").upload(document, SECOND).status_code == 201
        return real(*given, **named)

    monkeypatch.setattr(build_rendition, "prove", meanwhile)
    assert prepare(house, document).status_code == 409
    assert house.sql("select count(*) from rendition") == [(0,)]
    assert prepare(house, document).status_code == 302


def test_an_open_share_stays_as_it_was_released_and_the_newer_version_is_shared_beside_it(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    first = released(house, document)
    assert ada.upload(document, SECOND).status_code == 201
    assert "A page that was put in" not in read(house, first, 2)
    assert house.guest("omar").get(f"/received/{first}/pages/3").status_code == 404
    second = released(house, document)
    assert "A page that was put in" in read(house, second, 4)
    assert "A page that was put in" not in read(house, first, 2)
    refused = ada.propose(document)
    assert refused.status_code == 409
    assert "shared with this body already" in refused.text


def test_a_request_closes_the_shares_of_every_version(house: House) -> None:
    ada, omar = house.guest("ada"), house.guest("omar")
    document = ada.deposit(content=FIRST)
    first = released(house, document)
    assert ada.upload(document, FRENCH, language="fr").status_code == 201
    second = released(house, document, "fr")
    assert withhold(house, document, line(3, 0), version="2").status_code == 302
    for share in (first, second):
        assert omar.get(f"/received/{share}/pages/1").status_code == 403
    assert house.sql("select count(*) from key_wrap where body = 'OCT'") == [(0,)]


def test_each_language_is_prepared_by_itself_in_its_newest_version(house: House) -> None:
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    assert ada.upload(document, SECOND).status_code == 201
    assert ada.upload(document, FRENCH, language="fr").status_code == 201
    for language, version in (("en", 2), ("fr", 3), ("", 3)):
        assert prepare(house, document, language).status_code == 302
        assert house.sql("select version from rendition order by built_at desc, rowid desc")[0] == (version,)
    refused = prepare(house, document, "ru")
    assert refused.status_code == 422
    assert "There is no version in this language" in refused.text


def test_two_languages_wait_for_approval_at_once(house: House) -> None:
    ada, dana = house.guest("ada"), house.guest("dana")
    document = ada.deposit(content=FIRST)
    assert ada.upload(document, FRENCH, language="fr").status_code == 201
    proposals = []
    for language in ("en", "fr"):
        house.clock.advance(timedelta(seconds=1))
        assert prepare(house, document, language).status_code == 302
        assert ada.propose(document).status_code == 302
        proposals.append(proposal_of(house))
        assert ada.propose(document).status_code == 409
    assert [dana.approve(proposal).status_code for proposal in proposals] == [302, 302]
    assert house.sql("select version from share order by version") == [(1,), (2,)]


class Slow(io.BytesIO):
    """A body that comes after something else was done."""

    def __init__(self, content: bytes, before: Callable[[], None]) -> None:
        super().__init__(content)
        self._before = [before]

    def read(self, size: int | None = -1) -> bytes:
        while self._before:
            self._before.pop()()
        return super().read(size)

    def readinto(self, buffer: Any) -> int:
        content = self.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)


def test_of_two_versions_sent_at_once_one_wins_and_nothing_is_left_of_the_other(house: House) -> None:
    ada, uma = house.guest("ada"), house.guest("uma")
    document = ada.deposit(content=FIRST)

    def overtake() -> None:
        assert uma.upload(document, SECOND).status_code == 201

    headers = {"X-CSRF-Token": ada.token(), "X-File-Name": "late.pdf", "Accept": "application/json", "Content-Length": str(len(SAMORIA))}
    slow = Slow(SAMORIA, overtake)
    answer = ada.client.post(
        f"/documents/{document}/file", base_url=PORTAL, input_stream=slow, content_type="application/pdf", headers=headers
    )
    assert answer.status_code == 409
    assert "Another version was sent meanwhile" in answer.text
    assert versions(house) == [(1, "en"), (2, "en")]
    kept = {key for (key,) in house.sql("select store_key from sealed_object")}
    assert {name.removesuffix(".age-header").rsplit("/", 1)[-1] for name in house.objects()} <= {key.rsplit("/", 1)[-1] for key in kept}


def test_an_upload_in_pieces_ends_when_another_version_came_first(house: House) -> None:
    ada, uma = house.guest("ada"), house.guest("uma")
    document = ada.deposit(content=FIRST)
    sending = begin(ada, document, len(SAMORIA))
    sending.send(SAMORIA)
    assert uma.upload(document, SECOND).status_code == 201
    assert sending.deposit().status_code == 410
    again = begin(ada, document, len(SAMORIA))
    again.send(SAMORIA)
    assert (again.deposit("fr").status_code, again.deposit("fr").status_code) == (201, 200)
    assert versions(house) == [(1, "en"), (2, "en"), (3, "fr")]


def test_no_version_is_reached_by_the_other_body_at_any_door(house: House) -> None:
    document, request = two_versions(house)
    assert place(house, document, request, 2, boxes=line(4, 1)).status_code == 302
    share = released(house, document)
    for login in ("omar", "nadia", "pedro", "quentin"):
        guest = house.guest(login)
        for version in ("", "?version=1", "?version=2"):
            assert guest.get(f"/documents/{document}/file{version}").status_code == 404
            assert guest.get(f"/documents/{document}/passages/1{version}").status_code == 404
            assert guest.get(f"/received/{share}/file{version}").status_code in {403, 404}
            assert guest.get(f"/received/{share}/pages/2{version}").status_code in {200, 403, 404}
        assert guest.upload(document, SAMORIA).status_code == 404
        assert guest.post(f"/documents/{document}/places", {"place": request, "version": "2", "pages": "1"}).status_code == 404
    assert len(versions(house)) == 2
    assert "Kestrel" not in house.guest("omar").get(f"/received/{share}/pages/2?version=1").text


def test_a_reviewer_of_the_originator_takes_no_version_out(house: House) -> None:
    document, _ = two_versions(house)
    for version in (1, 2):
        assert house.guest("elena").get(f"/documents/{document}/file?version={version}").status_code == 403


@pytest.mark.parametrize(
    "edit",
    [
        "delete from version where number = 2",
        "update version set language = 'fr' where number = 2",
        "update version set number = 3 where number = 2",
        "update version set object_id = (select object_id from version where number = 1) where number = 2",
        "update version set document_id = document_id, pages = 9 where number = 1",
        "update version set deposited_by = id where number = 2",
    ],
)
def test_a_version_that_was_edited_or_taken_away_stops_everything(house: House, edit: str) -> None:
    """So that an older one, of which less is kept back, does not become the newest."""
    ada = house.guest("ada")
    document = ada.deposit(content=FIRST)
    assert ada.upload(document, SECOND).status_code == 201
    house.sql(edit)
    assert prepare(house, document).status_code == 500
    assert house.events()[-1] == ("rendition.built", "failed", "tampered")
    assert ada.upload(document, SAMORIA).status_code == 500


def test_the_language_of_a_single_version_is_bound_as_well(house: House) -> None:
    ada = house.guest("ada")
    document = ada.register()
    assert ada.upload(document, FRENCH, language="fr").status_code == 201
    house.sql("update version set language = 'en'")
    assert prepare(house, document).status_code == 500


def test_pages_are_named_of_the_version_that_was_chosen(house: House) -> None:
    ada, carla = house.guest("ada"), house.guest("carla")
    document = ada.deposit(content=report((KEPT[0],)))
    assert ada.upload(document, report((KEPT[0],), (KEPT[1],), ("Third",)), language="fr").status_code == 201
    assert carla.withhold(document, "3", version="1").status_code == 422
    assert carla.withhold(document, "3", version="2").status_code == 302
    assert "of version 2" in carla.get(f"/documents/{document}").text
    assert place(house, document, request_of(house), 2, pages="1").status_code == 409
    assert place(house, document, request_of(house), 1, pages="1").status_code == 302


def test_nothing_new_is_marked_on_a_superseded_version(house: House) -> None:
    ada, carla = house.guest("ada"), house.guest("carla")
    document = ada.deposit(content=FIRST)
    assert ada.upload(document, SECOND).status_code == 201
    refused = carla.withhold(document, "2", version="1")
    assert refused.status_code == 422
    assert "A newer version has come meanwhile" in refused.text
    assert carla.withhold(document, "2", version="2").status_code == 302
