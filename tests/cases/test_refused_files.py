"""Files that are not taken: a real virus scanner is asked first, nothing of them is kept, and who is told what depends on who asks."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from tests.cases import keeping
from tests.cases.test_shredding import _words
from tests.cases.uploading import rows
from tests.common.clamd import EICAR, LIMIT, SIGNATURE, Clamd, serving
from tests.common.house import OFFICE, PORTAL, House, open_house
from tests.common.s3server import S3Server
from tests.common.slips import SAMORIA
from tests.common.tus import begin

INFECTED = SAMORIA + b"\n% " + EICAR + b"\n"
NAME = "what the minister said.pdf"
ADVICE = "The virus scanner found malware in this file."
Opened = Callable[..., House]


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clamd]:
    with serving(tmp_path_factory.mktemp("clamd") / "c") as running:
        yield running


@pytest.fixture
def scanned(template: Path, tmp_path: Path, house_s3: S3Server | None) -> Iterator[Opened]:
    """Opens a house with this scanner."""
    houses = list[House]()

    def opened(scanner: Path, *, required: bool = True, seconds: int = 30) -> House:
        def change(folder: Path) -> None:
            file = folder / "config.toml"
            lines = f'[clamd]\nsocket = "{scanner}"\nrequired = {str(required).lower()}\nseconds = {seconds}\n\n[server]\n'
            file.write_text(file.read_text().replace("[server]\n", lines))

        houses.append(open_house(template, tmp_path / "portal", s3=house_s3, change=change))
        return houses[-1]

    yield opened
    for house in houses:
        house.close()


def sent(house: House, document: str, content: bytes, login: str = "ada") -> TestResponse:
    """In pieces, as the page sends."""
    sending = begin(house.guest(login), document, len(content), NAME)
    sending.send(content, piece=300_000)
    return sending.deposit()


def page(house: House, login: str, path: str) -> tuple[int, str]:
    answer = house.guest(login).get(path)
    return answer.status_code, answer.text


def demand_nothing_kept(house: House) -> None:
    assert rows(house) == (0, 0, 0, 0)
    assert house.objects() == set()


def test_a_file_with_malware_is_refused_and_nothing_of_it_is_kept(scanned: Opened, clamd: Clamd) -> None:
    house = scanned(clamd.socket)
    document = house.guest("ada").register()
    answer = sent(house, document, INFECTED)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "infected")
    assert ADVICE in answer.get_json()["detail"]
    assert SIGNATURE in answer.get_json()["detail"]
    demand_nothing_kept(house)
    assert ("version.deposited", "failed", "infected") in house.events()
    assert sent(house, document, SAMORIA).status_code == 201


def test_so_is_one_that_comes_in_one_piece(scanned: Opened, clamd: Clamd) -> None:
    house = scanned(clamd.socket)
    document = house.guest("ada").register()
    answer = house.guest("ada").upload(document, INFECTED, NAME)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "infected")
    demand_nothing_kept(house)
    assert NAME in page(house, "ada", f"/documents/{document}")[1]


def test_what_shows_a_communication_is_scanned_as_well(scanned: Opened, clamd: Clamd) -> None:
    house = scanned(clamd.socket)
    ada, carla = house.guest("ada"), house.guest("carla")
    document = ada.deposit()
    assert carla.withhold(document, "2").status_code == 302
    request = UUID(house.sql("select id from request")[0][0])
    before = house.objects()
    headers = {"X-CSRF-Token": carla.token(), "X-File-Name": "note.pdf", "Accept": "application/json"}
    where = f"/documents/{document}/evidence/of/{request}"
    answer = carla.client.post(where, base_url=PORTAL, data=INFECTED, headers=headers, content_type="application/octet-stream")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "infected")
    assert house.objects() == before
    assert "A communication" in page(house, "carla", f"/documents/{document}")[1]
    answer = carla.client.post(where, base_url=PORTAL, data=SAMORIA, headers=headers, content_type="application/octet-stream")
    assert answer.status_code == 201


def test_a_clean_file_is_taken_and_its_entry_says_that_it_was_scanned(scanned: Opened, clamd: Clamd) -> None:
    house = scanned(clamd.socket)
    document = house.guest("ada").register()
    assert sent(house, document, SAMORIA).status_code == 201
    assert "The virus scanner found nothing" in page(house, "carla", f"/documents/{document}")[1]
    assert "Files that were not taken" not in page(house, "carla", f"/documents/{document}")[1]


def test_without_a_scanner_nothing_is_said_of_one(house: House) -> None:
    document = house.guest("ada").register()
    assert sent(house, document, INFECTED).status_code == 201
    assert "scan" not in page(house, "carla", f"/documents/{document}")[1].lower()


def test_who_works_on_the_document_reads_which_file_it_was(scanned: Opened, clamd: Clamd) -> None:
    house = scanned(clamd.socket)
    document = house.guest("ada").register()
    sent(house, document, INFECTED)
    for login in ("ada", "carla"):
        status, text = page(house, login, f"/documents/{document}")
        assert status == 200
        assert NAME in text
        assert f"Malware: {SIGNATURE}" in text
        assert "None of these files was kept." in text


def test_administrators_read_what_was_wrong_and_who_sent_it_but_not_which_file(scanned: Opened, clamd: Clamd) -> None:
    house = scanned(clamd.socket)
    document = house.guest("ada").register()
    sent(house, document, INFECTED)
    status, text = page(house, OFFICE.other_administrator, "/people/refused-files")
    assert status == 200
    assert f"Malware: {SIGNATURE}" in text
    for secret in (NAME, house.cast.symbol, document):
        assert secret not in text


def test_nobody_else_finds_the_list_or_anything_in_it(scanned: Opened, clamd: Clamd) -> None:
    """Least of all the other body: its administrator's list and its pages are as if nothing had been sent."""
    house = scanned(clamd.socket)
    document = house.guest("ada").register()
    before = page(house, "sven", "/people/refused-files")
    absent = page(house, "omar", f"/documents/{document}")
    sent(house, document, INFECTED)
    assert page(house, "sven", "/people/refused-files") == before
    assert before[0] == 200
    assert "No file was refused so far." in before[1]
    assert page(house, "omar", f"/documents/{document}")[0] == absent[0] == 404
    for login in ("ada", "carla", "dana", "elena", "farid", "omar", "rana"):
        assert page(house, login, "/people/refused-files")[0] in {403, 404}
    assert NAME not in page(house, "dana", f"/documents/{document}")[1]


