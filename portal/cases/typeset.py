"""Papers: a template of ours, and words as data, become a PDF, in this process, with no file read but the template.

Words are never part of the template's source, so nothing in them is obeyed. The fonts come with the compiler; this machine's are not looked
at, and the same words give the same bytes everywhere. The PDF is tagged for screen readers (PDF/UA-1) and fit for an archive (PDF/A-2a);
both forbid a sign without a shape, so a sign that the fonts lack fails, and is then spelled by its code instead of being shown as a box.
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

#: The templates, each in a folder of its own that holds nothing else: all that the compiler may read.
_PAPERS = Path(__file__).parent / "papers"
#: Latin, Greek and Cyrillic; then Arabic.
_FONTS = ("Libertinus Serif", "DejaVu Sans Mono")
#: Signs that turn the order of what follows: nobody's name may rearrange a line.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def typeset(paper: str, words: Mapping[str, Any]) -> bytes:
    """The PDF of this paper. `words`: what JSON holds; the template also reads `spelled`, whether some signs stand as their codes."""
    given = json.loads(json.dumps(words))
    told = _spelled(given, _TURNS.isdisjoint)
    try:
        return _compiled(paper, {**told, "spelled": told != given})
    except typst.TypstError:
        shown = _spelled(told, _is_shown)
        if shown == told:
            raise
        return _compiled(paper, {**shown, "spelled": True})


def _compiled(paper: str, words: Mapping[str, Any]) -> bytes:
    folder = _PAPERS / paper
    return typst.compile(
        folder / f"{paper}.typ",
        root=folder,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"words": json.dumps({**words, "fonts": _FONTS})},
        pdf_standards=["ua-1", "a-2a"],
        package_path=folder,
        package_cache_path=folder,
    )


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


def _spelled(value: Any, keeps: Callable[[str], bool]) -> Any:
    """The same, with `[U+65E5]` and so on in place of every sign that is not kept."""
    if isinstance(value, str):
        return "".join(sign if keeps(sign) else f"[U+{ord(sign):04X}]" for sign in value)
    if isinstance(value, dict):
        return {key: _spelled(part, keeps) for key, part in value.items()}
    return [_spelled(part, keeps) for part in value] if isinstance(value, list) else value


@lru_cache(maxsize=4096)
def _is_shown(sign: str) -> bool:
    """Have the fonts a shape for this sign?"""
    try:
        _compiled("sign", {"sign": sign})
    except typst.TypstError:
        return False
    return True
