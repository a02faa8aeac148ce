"""An office file is deposited: the file stays as it came, and what is shown, marked and shared is a PDF that was made of it in a bubble."""

import json
import os
import re
import signal
import time
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest

from portal.cases.deposit_version import clean_name
from portal.confidentiality.render.bubble import Bubble
from portal.confidentiality.render.office import Office
from portal.confidentiality.render.refusal import SENTENCES, Reason
from tests.cases.keeping import confirm, propose
from tests.common import tus
from tests.common.backups import command
from tests.common.broken_off import collect_orphans
from tests.common.house import DIRECTORATE, House, open_house, proposal_of
from tests.common.s3server import S3Server
from tests.common.slips import SAMORIA
from tests.rooms.render import office_papers as papers

KEPT = ["1. The mission met the ministry of justice.", "2. The registry keeps one list of cases."]
SECRET = "3. The informant Kestrel named the harbour warehouse."
LAST = "4. The mission thanks the authorities."
FILES = {
    "docx": papers.docx([*KEPT, SECRET, LAST]),
    "odt": papers.odt([*KEPT, SECRET, LAST]),
    "xlsx": papers.xlsx([[line] for line in [*KEPT, SECRET, LAST]]),
    "pptx": papers.pptx(["\n".join(KEPT), SECRET, LAST]),
}
MIME = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


@pytest.fixture
def house(template: Path, tmp_path: Path, house_s3: S3Server | None) -> Iterator[House]:
    opened = open_house(template, tmp_path / "portal", DIRECTORATE, house_s3)
    yield opened
    opened.close()


def deposited(house: House, ending: str, content: bytes | None = None) -> str:
    document = house.guest("ada").register()
    answer = house.guest("ada").upload(document, content or FILES[ending], f"Mission report.{ending}")
    assert answer.status_code == 201, answer.text
    return document


def refused(house: House, content: bytes, name: str) -> str:
    """The sentence that the sender reads. Nothing of the file stays, and the next one is taken."""
    guest = house.guest("ada")
    document = guest.register(f"CTED/2026/XSM/{len(house.sql('select id from document')) + 10}")
    before = house.objects()
    answer = guest.upload(document, content, name)
    assert answer.status_code == 422, answer.text
    assert house.objects() == before
    assert UUID(document) not in {UUID(row[0]) for row in house.sql("select document_id from version")}
    return str(answer.get_json()["detail"])


def page_with(house: House, document: str, words: str) -> int:
    for page in range(1, 5):
        if lines_with(house.guest("carla").get(f"/documents/{document}/passages/{page}").text, words):
            return page
    raise AssertionError(f"no page with {words!r}")


def line_of(text: str, words: str) -> str:
    return lines_with(text, words)[0]


def lines_with(text: str, words: str) -> list[str]:
    return [value for value, said in re.findall(r'name="line" value="([^"]*)"><span>([^<]*)', text) if words in said]


@pytest.mark.parametrize("ending", list(FILES))
def test_what_is_kept_of_an_office_file_crosses_and_what_is_withheld_does_not(house: House, ending: str) -> None:
    document = deposited(house, ending)
    carla = house.guest("carla")
    page = page_with(house, document, "Kestrel")
    text = carla.get(f"/documents/{document}/passages/{page}").text
    marked = carla.post(f"/documents/{document}/passages/{page}", {"press": "lines", "line": line_of(text, "Kestrel")}).text
    boxes = re.search(r'name="boxes"[^>]* value="([^"]*)"', marked)
    assert boxes
    request = {"state": "XSM", "reference": "SM/NV/2026/41", "dated": "2026-11-02", "received": "letter", "version": "1"}
    recorded = carla.post(f"/documents/{document}/passages", {**request, "boxes": boxes[1], "at": str(page)})
    assert recorded.status_code == 302, recorded.text
    ada = house.guest("ada")
    assert ada.prepare(document).status_code == 302
    assert ada.propose(document, use="file").status_code == 302
    assert house.guest("dana").approve(proposal_of(house)).status_code == 302
    share = UUID(house.sql("select id from share")[0][0])
    pages = "".join(house.guest("omar").get(f"/received/{share}/pages/{number}").text for number in range(1, page + 1))
    file = house.guest("omar").get(f"/received/{share}/file")
    assert "ministry of justice" in pages
    assert "Kestrel" not in pages
    assert "warehouse" not in pages
    assert (file.status_code, file.mimetype) == (200, "application/pdf")
    assert file.headers["Content-Disposition"].endswith(".pdf")
    for form in ("Kestrel", "warehouse", "informant"):
        assert form.encode() not in file.data
        assert form.encode("utf-16-be").hex().encode() not in file.data.lower()


