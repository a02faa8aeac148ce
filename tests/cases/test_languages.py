"""A file is in one of six languages: its sender says in which, and what stands in its rendition for what is withheld is in that one."""

import io
from uuid import UUID

import pikepdf
import pytest

from portal.confidentiality.render.notice import NOTICES
from portal.kernel.vocabulary import Language
from tests.common.house import House, proposal_of
from tests.common.slips import SAMORIA
from tests.common.tus import begin


def spoken(house: House) -> str:
    return str(house.sql("select language from version")[0][0])


def test_every_language_of_a_file_has_its_notice() -> None:
    assert set(NOTICES) == set(Language)


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_recipient_reads_the_mark_in_the_language_of_the_file(house: House, language: str) -> None:
    ada, omar = house.guest("ada"), house.guest("omar")
    document = ada.register()
    assert ada.upload(document, SAMORIA, language=language).status_code == 201
    assert Language(language).words in ada.get(f"/documents/{document}").text
    assert house.guest("carla").withhold(document, "3").status_code == 302
    assert ada.prepare(document).status_code == 302
    assert ada.propose(document, use="file").status_code == 302
    assert house.guest("dana").approve(proposal_of(house)).status_code == 302
    share = str(UUID(house.sql("select id from share")[0][0]))
    page = omar.get(f"/received/{share}/pages/3").text
    assert NOTICES[language] in page
    assert NOTICES["en"] not in page
    with pikepdf.open(io.BytesIO(omar.get(f"/received/{share}/file").data)) as pdf:
        assert str(pdf.Root.Lang) == language


def test_an_officer_sees_the_painted_page_with_the_mark_in_that_language(house: House) -> None:
    ada = house.guest("ada")
    document = ada.register()
    assert ada.upload(document, SAMORIA, language="ru").status_code == 201
    marked = {"press": "paint", "boxes": "p2:0.10,0.20,0.90,0.40"}
    assert NOTICES["ru"] in house.guest("carla").post(f"/documents/{document}/passages/2", marked).text


@pytest.mark.parametrize(("said", "kept"), [("zh", "zh"), ("", "en")])
def test_what_comes_in_pieces_says_its_language_at_the_end(house: House, said: str, kept: str) -> None:
    ada = house.guest("ada")
    sending = begin(ada, ada.register(), len(SAMORIA))
    sending.send(SAMORIA)
    assert sending.deposit(said).status_code == 201
    assert spoken(house) == kept


def test_another_language_is_refused_before_anything_is_kept(house: House) -> None:
    ada = house.guest("ada")
    document = ada.register()
    objects = house.objects()
    answer = ada.upload(document, SAMORIA, language="tlh")
    assert answer.status_code == 422
    assert "one of ar, zh, en, fr, ru, es" in answer.text
    sending = begin(ada, document, len(SAMORIA))
    sending.send(SAMORIA)
    assert sending.deposit("EN").status_code == 422
    assert house.sql("select id from version") == []
    assert sending.deposit("en").status_code == 201
    assert len(house.objects() - objects) == 4  # the file and what was found in it, each with its header
