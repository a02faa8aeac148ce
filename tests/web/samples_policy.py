"""Invented contexts for the page of the rules."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from portal.cases.show_policy import AnswerRow, ChangeRow, ConsentRow, DifferenceRow, PolicyView, difference_row
from portal.policy.draft import Difference

Context = dict[str, Any]
AT = datetime(2026, 11, 24, 14, 32, tzinfo=UTC)
HASHES = ("5b7d1f0e93a24c68" * 4, "c09e4a7715fd2b83" * 4)
DOWNLOAD = """@id("P28-download-original")
@reason("Those who send, keep back and release take the original of a document of their own body out of the portal.")
permit (principal, action == Action::"version:download", resource)
when {
  principal.body == resource.originator &&
  principal in [Role::"uploader", Role::"confidentiality_officer", Role::"releasing_officer"]
};"""
FEWER = DOWNLOAD.replace('Role::"uploader", ', "").replace("Those who send, keep back and release", "Those who keep back and release")
DIFFERENCES: list[DifferenceRow] = [
    difference_row(Difference("P28-download-original", DOWNLOAD, FEWER)),
    difference_row(
        Difference("F29-leave", "", '@id("F29-leave")\n@reason("This body is closed today.")\nforbid (principal, action, resource);')
    ),
]


SHIFTS = [
    AnswerRow(
        gained=True,
        factor_only=False,
        act="read its pages",
        action="share:read",
        whose="Reviewer, Directorate and Office",
        when=["State: Suspended or recalled", "Under embargo: Yes"],
    ),
    AnswerRow(
        gained=False,
        factor_only=False,
        act="take the original out",
        action="version:download",
        whose="Uploader, Directorate and Office",
        when=[],
    ),
    AnswerRow(gained=True, factor_only=True, act="shred", action="document:shred", whose="Releasing officer, Office", when=[]),
]


def _change(n: int, status: tuple[str, str], **more: Any) -> ChangeRow:
    row: dict[str, Any] = {
        "differences": DIFFERENCES,
        "shifts": SHIFTS,
        "not_compared": [],
        "consents": [],
        "ours": False,
        "open": True,
        "answers": True,
        **more,
    }
    return ChangeRow(id=UUID(int=n), hash=HASHES[n % 2], at=AT, status=status, **row)


def _page(*changes: ChangeRow) -> Context:
    rows = [
        {
            "row": row,
            "approve_url": "policy.html" if row.open and row.answers and not row.ours else None,
            "withdraw_url": "policy.html" if row.open and row.answers else None,
        }
        for row in changes
    ]
    return {"view": PolicyView(hash=HASHES[0], rules=76, changes=changes), "rows": rows, "ask_url": "what_if.html"}


OFFICE = ConsentRow(body_short="Office", by="An officer of the Office", at=AT)
OURS = ConsentRow(body_short="Directorate", by="Sol Ibarra", at=AT)
POLICY = _page(
    _change(1, ("wait", "One body approved"), consents=[OFFICE]),
    _change(2, ("late", "Withdrawn"), open=False, differences=[], shifts=[], not_compared=["share:seal"]),
)
POLICY_APPROVED = _page(_change(1, ("done", "Approved"), consents=[OFFICE, OURS], ours=True, shifts=None))
POLICY_EMPTY = _page()
