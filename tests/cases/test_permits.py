"""A permit for one thing opens no other: every case asks for its own before it does anything."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest

from portal.cases.answer_share import acknowledge_share, confirm_recall
from portal.cases.answer_transfer import Delivery, receive_transfer, return_transfer
from portal.cases.archive_document import archive_document, unarchive_document
from portal.cases.ask_why import ask_why, choices
from portal.cases.attest_request import attest_request
from portal.cases.build_rendition import enter_rendition, gather_source
from portal.cases.check_log import begin_check
from portal.cases.close_person import close_person
from portal.cases.close_share import recall_share
from portal.cases.consult_state import open_consultation, record_answer
from portal.cases.decide_share import approve_share, decline_share
from portal.cases.deposit_upload import deposit_upload, gather_upload
from portal.cases.deposit_version import deposit_version, enter_version, receive_file
from portal.cases.download_file import enter_evidence, enter_file, enter_original, gather_file, gather_original
from portal.cases.download_share import enter_copy, gather_copy
from portal.cases.end_uploads import terminate_upload
from portal.cases.erase_person import erase_person, hold_person, lift_person_hold, propose_erasure, withdraw_erasure
from portal.cases.explain_document import explain_document
from portal.cases.hold_document import lift_hold, place_hold
from portal.cases.keep_evidence import add_evidence, gather_evidence, receive_evidence
from portal.cases.keep_filter import keep_filter, kept_filters, remove_filter
from portal.cases.lift_request import confirm_request, lift_request, propose_lifting, withdraw_lifting
from portal.cases.list_people import list_people
from portal.cases.lower_document import lower_document, propose_lowering, withdraw_lowering
from portal.cases.place_request import place_request
from portal.cases.prepare_copy import enter_prepared, gather_prepared
from portal.cases.propose_share import propose_share
from portal.cases.read_log import read_log
from portal.cases.read_pages import PreviewTarget, read_rendition_page, read_share_page
from portal.cases.record_request import record_request
from portal.cases.register_document import register_document
from portal.cases.register_visit import register_visit
from portal.cases.remark import Question, answer_question, remark_on_share
from portal.cases.schedule_document import review_document, schedule_document
from portal.cases.show_communications import consultations_of
from portal.cases.show_disclosures import show_disclosures
from portal.cases.show_document import show_document
from portal.cases.show_documents import list_documents, new_document_choices
from portal.cases.show_due import due_documents
from portal.cases.show_erasure import show_erasure
from portal.cases.show_home import show_home
from portal.cases.show_integrity import show_check, show_integrity
from portal.cases.show_keeping import waiting_shreddings
from portal.cases.show_remarks import document_remarks, remark_counts, remarks_beside, share_remarks, waiting_questions
from portal.cases.show_requests import ended_of, requests_of
from portal.cases.show_seen import show_seen
from portal.cases.show_shares import know_share, list_proposals, list_received
from portal.cases.show_transfers import document_transfers, received_transfers, seen_transfers, transfers_beside, waiting_transfers
from portal.cases.show_unusual import show_unusual
from portal.cases.show_versions import versions_of
from portal.cases.shred_document import propose_shredding, shred_document, withdraw_shredding
from portal.cases.transfer import HandOver, record_transfer, strike_transfer
from portal.cases.upload_file import ask_progress, create_upload, enter_piece, gather_piece
from portal.cases.waiting_requests import list_liftings, waiting_requests
from portal.kernel.actions import Action
from portal.kernel.permit import Facts, Permit, ResourceType

NONE: Any = None


@dataclass(frozen=True)
class Thing:
    resource_type: ResourceType
    resource_id: str = "CTED"


PERMIT = Permit(
    subject=None,
    action=Action.SESSION_END,
    facts=Facts(type=ResourceType.BODY, id="CTED", attributes={}, originator="CTED"),
    rules=(),
    policy_hash="",
)
BODY: Any = Thing(ResourceType.BODY)

CASES: list[Callable[[Permit, Any], Any]] = [
    lambda permit, thing: gather_source(NONE, permit, thing, audience="OCT"),
    lambda permit, thing: enter_rendition(NONE, permit, thing, NONE),
    lambda permit, thing: close_person(NONE, permit, thing),
    lambda permit, thing: approve_share(NONE, permit, thing),
    lambda permit, thing: decline_share(NONE, permit, thing),
    lambda permit, thing: receive_file(NONE, (permit, thing, NONE)).__enter__(),
    lambda permit, thing: deposit_version(NONE, permit, thing, NONE),
    lambda permit, thing: enter_version(NONE, permit, thing, NONE),
    lambda permit, thing: create_upload(NONE, permit, thing, size=1, file_name="", fingerprint=""),
    lambda permit, thing: ask_progress(NONE, permit, thing),
    lambda permit, thing: gather_piece(NONE, permit, thing, NONE),
    lambda permit, thing: enter_piece(NONE, permit, thing, NONE),
    lambda permit, thing: terminate_upload(NONE, permit, thing),
    lambda permit, thing: gather_upload(NONE, permit, thing, language="en"),
    lambda permit, thing: deposit_upload(NONE, permit, thing, NONE),
    lambda permit, thing: list_people(NONE, permit, thing),
    lambda permit, thing: propose_share(NONE, permit, thing, NONE),
    lambda permit, thing: hold_person(NONE, permit, thing, reason=""),
    lambda permit, thing: lift_person_hold(NONE, permit, thing),
    lambda permit, thing: propose_erasure(NONE, permit, thing),
    lambda permit, thing: withdraw_erasure(NONE, permit, thing),
    lambda permit, thing: erase_person(NONE, permit, thing),
    lambda permit, thing: show_erasure(NONE, permit, thing),
    lambda permit, thing: begin_check(NONE, permit, thing),
    lambda permit, thing: show_integrity(NONE, permit, thing),
    lambda permit, thing: show_check(NONE, permit, thing),
    lambda permit, thing: read_log(NONE, permit, thing, filters={}, before=""),
    lambda permit, thing: kept_filters(NONE, permit, thing),
    lambda permit, thing: keep_filter(NONE, permit, thing, name="", given={}),
    lambda permit, thing: remove_filter(NONE, permit, thing, NONE),
    lambda permit, thing: show_seen(NONE, permit, thing, given={}, persons=0, things=0),
    lambda permit, thing: show_unusual(NONE, permit, thing, given={}),
    lambda permit, thing: read_share_page(NONE, permit, thing, 1),
    lambda permit, thing: read_rendition_page(NONE, permit, PreviewTarget(thing, NONE), 1),
    lambda permit, thing: record_request(NONE, permit, thing, NONE),
    lambda permit, thing: register_document(NONE, permit, thing, title="", symbol="", kind="", level="", visit="", states=[]),
    lambda permit, thing: register_visit(NONE, permit, thing, state="", starts="", ends="", place=""),
    lambda permit, thing: show_document(NONE, permit, thing),
    lambda permit, thing: show_disclosures(NONE, permit, thing),
    lambda permit, thing: explain_document(NONE, permit, thing),
    lambda permit, thing: choices(NONE, permit, thing),
    lambda permit, thing: ask_why(NONE, permit, thing, whom="", act=""),
    lambda permit, thing: list_documents(NONE, permit, thing),
    lambda permit, thing: new_document_choices(NONE, permit, thing),
    lambda permit, thing: show_home(NONE, permit, thing),
    lambda permit, thing: know_share(NONE, permit, thing),
    lambda permit, thing: list_proposals(NONE, permit, thing),
    lambda permit, thing: list_received(NONE, permit, thing),
    lambda permit, thing: recall_share(NONE, permit, thing, reason=""),
    lambda permit, thing: acknowledge_share(NONE, permit, thing),
    lambda permit, thing: remark_on_share(NONE, permit, thing, NONE),
    lambda permit, thing: answer_question(NONE, permit, Question(NONE, NONE, thing), text=""),
    lambda permit, thing: share_remarks(NONE, permit, thing),
    lambda permit, thing: remarks_beside(NONE, permit, thing),
    lambda permit, thing: document_remarks(NONE, permit, thing),
    lambda permit, thing: remark_counts(NONE, permit, thing),
    lambda permit, thing: waiting_questions(NONE, permit, thing),
    lambda permit, thing: record_transfer(NONE, permit, HandOver(NONE, thing), NONE),
    lambda permit, thing: strike_transfer(NONE, permit, HandOver(NONE, thing), reason=""),
    lambda permit, thing: gather_prepared(NONE, permit, HandOver(NONE, thing)),
    lambda permit, thing: enter_prepared(NONE, permit, HandOver(NONE, thing), NONE),
    lambda permit, thing: receive_transfer(NONE, permit, Delivery(thing, NONE), digest=""),
    lambda permit, thing: return_transfer(NONE, permit, Delivery(thing, NONE), what="", day=""),
    lambda permit, thing: document_transfers(NONE, permit, thing),
    lambda permit, thing: seen_transfers(NONE, permit, thing),
    lambda permit, thing: received_transfers(NONE, permit, thing),
    lambda permit, thing: transfers_beside(NONE, permit, thing),
    lambda permit, thing: waiting_transfers(NONE, permit, thing),
    lambda permit, thing: confirm_recall(NONE, permit, thing),
    lambda permit, thing: gather_copy(NONE, permit, thing),
    lambda permit, thing: enter_copy(NONE, permit, thing, NONE),
    lambda permit, thing: confirm_request(NONE, permit, thing),
    lambda permit, thing: propose_lifting(NONE, permit, thing, NONE),
    lambda permit, thing: attest_request(NONE, permit, thing),
    lambda permit, thing: withdraw_lifting(NONE, permit, thing),
    lambda permit, thing: lift_request(NONE, permit, thing),
    lambda permit, thing: place_request(NONE, permit, thing, NONE),
    lambda permit, thing: versions_of(NONE, permit, thing, NONE, told=False),
    lambda permit, thing: requests_of(NONE, permit, thing, NONE),
    lambda permit, thing: ended_of(NONE, permit, thing, NONE),
    lambda permit, thing: open_consultation(NONE, permit, thing, NONE),
    lambda permit, thing: record_answer(NONE, permit, thing, NONE, NONE),
    lambda permit, thing: consultations_of(NONE, permit, thing, NONE),
    lambda permit, thing: receive_evidence(NONE, (permit, thing, NONE)).__enter__(),
    lambda permit, thing: add_evidence(NONE, permit, thing, NONE, NONE),
    lambda permit, thing: gather_evidence(NONE, permit, thing, NONE),
    lambda permit, thing: enter_evidence(NONE, permit, thing, NONE),
    lambda permit, thing: waiting_requests(NONE, permit, thing),
    lambda permit, thing: list_liftings(NONE, permit, thing),
    lambda permit, thing: schedule_document(NONE, permit, thing, due="", day="", reason=""),
    lambda permit, thing: review_document(NONE, permit, thing, NONE),
    lambda permit, thing: propose_lowering(NONE, permit, thing, level="", reason=""),
    lambda permit, thing: withdraw_lowering(NONE, permit, thing),
    lambda permit, thing: lower_document(NONE, permit, thing),
    lambda permit, thing: archive_document(NONE, permit, thing, reason=""),
    lambda permit, thing: unarchive_document(NONE, permit, thing),
    lambda permit, thing: due_documents(NONE, permit, thing),
    lambda permit, thing: place_hold(NONE, permit, thing, reason=""),
    lambda permit, thing: lift_hold(NONE, permit, thing),
    lambda permit, thing: propose_shredding(NONE, permit, thing, reason=""),
    lambda permit, thing: withdraw_shredding(NONE, permit, thing),
    lambda permit, thing: shred_document(NONE, permit, thing, symbol=""),
    lambda permit, thing: waiting_shreddings(NONE, permit, thing),
    lambda permit, thing: gather_original(NONE, permit, thing, number=None),
    lambda permit, thing: enter_original(NONE, permit, thing, NONE),
    lambda permit, thing: gather_file(NONE, permit, thing),
    lambda permit, thing: enter_file(NONE, permit, thing, NONE),
]


@pytest.mark.parametrize("case", CASES)
def test_a_case_stops_before_anything_else_with_a_permit_for_another_act(case: Callable[[Permit, Any], Any]) -> None:
    with pytest.raises(RuntimeError, match="a permit for session:end"):
        case(PERMIT, BODY)


def test_a_permit_covers_its_own_act_on_its_own_thing_and_nothing_else() -> None:
    PERMIT.must_cover(Action.SESSION_END, BODY)
    for action, thing in (
        (Action.HOME_READ, BODY),
        (Action.SESSION_END, Thing(ResourceType.DOCUMENT)),
        (Action.SESSION_END, replace(BODY, resource_id=str(uuid4()))),
    ):
        with pytest.raises(RuntimeError, match="a permit for session:end"):
            PERMIT.must_cover(action, thing)  # type: ignore[arg-type]


def test_a_permit_without_a_person_opens_no_bodys_key() -> None:
    with pytest.raises(RuntimeError, match="opens no key"):
        _ = PERMIT.body