@pytest.mark.parametrize("ending", list(FILES))
def test_the_original_comes_back_as_it_was_sent_with_its_own_name_and_type(house: House, ending: str) -> None:
    document = deposited(house, ending)
    answer = house.guest("ada").get(f"/documents/{document}/file")
    assert (answer.status_code, answer.mimetype) == (200, MIME[ending])
    assert f"Mission report.{ending}" in answer.headers["Content-Disposition"]
    assert answer.data == FILES[ending]
    shown = house.guest("ada").get(f"/documents/{document}").text
    assert "its pages are those of a PDF that was made of it here" in shown


def test_it_comes_in_pieces_too(house: House) -> None:
    guest, content = house.guest("ada"), FILES["docx"]
    document = guest.register()
    sending = tus.begin(guest, document, len(content), "Mission report.docx")
    sending.send(content, piece=700)
    assert sending.deposit().status_code == 201
    assert sending.deposit().status_code == 200  # once more, and nothing more
    assert len(house.sql("select record_object_id from version where record_object_id is not null")) == 1
    assert guest.get(f"/documents/{document}/file").data == content
    assert "ministry of justice" in house.guest("carla").get(f"/documents/{document}/passages/1").text


def test_of_pieces_that_can_never_be_taken_nothing_stays(house: House) -> None:
    guest, content = house.guest("ada"), papers.docx(KEPT, **{"word/vbaProject.bin": b"x"})
    sending = tus.begin(guest, guest.register(), len(content), "Mission report.docx")
    sending.send(content, piece=700)
    answer = sending.deposit()
    assert (answer.status_code, answer.get_json()["detail"]) == (422, SENTENCES[Reason.MACROS])
    assert sending.head().status_code == 410
    assert house.objects() == set()


def test_a_pdf_is_its_own_record(house: House) -> None:
    document = house.guest("ada").deposit()
    assert house.sql("select kind, record_object_id from version") == [("pdf", None)]
    assert len(house.sql("select id from sealed_object")) == 2  # it, and its passages
    assert house.guest("ada").get(f"/documents/{document}/file").mimetype == "application/pdf"
    assert "that was made of it" not in house.guest("ada").get(f"/documents/{document}").text


def _bomb() -> bytes:
    return papers.docx(KEPT, **{"word/media/picture.png": b"\0" * (80 << 20)})


