"""What every list has: what it is narrowed by stands in its address, and goes along to the next page and to the export."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request, url_for

from portal.cases.listing import Choice, Page, Total


def narrowed(*names: str) -> dict[str, str]:
    """What was chosen of these, without surrounding blanks and what is empty."""
    return {name: text for name in names if (text := request.args.get(name, "").strip()[:200])}


def list_context(door: str, page: Page[Any], total: Total, chosen: Mapping[str, str], choices: Sequence[Choice] = ()) -> dict[str, Any]:
    """For templates: how to go on, how much there is, what was chosen and what else can be."""
    where: dict[str, Any] = dict(chosen)
    return {
        "older": url_for(f"{door}.index", before=page.older, **where) if page.older else None,
        "total": total.number,
        "more": total.more,
        "chosen": chosen,
        "choices": [
            {"name": one.name, "label": one.label, "chosen": one.chosen, "options": _options(one), "unchosen": one.unchosen}
            for one in choices
        ],
        "list_url": url_for(f"{door}.index"),
        "export_url": url_for(f"exports.{door}", **where) if choices else None,
    }


def _options(choice: Choice) -> list[tuple[str, str]]:
    """(value, words). A chosen value that no row has is told by no words of its own."""
    found = [(option.value, option.words if option.count is None else f"{option.words} ({option.count:,})") for option in choice.options]
    if choice.chosen and choice.chosen not in dict(found):
        found.append((choice.chosen, "Not in this list"))
    return found
