"""`portal passages IN.pdf` and `portal render IN.pdf --withhold … -o OUT.pdf`: the engine without a portal; no configuration, no database.

Exit codes: 0 done (and proved), 2 wrong use or a file that cannot be read, 3 the proof found a leak and nothing was written.
"""

import argparse
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portal.cases.loose_file import NUMBERED, Alike, Kind, LeakFound, Outlined, Passage, Rendered, outline_file, render_file
from portal.kernel.errors import Invalid, Misconfigured

COMMANDS = frozenset({"passages", "render"})
_TEXT = 60  # letters of a passage that are shown


def add_render(commands: Any) -> None:
    found = commands.add_parser("passages", help="the numbered passages of a PDF, with their labels and places; needs no portal")
    found.add_argument("file", metavar="IN.pdf")
    found.add_argument("--json", action="store_true", help="for a program to read, with the text and boxes of each")
    made = commands.add_parser("render", help="a PDF without what is withheld, proved; needs no portal")
    made.add_argument("file", metavar="IN.pdf")
    what = "a label as `passages` prints it, a box p3:0.10,0.20,0.90,0.40 (fractions of page 3 from its top left), or a page p3; repeatable"
    made.add_argument("--withhold", action="append", default=[], metavar="WHAT", help=what)
    made.add_argument("-o", "--output", required=True, metavar="OUT.pdf")
    made.add_argument("--title", default="Rendition", help="written into the file, so let it be neutral (default: Rendition)")
    made.add_argument("--language", default="en", help="of the text, by its code (default: en)")


def render(arguments: argparse.Namespace) -> int:
    """Either command. What is wrong with its use or its file is told on standard error."""
    try:
        return _passages(arguments) if arguments.command == "passages" else _render(arguments)
    except LeakFound as leak:
        for finding in leak.findings:
            print(f"LEAK  {finding.kind.value} on {f'page {finding.page}' if finding.page else 'the file as a whole'}", file=sys.stderr)
        print(f"portal: nothing was written: {leak.public}", file=sys.stderr)
        return 3
    except Invalid as error:
        print(f"portal: {' '.join(error.faults.values()) or error.public}", file=sys.stderr)
        return 2


def _passages(arguments: argparse.Namespace) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that cannot show a script must not end the command
    outlined = outline_file(Path(arguments.file).read_bytes())
    print(_as_json(outlined) if arguments.json else "\n".join(_told(outlined)))
    return 0


def _render(arguments: argparse.Namespace) -> int:
    source, output = Path(arguments.file), Path(arguments.output)
    content = source.read_bytes()
    if output.exists() and output.samefile(source):
        raise Misconfigured(f"{output} is the file itself: name another file with -o")
    if not output.parent.is_dir():
        raise Misconfigured(f"there is no folder {output.parent}: make it, or name another file with -o")
    made = render_file(content, arguments.withhold, title=arguments.title, language=arguments.language)
    _write(output, made.pdf)
    print("\n".join(_told_rendered(output, made)))
    return 0


def _write(output: Path, content: bytes) -> None:
    """All of it or nothing."""
    with tempfile.NamedTemporaryFile(dir=output.parent, prefix=f".{output.name}.", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(output)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _told(outlined: Outlined) -> Iterator[str]:
    passages = outlined.found.passages
    numbered = [passage for passage in passages if passage.kind in NUMBERED]
    others = [passage for passage in passages if passage.label and passage.kind not in NUMBERED]
    wide = max((len(passage.label) for passage in [*numbered, *others]), default=0)
    yield from (_line(passage, wide) for passage in numbered)
    if others:
        yield "Also, to be withheld by these labels:"
        yield from (_line(passage, wide) for passage in others)
    named = {note for passage in passages for note in passage.notes}
    for passage in others:
        if passage.kind is Kind.FOOTNOTE and passage.label not in named:
            yield f"WARNING  no mark in the text refers to {passage.label}: withhold it by its own label where its paragraph goes"
    if outlined.alike:
        yield "The same wording (twelve words or more) stands in:"
        yield from (_pair(pair) for pair in outlined.alike)
    yield f"{len(numbered)} labels on {outlined.found.pages} pages; look whether they are right: what has no text layer is not found."


def _line(passage: Passage, wide: int) -> str:
    pages = ", ".join(map(str, passage.pages))
    notes = f"  [{', '.join(passage.notes)}]" if passage.notes else ""
    return f"{passage.label:<{wide}}  p{pages:<6} {passage.text[:_TEXT]}{'…' if len(passage.text) > _TEXT else ''}{notes}"


def _pair(pair: Alike) -> str:
    return f"  {pair.one} and {pair.other} ({pair.times} {'time' if pair.times == 1 else 'times'})"


def _as_json(outlined: Outlined) -> str:
    passages = outlined.found.passages
    numbered = [_value(passage) for passage in passages if passage.kind in NUMBERED]
    others = [_value(passage) for passage in passages if passage.kind not in NUMBERED]
    pairs = [[pair.one, pair.other, pair.times] for pair in outlined.alike]
    whole = {"pages": outlined.found.pages, "labels": len(numbered), "passages": numbered, "others": others, "alike": pairs}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def _value(passage: Passage) -> dict[str, object]:
    boxes = [{"page": box.page, "edges": list(box.edges)} for box in passage.boxes]
    head = {"label": passage.label, "kind": passage.kind.value, "pages": list(passage.pages)}
    return {**head, "boxes": boxes, "notes": list(passage.notes), "text": passage.text}


def _told_rendered(output: Path, made: Rendered) -> Iterator[str]:
    for repeat in made.proof.repeated:
        yield f"WARNING  page {repeat.page} still shows wording of what is withheld ({repeat.sequences} times four words): must it go too?"
    if made.alike:
        yield "WARNING  the same wording (twelve words or more) stands in:"
        yield from (_pair(pair) for pair in made.alike)
    whole = {box.page for box in made.withheld.grown if box.whole} | made.withheld.pages
    if whole:
        yield f"Withheld altogether: page {', '.join(map(str, sorted(whole)))}"
    yield f"Proved: {output}, {made.pages} pages, without {made.withheld.words or 'anything left out'} ({made.proof.engine})"