def test_at_rest_the_files_name_is_sealed(scanned: Opened, clamd: Clamd) -> None:
    house = scanned(clamd.socket)
    document = house.guest("ada").register()
    sent(house, document, INFECTED)
    assert house.sql("select count(*) from refused_file") == [(1,)]
    for name, content in house.everything_at_rest().items():
        assert NAME.encode() not in content, name
        assert EICAR not in content, name


def test_a_file_that_is_no_pdf_or_kills_its_process_is_listed_as_well(house: House) -> None:
    document = house.guest("ada").register()
    assert sent(house, document, b"a letter").status_code == 422
    text = page(house, "ada", f"/documents/{document}")[1]
    assert "This is not a PDF: it does not begin as one." in text
    assert NAME in text


def test_shredding_forgets_the_names_of_files_that_were_not_taken(house: House) -> None:
    document = house.guest("ada").register()
    sent(house, document, b"a letter")
    assert sent(house, document, SAMORIA).status_code == 201
    assert _names(house, document) == [NAME]
    assert keeping.propose(house, document).status_code == 302
    assert keeping.confirm(house, document).status_code == 302
    assert _names(house, document) == [""]


def _names(house: House, document: str) -> list[str]:
    with house.parts.read() as uow:
        rows = uow.refused_files.of_document(UUID(document))
        return [_words(house, "refused_file", "file_name", row.id, row.file_name) for row in rows]


