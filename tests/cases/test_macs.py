"""Which columns the MACs of rows cover that open or destroy: every one fixed at creation, and no two rows share their bytes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import inspect

from portal.audit.checks import LogCheck, check_bytes
from portal.confidentiality.models import Request
from portal.confidentiality.places import RequestPlace, request_place_bytes
from portal.confidentiality.request_acts import RequestAct, request_act_bytes
from portal.confidentiality.statements import request_bytes
from portal.confidentiality.visit_requests import VisitRequest, visit_request_bytes
from portal.documents.keeping import KeepingAct, keeping_bytes
from portal.documents.models import Version, version_bytes
from portal.identity.person_acts import PersonAct, person_act_bytes
from portal.kernel.sealing import Sealed
from portal.policy.changes import PolicyAct, act_bytes
from portal.sharing.models import Decision, Proposal, Share
from portal.sharing.readings import PageReading, page_reading_bytes
from portal.sharing.remarks import Remark, remark_bytes
from portal.sharing.statements import decision_bytes, proposal_bytes, share_bytes
from portal.sharing.transfers import PreparedCopy, Transfer, TransferStep, copy_bytes, step_bytes, transfer_bytes
from tests.common.house import House, proposal_of, shared

NOW = datetime(2026, 11, 24, tzinfo=UTC)
#: Not fixed at creation: the MAC itself, and what a later request takes away. `ends_at` and `opens_at` decide nothing: the terms do.
LATER = {"mac", "covers_all_requests", "ends_at", "opens_at"}
#: The name of a version's file goes when it is shredded; the words of a remark when the share is closed or the document shredded.
GOES = {(Version, "file_name"), (Remark, "for_originator"), (Remark, "for_recipient")}
#: What was typed of a transfer goes with the document.
GOES |= {(Transfer, "for_originator"), (Transfer, "for_recipient"), (TransferStep, "reason")}


def value(kind: type, *, other: bool) -> Any:
    if issubclass(kind, UUID):
        return uuid4()
    if issubclass(kind, datetime):
        return NOW + timedelta(seconds=1) if other else NOW
    if issubclass(kind, date):
        return date(2027, 1, 2 if other else 1)
    if issubclass(kind, bool):
        return not other
    if issubclass(kind, Sealed):
        return Sealed(b"other" if other else b"one")
    if issubclass(kind, bytes):
        return b"other" if other else b"one"
    return kind("2" if other else "1")


def kind_of(column: Any) -> type:
    name = type(column.type).__name__
    return {"Instant": datetime, "SealedText": Sealed}.get(name) or column.type.python_type


def row(model: type) -> Any:
    return model(**{name: value(kind_of(attribute.columns[0]), other=False) for name, attribute in inspect(model).column_attrs.items()})


PROPOSAL = row(Proposal)
STATEMENTS = {
    Proposal: proposal_bytes,
    Share: share_bytes,
    Decision: lambda decision: decision_bytes(decision, PROPOSAL),
    KeepingAct: keeping_bytes,
    LogCheck: check_bytes,
    PersonAct: person_act_bytes,
    Request: request_bytes,
    RequestAct: request_act_bytes,
    RequestPlace: request_place_bytes,
    Version: version_bytes,
    VisitRequest: visit_request_bytes,
    PolicyAct: act_bytes,
    PageReading: page_reading_bytes,
    Remark: remark_bytes,
    Transfer: transfer_bytes,
    TransferStep: step_bytes,
    PreparedCopy: copy_bytes,
}


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (model, name)
        for model in STATEMENTS
        for name, _ in inspect(model).column_attrs.items()
        if name not in LATER and (model, name) not in GOES
    ],
)
def test_a_changed_column_changes_what_the_mac_covers(model: type, name: str) -> None:
    one = row(model)
    before = STATEMENTS[model](one)
    setattr(one, name, value(kind_of(inspect(model).column_attrs[name].columns[0]), other=True))
    assert STATEMENTS[model](one) != before


def test_a_decision_is_bound_to_its_very_proposal() -> None:
    decision, other = row(Decision), row(Proposal)
    other.mac = b"another mac"
    assert decision_bytes(decision, PROPOSAL) != decision_bytes(decision, other)


def test_letters_moved_from_one_column_to_the_next_change_what_the_mac_covers() -> None:
    one = row(Share)
    one.originator, one.recipient = "AB", "C"
    before = share_bytes(one)
    one.originator, one.recipient = "A", "BC"
    assert share_bytes(one) != before


@pytest.mark.parametrize(
    "change",
    ["verdict = 'approved'", "decided_by = '00000000000000000000000000000001'", "decided_at = decided_at + 1", "mac = x'00'"],
)
def test_an_edited_decision_is_an_alarm(house: House, change: str) -> None:
    ada, dana = house.guest("ada"), house.guest("dana")
    document = ada.deposit()
    ada.prepare(document)
    ada.propose(document)
    proposal = proposal_of(house)
    assert dana.post(f"/approvals/{proposal}/decline").status_code == 302
    assert house.sql("select verdict from decision") == [("declined",)]
    house.sql(f"update decision set {change}")
    assert dana.approve(proposal).status_code == 500
    assert house.events()[-1] == ("share.approved", "failed", "tampered")


def test_a_deleted_decision_does_not_reopen_what_was_shared(house: House) -> None:
    shared(house, withheld="")
    house.sql("delete from decision")
    assert house.guest("dana").approve(proposal_of(house)).status_code >= 400
    assert house.sql("select count(*) from share") == [(1,)]


def test_a_caveat_taken_away_in_the_database_opens_nothing(house: House) -> None:
    _, share = shared(house, withheld="")
    house.sql("update document set caveats = 'ORCON'")
    assert house.guest("omar").get(f"/received/{share}/pages/1").status_code == 500
    assert house.events()[-1] == ("share.page_read", "failed", "label_mismatch")