def _encrypted() -> bytes:
    whole = bytearray(papers.docx(KEPT))
    at = whole.find(b"PK\x01\x02")
    while at >= 0:  # every entry of the directory says that it is encrypted
        whole[at + 8] |= 1
        at = whole.find(b"PK\x01\x02", at + 1)
    return bytes(whole)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("macros.docx", papers.docx(KEPT, **{"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"}), Reason.MACROS),
        ("macros.odt", papers.odt(KEPT, **{"Basic/Standard/Module1.xml": "<x/>"}), Reason.MACROS),
        ("nested.docx", papers.docx(KEPT, **{"word/embeddings/inner.docx": papers.docx(KEPT)}), Reason.EMBEDDED),
        ("program.docx", papers.docx(KEPT, **{"word/media/setup.exe": b"MZ"}), Reason.EMBEDDED),
        ("bomb.docx", _bomb(), Reason.TOO_LARGE),
        ("locked.docx", _encrypted(), Reason.ENCRYPTED),
        ("polyglot.pdf", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;\n" + SAMORIA, Reason.NOT_PDF),
        ("renamed.pdf", FILES["docx"], Reason.NOT_PDF),
        ("renamed.docx", SAMORIA, Reason.NOT_OFFICE),
        ("renamed.xlsx", FILES["docx"], Reason.EMBEDDED),
        ("renamed.odt", papers.zipped({"mimetype": "application/zip", "content.xml": "<x/>"}), Reason.NOT_OFFICE),
        ("report.exe", SAMORIA, Reason.NOT_TAKEN),
        ("report.doc", FILES["docx"], Reason.NOT_TAKEN),
        ("report", SAMORIA, Reason.NOT_TAKEN),
        (
            "tracked.docx",
            papers.docx(KEPT, raw='<w:p><w:ins w:id="1" w:author="A">' + papers.run("new") + "</w:ins></w:p>"),
            Reason.TRACKED,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_more_or_less_than_a_document_is_refused_with_what_to_do(
    house: House, name: str, content: bytes, reason: Reason
) -> None:
    assert refused(house, content, name) == SENTENCES[reason]
    deposited(house, "docx")


def test_a_converter_that_hangs_refuses_the_file_and_the_next_one_is_taken(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    object.__setattr__(house.parts, "office", Office(enabled=True, bubble=Bubble(seconds=0.2)))
    assert refused(house, FILES["docx"], "slow.docx") == SENTENCES[Reason.TOO_SLOW]
    object.__setattr__(house.parts, "office", Office(enabled=True, bubble=Bubble()))
    deposited(house, "docx")


def test_a_portal_that_takes_pdf_only_says_so_on_the_page_and_at_the_door(house: House) -> None:
    object.__setattr__(house.parts, "office", Office(enabled=False, bubble=Bubble()))
    for content in (FILES["docx"], papers.docx(KEPT, **{"word/vbaProject.bin": b"x"})):  # it is not even looked into
        assert refused(house, content, "report.docx") == SENTENCES[Reason.PDF_ONLY]
    document = house.guest("ada").register()
    page = house.guest("ada").get(f"/documents/{document}").text
    assert 'accept=".pdf"' in page
    assert "docx" not in page
    assert house.guest("ada").upload(document, SAMORIA).status_code == 201


def test_a_name_keeps_its_ending_however_long_it_is() -> None:
    assert clean_name("r" * 250 + ".docx") == "r" * 195 + ".docx"
    assert clean_name("C:\\reports\\Mission report.pdf") == "Mission report.pdf"
    assert clean_name("") == "document.pdf"


def test_the_page_says_which_files_are_taken_and_what_becomes_of_them(house: House) -> None:
    page = house.guest("ada").get(f"/documents/{house.guest('ada').register()}").text
    assert 'accept=".pdf,.docx,.odt,.xlsx,.ods,.pptx,.odp"' in page
    assert "the file itself stays as it came" in page


def test_no_word_of_it_stands_on_a_disk(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    content = FILES["docx"]
    deposited(house, "docx")
    stored = house.everything_at_rest() | {path.name: path.read_bytes() for path in temporary.rglob("*") if path.is_file()}
    zipped = zipfile.ZipFile(BytesIO(content)).infolist()[0].filename.encode()
    for name, found in stored.items():
        for word in (b"Kestrel", b"%PDF-", b"Mission report", zipped):
            assert word not in found, (name, word)


def test_shredding_destroys_the_pdf_of_record_with_the_file(house: House) -> None:
    document = deposited(house, "docx")
    assert len(house.objects()) == 6  # the file, its PDF and its passages, each with a header
    assert propose(house, document).status_code == 302
    answer = confirm(house, document)
    assert answer.status_code == 302, answer.text
    assert house.sql("select object_id from key_wrap") == []
    assert house.objects() == set()


def test_the_export_for_recovery_names_both(house: House, tmp_path: Path) -> None:
    deposited(house, "docx")
    assert command(house, "recover", "export", str(tmp_path / "export")) == 0
    manifest = json.loads((tmp_path / "export" / "CTED" / "manifest.json").read_text())
    assert sorted((entry["what"], entry["name"].rsplit(".", 1)[1]) for entry in manifest["objects"]) == [
        ("original", "docx"),
        ("passages", "json"),
        ("record", "pdf"),
    ]


def test_an_object_that_is_missing_is_told_with_its_document_also_if_it_is_the_pdf_of_record(house: House) -> None:
    document = deposited(house, "docx")
    with house.parts.read() as uow:
        record = UUID(house.sql("select record_object_id from version")[0][0])
        assert str(uow.documents.of_object(record)) == document


def test_the_pdf_of_record_counts_for_the_quota(template: Path, tmp_path: Path, house_s3: S3Server | None) -> None:
    def small(folder: Path) -> None:
        file = folder / "config.toml"
        file.write_text(file.read_text() + f"\n[uploads]\nbody_bytes = {len(FILES['docx']) + 1000}\n")

    opened = open_house(template, tmp_path / "small", DIRECTORATE, house_s3, change=small)
    try:
        document = opened.guest("ada").register()
        assert opened.guest("ada").upload(document, FILES["docx"], "Mission report.docx").status_code == 507
        assert opened.objects() == set()
    finally:
        opened.close()


def children_of(pid: int) -> set[int]:
    """The processes that descend from this one."""
    parents = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit():
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    found: set[int] = set()
    new = {pid}
    while new := {child for child, parent in parents.items() if parent in new} - found:
        found |= new
    return found


def runs(pid: int, program: str) -> bool:
    try:
        return program.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def test_a_portal_that_is_killed_in_the_middle_of_a_conversion_leaves_no_process_and_no_file(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    guest = house.guest("ada")
    document = guest.register()
    house.parts.database.engine.dispose()  # a connection belongs to one process
    if house.s3:
        house.parts.vault._store._line.clear()
    portal = os.fork()
    if portal == 0:
        try:
            guest.upload(document, FILES["docx"], "Mission report.docx")
        finally:
            os._exit(0)
    begun: set[int] = set()
    for _ in range(1200):
        begun = children_of(portal)
        if any(runs(pid, "document.docx") and "soffice" in Path(f"/proc/{pid}/comm").read_text() for pid in begun):
            break
        time.sleep(0.05)
    os.kill(portal, signal.SIGKILL)
    os.waitpid(portal, 0)
    assert len(begun) >= 3, "it was never converted"
    for _ in range(200):
        if not any(runs(pid, "document.docx") for pid in begun):  # a zombie has no words
            break
        time.sleep(0.05)
    else:
        pytest.fail("a process of the conversion lives on")
    assert list(temporary.iterdir()) == []
    assert house.sql("select id from version") == []
    collect_orphans(house)
    assert house.objects() == set()
    assert guest.upload(document, FILES["docx"], "Mission report.docx").status_code == 201
