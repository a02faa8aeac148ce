"""Child only: puremagic's opinion of a file. It knows many kinds by their bytes; a file that looks more like another kind is refused."""

from typing import Any

import puremagic

from portal.confidentiality.render.refusal import JobRefused, Reason

_LOOKED_AT = 1 << 16
#: Kinds that begin alike, so that puremagic cannot tell them apart: by the bytes alone one is as good as another.
_PDF = frozenset({".pdf", ".fdf", ".ai"})
_ZIP = frozenset({".zip", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp"})


def demand_recognised(content: Any, kind: str) -> None:
    """Raises `JobRefused` unless nothing else is recognised with more confidence. Leaves the file at its beginning."""
    content.seek(0)
    looked_at = content.read(_LOOKED_AT)
    content.seek(max(0, content.seek(0, 2) - _LOOKED_AT))
    looked_at += content.read(_LOOKED_AT)
    content.seek(0)
    alike, refusal = (_PDF, Reason.NOT_PDF) if kind == "pdf" else (_ZIP, Reason.NOT_OFFICE)
    try:
        found = puremagic.magic_string(looked_at)
    except (puremagic.PureError, ValueError) as error:
        raise JobRefused(refusal) from error
    best = max(match.confidence for match in found)
    if not any(match.extension in alike and match.confidence >= best for match in found):
        raise JobRefused(refusal)
