"""From what cases return to what templates show: addresses and verbs, nothing else."""

from typing import Any

from flask import url_for

from portal.cases.newer import Beside
from portal.cases.show_documents import Row
from portal.cases.show_home import HomeView
from portal.cases.show_keeping import WaitingRow
from portal.cases.show_shares import ProposalRow, ReceivedRow
from portal.kernel.actions import Action
from portal.web.ends_page import due_groups
from portal.web.onward_page import onward_row
from portal.web.remarks_page import questions_group
from portal.web.transfers_page import transfers_group

VERBS = {
    "File to send": "Send the file",
    "To be prepared again": "Prepare",
    "Not yet shared": "Prepare",
    "Prepared, not yet proposed": "Propose",
}
#: Where home sends those who oversee: the list's action, its door, its name, what one finds there.
SHORTCUTS = {
    Action.AUDIT_READ: ("audit.index", "Read the log", "Who did and saw what, for everything that touches your body."),
    Action.PERSON_LIST: ("people.index", "People", "Accounts of your body. You can close an account; its sessions end at once."),
    Action.POLICY_READ: ("policy.index", "Rules", "Which rules decide who may do what, and which changes of them are proposed."),
}


def document_row(row: Row) -> dict[str, Any]:
    return {
        "href": url_for("documents.show", document_id=row.id),
        "title": row.title,
        "symbol": row.symbol,
        "kind_words": row.kind_words,
        "level": row.level,
        "state_names": list(row.state_names),
        "visit": row.visit,
        "status": row.status,
        "at": row.at,
    }


def received_rows(rows: list[ReceivedRow]) -> list[dict[str, Any]]:
    return [
        {
            "available": row.available,
            "href": url_for("received.show", share_id=row.id),
            "title": row.title,
            "symbol": row.symbol,
            "level": row.level,
            "from_short": row.from_short,
            "received_at": row.received_at,
            "terms": row.terms_words,
            "terms_words": row.terms_words,
            "line": f"from the {row.from_short}" if row.available else "",
            "talk": row.talk,
            "status": received_status(row),
            "beside": beside(row),
            "confirmed_at": row.confirmed_at,
            "may_confirm": row.may_confirm,
        }
        for row in rows
    ]


def beside(row: ReceivedRow) -> dict[str, Any]:
    """What else of the same document this person may read: the newer one; where there is none, the other languages."""
    found = row.beside
    others = () if found.newer is not None else found.others
    return {
        "newer": None if found.newer is None else _link(found.newer),
        "others": [_link(one) for one in others],
        "language_words": found.language_words if found.newer is not None or others else "",
    }


def _link(one: Beside) -> dict[str, Any]:
    return {"href": url_for("received.show", share_id=one.id), "language_words": one.language_words, "released_at": one.released_at}


def received_status(row: ReceivedRow) -> tuple[str, str]:
    if not row.available:
        return "late", "No longer available"
    return ("wait", "To acknowledge") if row.acknowledged_at is None else ("done", "Acknowledged")


def proposal_row(row: ProposalRow) -> dict[str, Any]:
    return {
        "title": row.title,
        "symbol": row.symbol,
        "level": row.level,
        "href": url_for("documents.show", document_id=row.document_id),
        "recipient_short": row.recipient_short,
        "proposed_by": row.proposed_by,
        "proposed_at": row.proposed_at,
        "withheld_words": row.withheld_words,
        "status": row.status,
    }


def waiting_groups(view: HomeView) -> list[dict[str, Any]]:
    """Home's queue: first what only a second officer can do, then the person's own documents."""
    groups = []
    if view.proposals:
        rows = [
            {
                "title": row.title,
                "href": url_for("documents.show", document_id=row.document_id),
                "symbol": row.symbol,
                "line": f"to the {row.recipient_short}, proposed by {row.proposed_by}",
                "level": row.level,
                "verb": "Decide",
            }
            for row in view.proposals
        ]
        groups.append({"label": "To decide as second officer", "rows": rows})
    if view.onward:
        groups.append({"label": "Asked to pass on", "rows": [onward_row(row) for row in view.onward]})
    groups += questions_group(view)
    for label, waiting, anchor, words, verb in (
        (
            "To decide as second officer: what is kept back",
            view.requests.liftings,
            "requests",
            "to be lifted or narrowed, proposed by",
            "Decide",
        ),
        ("To decide as second officer: a lower level", view.due.lowerings, "dates", "to be lowered, proposed by", "Decide"),
        ("To confirm as second officer: shredding", view.shreddings, "keeping", "to be shredded, proposed by", "Decide"),
        ("To confirm as second officer: requests", view.requests.to_confirm, "requests", "recorded by", "Confirm"),
        ("States that did not answer in time", view.requests.unanswered, "consultation", "no objection recorded; asked by", "Record"),
        ("Versions: where does what is kept back stand?", view.requests.to_place, "versions", "no place in it yet; sent by", "Say where"),
        ("Requests due for review", view.requests.due, "requests", "the day is over; recorded by", "Review"),
    ):
        if waiting:
            groups.append({"label": label, "rows": [_waiting_row(row, anchor, words, verb) for row in waiting]})
    groups += due_groups(view)
    if view.policy_changes:
        title = "Other rules are proposed" if view.policy_changes == 1 else f"{view.policy_changes} changes of the rules are proposed"
        row = {"title": title, "href": url_for("policy.index"), "symbol": "", "line": "", "level": None, "verb": "Decide"}
        groups.append({"label": "To decide for your body", "rows": [{**row, "line": "two bodies have to approve"}]})
    if answers := [row for row in view.received or [] if row.may_acknowledge or row.may_confirm]:
        rows = [_answer_row(row) for row in answers]
        groups.append({"label": "Received, to be answered", "rows": rows})
    groups += transfers_group(view)
    if view.documents:
        rows = [
            {
                "title": row.title,
                "href": url_for("documents.show", document_id=row.id),
                "symbol": row.symbol,
                "line": row.status[1],
                "level": row.level,
                "verb": VERBS.get(row.status[1], "Open"),
            }
            for row in view.documents
        ]
        groups.append({"label": "Not yet shared", "rows": rows})
    return groups


def _waiting_row(row: WaitingRow, anchor: str, words: str, verb: str) -> dict[str, Any]:
    return {
        "title": row.title,
        "href": url_for("documents.show", document_id=row.document_id, _anchor=anchor),
        "symbol": row.symbol,
        "line": f"{words} {row.proposed_by}",
        "level": row.level,
        "verb": verb,
    }


def _answer_row(row: ReceivedRow) -> dict[str, Any]:
    return {
        "title": row.title or "No longer available",
        "href": url_for("received.show", share_id=row.id),
        "symbol": row.symbol,
        "line": _answer_line(row),
        "level": row.level,
        "verb": "Read and acknowledge" if row.available else "Confirm",
    }


def _answer_line(row: ReceivedRow) -> str:
    if not row.available:
        return ""
    return f"from the {row.from_short}" + (", since followed by a newer version" if row.beside.newer is not None else "")


def shortcuts(view: HomeView) -> list[dict[str, str]]:
    found = [SHORTCUTS[action] for action in view.places]
    return [{"href": url_for(door), "label": label, "text": text} for door, label, text in found]