# ---- a scanner that is broken
def hostile(folder: Path, answer: bytes) -> Path:
    """A socket that says this to everybody, whatever they send."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "h"))
    listener.listen(4)

    def serve() -> None:
        while True:
            line, _ = listener.accept()
            with line:
                read = b""
                while piece := line.recv(65536):
                    read = (read + piece)[-4:]
                    if read == bytes(4):
                        line.sendall(answer)
                        break

    threading.Thread(target=serve, daemon=True).start()
    return folder / "h"


BROKEN: list[Any] = [None, b"", b"OK\0", b"stream: OK", b"x" * 9000, b"HTTP/1.1 200 OK\r\n\r\nstream: OK\0"]


@pytest.mark.parametrize("answer", BROKEN)
def test_without_a_verdict_no_file_is_taken_and_none_is_lost(scanned: Opened, tmp_path: Path, clamd: Clamd, answer: bytes | None) -> None:
    house = scanned(tmp_path / "nobody" if answer is None else hostile(tmp_path, answer))
    ada = house.guest("ada")
    document = ada.register()
    sending = begin(ada, document, len(SAMORIA), NAME)
    sending.send(SAMORIA)
    refused = sending.deposit()
    assert (refused.status_code, refused.get_json()["code"]) == (503, "scanner_failed")
    assert "A file that has arrived is kept." in refused.get_json()["detail"]
    assert ("version.deposited", "failed", "scanner_failed") in house.events()
    assert rows(house)[:2] == (1, len(house.sql("select * from upload_segment")))
    assert house.sql("select count(*) from refused_file") == [(0,)]
    assert house.sql("select count(*) from version") == [(0,)]
    object.__setattr__(house.parts.scanner, "address", str(clamd.socket))  # it is mended
    assert sending.deposit().status_code == 201


@pytest.mark.parametrize("answer", BROKEN)
def test_where_none_is_required_the_file_is_taken_and_its_entry_says_so(
    scanned: Opened, tmp_path: Path, answer: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    house = scanned(tmp_path / "nobody" if answer is None else hostile(tmp_path, answer), required=False)
    document = house.guest("ada").register()
    with caplog.at_level(logging.ERROR):
        assert sent(house, document, SAMORIA).status_code == 201
    assert "without being scanned" in caplog.text
    assert "Not scanned for viruses" in page(house, "carla", f"/documents/{document}")[1]


def test_malware_is_refused_where_the_scanner_is_not_required_too(scanned: Opened, clamd: Clamd) -> None:
    house = scanned(clamd.socket, required=False)
    document = house.guest("ada").register()
    assert sent(house, document, INFECTED).status_code == 422
    demand_nothing_kept(house)


def test_a_file_beyond_the_scanners_limits_is_refused_but_its_upload_stays(scanned: Opened, clamd: Clamd) -> None:
    house = scanned(clamd.socket)
    document = house.guest("ada").register()
    answer = sent(house, document, SAMORIA + b"\n%" + b"x" * 2 * LIMIT)
    assert answer.status_code == 422
    assert "larger than the virus scanner takes" in answer.get_json()["detail"]
    assert house.sql("select count(*) from upload") == [(1,)]
    assert house.sql("select count(*) from version") == [(0,)]


def test_a_scanner_that_is_killed_while_it_is_sent_the_file_is_none(scanned: Opened, tmp_path: Path) -> None:
    with serving(tmp_path / "c") as clamd:
        house = scanned(clamd.socket)
        document = house.guest("ada").register()
        real = house.parts.vault.stream

        def dying(*given: Any) -> Iterator[bytes]:
            for number, chunk in enumerate(real(*given)):
                yield chunk
                if not number:
                    clamd.kill()

        sending = begin(house.guest("ada"), document, len(SAMORIA), NAME)
        sending.send(SAMORIA)
        house.parts.vault.stream = dying  # type: ignore[method-assign]
        assert sending.deposit().status_code == 503
        house.parts.vault.stream = real  # type: ignore[method-assign]
        assert rows(house)[0] == 1
