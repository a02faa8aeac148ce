"""`portal passages` and `portal render` as processes of their own, where there is no portal: no configuration, no database."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

from portal.cases.loose_file import render_file
from portal.kernel.errors import Invalid
from tests.rooms.render.papers import mentions
from tools.passages.languages import LANGUAGES
from tools.passages.reports import Block, report
from tools.passages.sheets import TUNED, sheet
from tools.tour.stage import ROOT

SECRET = ["Kestrel", "met", "Heron", "at", "the", "northern", "jetty", "before", "dawn", "and", "handed", "the", "blue", "folder", "over"]


def portal(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    command = [sys.executable, "-m", "portal", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A report whose second paragraph is secret; its third repeats a part of it."""
    blocks = [
        Block("paragraph", "§1", "1.", ["The", "mission", "visited", "border", "posts", "and", "met", "officials."]),
        Block("paragraph", "§2", "2.", [*SECRET, "twice."]),
        Block("item", "§2(a)", "(a)", ["Kestrel", "came", "back", "alone."]),
        Block("paragraph", "§3", "3.", ["Later", *SECRET, "again."]),
    ]
    path = tmp_path / "report.pdf"
    path.write_bytes(sheet(LANGUAGES["en"], blocks, TUNED[0]))
    return path


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_passages_are_listed_by_label_and_page(file: Path) -> None:
    done = portal(file.parent, "passages", "report.pdf")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()[:4]] == ["§1", "§2", "§2(a)", "§3"]
    assert "§2 and §3 (" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("4 labels on 1 pages")


def test_passages_are_listed_for_a_program(file: Path) -> None:
    said = json.loads(portal(file.parent, "passages", "report.pdf", "--json").stdout)
    assert (said["pages"], said["labels"]) == (1, 4)
    second = said["passages"][1]
    assert (second["label"], second["kind"], second["pages"]) == ("§2", "paragraph", [1])
    assert second["text"].startswith("2. Kestrel met Heron")
    assert all(0 <= edge <= 1 for box in second["boxes"] for edge in box["edges"])


def test_a_passage_of_any_script_is_printed_on_any_terminal(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(sheet(LANGUAGES["ar"], report(LANGUAGES["ar"], 1), TUNED[0]))
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    for options in ([], ["--json"]):
        command = [sys.executable, "-m", "portal", "passages", "report.pdf", *options]
        assert subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False, timeout=120).returncode == 0


def test_what_is_withheld_is_not_in_the_rendition_and_that_is_proved(file: Path) -> None:
    done = portal(file.parent, "render", "report.pdf", "--withhold", "§2", "--withhold", "p1:0.1,0.5,0.9,0.6", "-o", "out.pdf")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("Proved: out.pdf, 1 pages, without 3 passages on page 1")
    assert "WARNING  page 1 still shows wording of what is withheld" in done.stdout
    assert "§2 and §3 (" in done.stdout
    assert not mentions((file.parent / "out.pdf").read_bytes(), "twice")
    assert not mentions((file.parent / "out.pdf").read_bytes(), "alone")
    assert left(file.parent) == ["out.pdf", "report.pdf"]


def test_a_label_is_taken_however_it_is_spaced(file: Path) -> None:
    made = render_file(file.read_bytes(), ["§ 2 (a)", "2(a)", "§2(a).", "§２(a)"], title="Rendition", language="en")
    assert len(made.withheld.boxes) == 1
    assert not mentions(made.pdf, "alone")


def test_a_page_is_withheld_by_its_number(file: Path) -> None:
    done = portal(file.parent, "render", "report.pdf", "--withhold", "p1", "-o", "out.pdf")
    assert done.returncode == 0
    assert "Withheld altogether: page 1" in done.stdout
    assert not mentions((file.parent / "out.pdf").read_bytes(), "mission")


def test_the_same_file_gives_the_same_bytes(file: Path) -> None:
    made = [render_file(file.read_bytes(), ["§2"], title="Rendition", language="en").pdf for _ in range(2)]
    assert made[0] == made[1]


def test_a_leak_is_told_with_its_place_and_nothing_is_written(file: Path) -> None:
    done = portal(file.parent, "render", "report.pdf", "--withhold", "§2", "--title", "Kestrel met Heron at the jetty", "-o", "out.pdf")
    assert done.returncode == 3
    assert "LEAK  withheld_words on the file as a whole" in done.stderr
    assert "nothing was written" in done.stderr
    assert "Kestrel" not in done.stderr + done.stdout
    assert left(file.parent) == ["report.pdf"]


WRONG = [
    ("§9", {}, "No passage is labelled '§9'. `portal passages` lists the labels"),
    ("§2(z)", {}, "There are, for example: §2, §2(a)."),
    ("", {}, "No passage is labelled ''"),
    ("p2:0.1,0.1,0.2,0.2", {}, "page 2 of 'p2:0.1,0.1,0.2,0.2' is not among them"),
    ("p1:0.1,0.1", {}, "is not a box. Write, for example: p3:0.10,0.20,0.90,0.40"),
    ("p1:0.9,0.1,0.1,0.2", {}, "has no inside"),
    ("p7", {}, "there is no page 7"),
    ("p0", {}, "there is no page 0"),
    ("p1", {"title": ""}, "Give the rendition a title"),
    ("p1", {"language": "en)"}, "Name the language by its code"),
]


@pytest.mark.parametrize(("asked", "options", "said"), WRONG)
def test_wrong_use_is_told_with_what_to_do(file: Path, asked: str, options: dict[str, str], said: str) -> None:
    with pytest.raises(Invalid) as caught:
        render_file(file.read_bytes(), [asked], **({"title": "Rendition", "language": "en"} | options))
    assert said in " ".join(caught.value.faults.values())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["render", "report.pdf", "--withhold", "§9", "-o", "out.pdf"], "No passage is labelled '§9'"),
        (["render", "report.pdf", "--withhold", "p1:0.1,0.1", "-o", "out.pdf"], "is not a box"),
        (["render", "report.pdf", "-o", "report.pdf"], "is the file itself"),
        (["render", "report.pdf", "-o", "nowhere/out.pdf"], "there is no folder nowhere"),
        (["render", "report.pdf"], "-o/--output"),
        (["passages", "missing.pdf"], "missing.pdf: No such file"),
        (["passages", "text.pdf"], "This is not a PDF"),
        (["passages", "torn.pdf"], "This file is damaged"),
        (["passages", "locked.pdf"], "protected by a password"),
        (["render", "locked.pdf", "--withhold", "p1", "-o", "out.pdf"], "protected by a password"),
    ],
)
def test_wrong_use_and_an_unreadable_file_end_with_two_and_write_nothing(file: Path, words: list[str], said: str) -> None:
    content, folder = file.read_bytes(), file.parent
    (folder / "text.pdf").write_text("words")
    (folder / "torn.pdf").write_bytes(content[: len(content) // 2])
    locked = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(owner="o", user="u"))
    (folder / "locked.pdf").write_bytes(locked.getvalue())
    before = left(folder)
    done = portal(folder, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert left(folder) == before
    assert file.read_bytes() == content
