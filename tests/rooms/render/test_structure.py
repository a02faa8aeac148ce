"""Who hears a rendition hears headings, paragraphs, lists, tables and notes, in order and nothing else: as another program tells it."""

import io
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name

from portal.confidentiality.boxes import Withheld
from portal.confidentiality.render.anatomy import Dissection
from portal.confidentiality.render.assemble import serialise
from portal.confidentiality.render.build import BuiltRendition, build
from portal.confidentiality.render.findings import Kind
from portal.confidentiality.render.pack import PackReader
from portal.confidentiality.render.structure import Leaf, Role, parsed, to_json, tree
from portal.confidentiality.render.words import Word
from tests.rooms.render.forgery import SANDBOX, TITLE, examine
from tests.rooms.render.papers import document
from tools.passages.languages import LANGUAGES
from tools.passages.reports import report
from tools.passages.sheets import HELD_OUT, TUNED, sheet

LAYOUTS = {layout.name: layout for layout in (*TUNED, *HELD_OUT)}
SEED = 1  # with a table, notes and items under items in every language
NOTHING = Withheld()


def made(language: str, layout: str, withheld: Withheld = NOTHING) -> tuple[bytes, BuiltRendition]:
    source = sheet(LANGUAGES[language], report(LANGUAGES[language], SEED), LAYOUTS[layout])
    return source, build(SANDBOX, [source], withheld=withheld, title=TITLE, language=language)


def heard(pdf: bytes, folder: Path) -> list[tuple[int, str, str]]:
    """Depth, element and words, as poppler tells the structure."""
    file = folder / "rendition.pdf"
    file.write_bytes(pdf)
    said = subprocess.run(["pdfinfo", "-struct-text", file], capture_output=True, text=True, check=True, timeout=60).stdout
    told: list[tuple[int, str, str]] = []
    for line in said.splitlines():
        depth, text = (len(line) - len(line.lstrip())) // 2, line.strip()
        if text.startswith('"'):
            told[-1] = (*told[-1][:2], f"{told[-1][2]} {text[1:-1].strip()}".strip())
        elif text:
            told.append((depth, text.removesuffix(" (block)").removesuffix(" (inline)"), ""))
    return told


def kept_text(built: BuiltRendition) -> str:
    reader = PackReader(lambda offset, length: built.pack[offset : offset + length])
    return " ".join(reader.page(number).text for number in range(1, reader.pages + 1))


@pytest.mark.parametrize("layout", ["plain", "columns"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_heard_is_what_is_kept(language: str, layout: str, tmp_path: Path) -> None:
    source, built = made(language, layout)
    assert examine(built.pdf, built.pack, source, built.withheld, language=language).ok
    told = heard(built.pdf, tmp_path)
    assert Counter(" ".join(words for _, _, words in told).split()) == Counter(kept_text(built).split())
    elements = {element for _, element, _ in told}
    assert {"Document", "H1", "H2", "P", "L", "LI", "LBody", "Table", "TR", "TD", "Note"} <= elements


def test_headings_pass_over_no_level_and_paragraphs_come_in_their_order(tmp_path: Path) -> None:
    _, built = made("en", "columns")
    told = heard(built.pdf, tmp_path)
    levels = [int(element[1]) for _, element, _ in told if re.fullmatch("H[1-3]", element)]
    assert all(level <= before + 1 for before, level in zip([0, *levels], levels, strict=False))
    numbers = [int(match[1]) for _, element, words in told if element == "P" and (match := re.match(r"(\d+)\. ", words))]
    body = [number for number in numbers if number <= max(numbers)]
    assert body[: len(set(body))] == sorted(set(body))
    assert len(body) > 5


def test_a_paragraph_over_two_pages_is_one(tmp_path: Path) -> None:
    _, built = made("en", "plain")
    with pikepdf.open(io.BytesIO(built.pdf)) as pdf:
        paragraphs = [element for element in pdf.Root.StructTreeRoot.K.K if element.S == Name.P]
        assert any(len({item.Pg.objgen for item in paragraph.K}) == 2 for paragraph in paragraphs)


def test_what_is_not_included_is_said_where_it_stood(tmp_path: Path) -> None:
    source, built = made("en", "plain", Withheld(frozenset({1})))
    assert examine(built.pdf, built.pack, source, built.withheld).ok
    assert heard(built.pdf, tmp_path)[1] == (1, "P", "Not included in this rendition")


def test_nothing_goes_on_behind_what_is_not_included_as_if_it_were_whole(tmp_path: Path) -> None:
    source, built = made("en", "plain", Withheld(frozenset({2})))
    assert examine(built.pdf, built.pack, source, built.withheld).ok
    with pikepdf.open(io.BytesIO(built.pdf)) as pdf:
        number = {page.obj.objgen: at for at, page in enumerate(pdf.pages, start=1)}
        order: list[int] = []
        for element in pdf.Root.StructTreeRoot.K.K:
            leaves = [element] if element.S in (Name.P, Name.H1, Name.H2, Name.H3, Name.Note) else []
            order += [number[item.Pg.objgen] for leaf in leaves for item in leaf.K]
    gone = order.index(2)
    assert set(order[:gone]) == {1}
    assert set(order[gone + 1 :]) == set(range(3, len(number) + 1))


def test_a_rendition_has_a_language_and_a_title() -> None:
    _, built = made("ar", "plain")
    with pikepdf.open(io.BytesIO(built.pdf)) as pdf:
        assert str(pdf.Root.Lang) == "ar"
        assert str(pdf.docinfo.Title) == TITLE
        assert pdf.Root.ViewerPreferences.DisplayDocTitle is True


def test_the_same_file_gives_the_same_bytes() -> None:
    assert made("en", "columns")[1].pdf == made("en", "columns")[1].pdf


def test_lam_and_alef_that_one_sign_draws_keep_their_order(tmp_path: Path) -> None:
    """The sign stands for both; what reads the line from its right end reads the sign's two letters the wrong way round."""
    source = with_ligature()
    built = build(SANDBOX, [source], withheld=Withheld(), title=TITLE, language="ar")
    assert examine(built.pdf, built.pack, source, built.withheld, language="ar").ok
    assert kept_text(built).split() == ["الإرهاب"]
    assert [words for _, _, words in heard(built.pdf, tmp_path) if words] == ["الإرهاب"]
    read = subprocess.run(["pdftotext", tmp_path / "rendition.pdf", "-"], capture_output=True, text=True, check=True, timeout=60).stdout
    assert re.sub("[\u202a-\u202e\\s]", "", read) == "الإرهاب"


def with_ligature() -> bytes:
    """A word of six signs, set from its right end, the second of which draws two letters."""
    signs = ["ا", "لإ", "ر", "ه", "ا", "ب"]
    with pikepdf.open(io.BytesIO(document(lambda canvas: canvas.drawString(40, 250, "x")))) as pdf:
        page = pdf.pages[0].obj
        square = pdf.make_stream(b"600 0 0 0 500 700 d1 0 0 500 700 re f")
        names = [f"/s{at}" for at in range(len(signs))]
        maps = "\n".join(f"<{at + 65:02x}> <{sign.encode('utf-16-be').hex()}>" for at, sign in enumerate(signs))
        head = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange"
        font = Dictionary(
            Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([0, 0, 500, 700]), FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
            CharProcs=Dictionary(dict.fromkeys(names, square)), FirstChar=65, LastChar=70, Widths=Array([600] * 6),
            Encoding=Dictionary(Type=Name.Encoding, Differences=Array([65, *map(Name, names)])), Resources=Dictionary(),
            ToUnicode=pdf.make_stream(f"{head} {len(signs)} beginbfchar\n{maps}\nendbfchar endcmap end end".encode()),
        )  # fmt: skip
        page.Resources = Dictionary(Font=Dictionary(A=pdf.make_indirect(font)))
        page.Contents = pdf.make_stream(b"BT /A 20 Tf 1 0 0 1 60 200 Tm (FEDCBA) Tj ET")
        out = io.BytesIO()
        pdf.save(out)
        return out.getvalue()


# ---- what a forged tree is

Change = Callable[[pikepdf.Pdf], None]


def _elements(pdf: pikepdf.Pdf) -> pikepdf.Array:
    return pdf.Root.StructTreeRoot.K.K


def _less(pdf: pikepdf.Pdf) -> None:
    del _elements(pdf)[0]


def _twice(pdf: pikepdf.Pdf) -> None:
    _elements(pdf).append(_elements(pdf)[0])


def _other_kind(pdf: pikepdf.Pdf) -> None:
    _elements(pdf)[0].S = Name.Figure


def _item_outside_a_list(pdf: pikepdf.Pdf) -> None:
    _elements(pdf)[0].S = Name.LI


def _below_a_paragraph(pdf: pikepdf.Pdf) -> None:
    _elements(pdf)[0].K[0] = _elements(pdf)[1]


def _another_parent(pdf: pikepdf.Pdf) -> None:
    _elements(pdf)[0].P = _elements(pdf)[1]


def _mark_with_a_text(pdf: pikepdf.Pdf) -> None:
    _elements(pdf)[0].K[0].ActualText = pikepdf.String("words")


def _mark_of_another_line(pdf: pikepdf.Pdf) -> None:
    _elements(pdf)[0].K[0].MCID = 77


def _owners_turned(pdf: pikepdf.Pdf) -> None:
    marked = pdf.Root.StructTreeRoot.ParentTree.Nums[1]
    marked[0], marked[len(marked) - 1] = marked[len(marked) - 1], marked[0]


def _lines_in_no_element(pdf: pikepdf.Pdf) -> None:
    gone = _elements(pdf)[0]
    del _elements(pdf)[0]
    numbers = pdf.Root.StructTreeRoot.ParentTree.Nums
    numbers[1] = Array([owner for owner in numbers[1] if owner.objgen != gone.objgen])


FORGED: dict[str, Change] = {
    "an element less": _less,
    "an element twice": _twice,
    "another kind": _other_kind,
    "an item outside a list": _item_outside_a_list,
    "an element below a paragraph": _below_a_paragraph,
    "another parent": _another_parent,
    "a mark with a text": _mark_with_a_text,
    "a mark of another line": _mark_of_another_line,
    "owners turned": _owners_turned,
    "lines in no element": _lines_in_no_element,
}


@pytest.fixture(scope="module")
def honest() -> bytes:
    return made("en", "plain")[1].pdf


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_tree_is_found(name: str, honest: bytes) -> None:
    with pikepdf.open(io.BytesIO(honest)) as pdf:
        FORGED[name](pdf)
        changed = serialise(pdf)
    dissection = Dissection()
    dissection.take_apart(changed)
    assert {finding.kind for finding in dissection.findings} & {Kind.FOREIGN, Kind.ALTERNATIVE}


# ---- what a child may send


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        [["P", 0, []]],
        [["P", 0, [[1, 0]]]],  # a line less
        [["P", 0, [[1, 0], [1, 1], [1, 1]]]],
        [["P", 0, [[1, 0], [1, 1], [2, 0]]]],
        [["P", 0, [[1, 0], [1, True]]]],
        [["Figure", 0, [[1, 0], [1, 1]]]],
        [["P", "0", [[1, 0], [1, 1]]]],
        [["P", 0, [[1, 0], [1, 1]], "words"]],
        [["P", 0, [[1, 0], [1, 1, 2]]]],
    ],
)
def test_a_structure_that_does_not_hold_each_line_once_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parsed(value, [2])


def test_a_structure_crosses_whole() -> None:
    leaves = (Leaf(Role.H1, ((1, 0),)), Leaf(Role.CELL, ((1, 1),), 1))
    assert parsed(to_json(leaves), [2]) == leaves


WORDS = st.sampled_from(["1.", "2.", "(a)", "(b)", "I.", "Annex", "Table", "1", "met", "the", "mission", "ministry.", "第"])
PLACES = st.tuples(st.floats(0, 0.9), st.floats(0, 0.95))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.lists(st.tuples(WORDS, PLACES), min_size=1, max_size=5), max_size=12), min_size=1, max_size=3))
def test_whatever_stands_where_every_line_is_held_once(pages: list[list[list[tuple[str, tuple[float, float]]]]]) -> None:
    kept = [
        ((600.0, 800.0), [tuple(Word(text, (x, y, min(1, x + 0.05), min(1, y + 0.02))) for text, (x, y) in line) for line in lines])
        for lines in pages
    ]
    assert parsed(to_json(tree(kept)), [len(lines) for _, lines in kept]) is not None
