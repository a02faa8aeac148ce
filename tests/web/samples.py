"""Invented contexts for every template: the ordinary page, the empty one, the one with faults. Invented States only."""

from copy import deepcopy
from typing import Any

from tests.web import samples_audit, samples_deposit, samples_lists, samples_local, samples_onward, samples_people, samples_sign_in
from tests.web.samples_document import (
    DOCUMENT,
    DOCUMENT_CONSULTING,
    DOCUMENT_EMPTY,
    DOCUMENT_LIFTING,
    DOCUMENT_OFFICER,
    DOCUMENT_OWN,
    DOCUMENT_PROPOSE,
    DOCUMENT_REPEATS,
    DOCUMENT_SHARED,
    DOCUMENT_STALE,
)
from tests.web.samples_ends import documents as documents_ending
from tests.web.samples_keeping import (
    DOCUMENT_HELD,
    DOCUMENT_HELD_UNKNOWN,
    DOCUMENT_RESTORED,
    DOCUMENT_SHREDDED,
    DOCUMENT_TO_PROPOSE,
    DOCUMENT_TO_SHRED,
)
from tests.web.samples_mark import MARK, MARK_FAULTS, MARK_FIRST, MARK_PAINTED
from tests.web.samples_newer import (
    COMPARE,
    COMPARE_EMPTY,
    COMPARE_OTHER,
    COMPARE_RENDITIONS,
    DOCUMENT_AGAIN,
    DOCUMENT_CLOSED,
    DOCUMENT_REPLACES,
    DOCUMENT_SUPERSEDED,
    DOCUMENT_WITHHELD,
    READER_LANGUAGES,
    READER_OLDER,
)
from tests.web.samples_policy import POLICY, POLICY_APPROVED, POLICY_EMPTY
from tests.web.samples_reader import (
    READER,
    READER_ABSENT,
    READER_EYES_ONLY,
    READER_FIND_FAULT,
    READER_FOUND,
    READER_NOT_FOUND,
    READER_PREVIEW,
)
from tests.web.samples_remarks import FAULTS, answer_faults, said_page, to_answer_page
from tests.web.samples_seen import SEEN, SEEN_DAMAGED, SEEN_EMPTY
from tests.web.samples_story import ADMINISTRATOR, AUDITOR, BODIES, NOW, OFFICER, RELEASER, REVIEWER, SYMBOL, TITLE, UPLOADER, Context, Page
from tests.web.samples_transfers import BESIDE as GONE_BESIDE
from tests.web.samples_transfers import FAULTY_ROWS, GONE_ROWS, HANDED_OVER_FAULTS, RECEIVED_ROWS, received_page
from tests.web.samples_versions import DOCUMENT_FURTHER, DOCUMENT_VERSIONS, MARK_PLACE
from tests.web.samples_what_if import WHAT_IF, WHAT_IF_ANSWERED, WHAT_IF_FAULTS, WHAT_IF_FORM, WHAT_IF_FORM_FAULTS, WHAT_IF_UNASKED
from tests.web.samples_who import WHO, WHO_WHY

#: The pages of one document, the reader and what stands beside it, and the policy.
PAGES: dict[str, Page] = {
    "document": (RELEASER, "documents", DOCUMENT),
    "document-versions": (OFFICER, "documents", DOCUMENT_VERSIONS),
    "document-further": (UPLOADER, "documents", DOCUMENT_FURTHER),
    "document-empty": (UPLOADER, "documents", DOCUMENT_EMPTY),
    "document-officer": (OFFICER, "documents", DOCUMENT_OFFICER),
    "document-consulting": (OFFICER, "documents", DOCUMENT_CONSULTING),
    "document-lifting": (OFFICER, "documents", DOCUMENT_LIFTING),
    "document-propose": (OFFICER, "documents", DOCUMENT_PROPOSE),
    "document-repeats": (OFFICER, "documents", DOCUMENT_REPEATS),
    "document-stale": (OFFICER, "documents", DOCUMENT_STALE),
    "document-own": (RELEASER, "documents", DOCUMENT_OWN),
    "document-shared": (RELEASER, "documents", DOCUMENT_SHARED),
    "document-closed": (UPLOADER, "documents", DOCUMENT_CLOSED),
    "document-again": (UPLOADER, "documents", DOCUMENT_AGAIN),
    "document-replaces": (RELEASER, "documents", DOCUMENT_REPLACES),
    "document-withheld": (OFFICER, "documents", DOCUMENT_WITHHELD),
    "document-superseded": (RELEASER, "documents", DOCUMENT_SUPERSEDED),
    "compare": (OFFICER, "documents", COMPARE),
    "compare-empty": (OFFICER, "documents", COMPARE_EMPTY),
    "compare-renditions": (RELEASER, "documents", COMPARE_RENDITIONS),
    "compare-other": (RELEASER, "documents", COMPARE_OTHER),
    "document-to-propose": (OFFICER, "documents", DOCUMENT_TO_PROPOSE),
    "document-to-shred": (RELEASER, "documents", DOCUMENT_TO_SHRED),
    "document-held": (RELEASER, "documents", DOCUMENT_HELD),
    "document-held-unknown": (RELEASER, "documents", DOCUMENT_HELD_UNKNOWN),
    **{name: (OFFICER, "documents", sample) for name, sample in documents_ending(DOCUMENT).items()},
    "document-shredded": (RELEASER, "documents", DOCUMENT_SHREDDED),
    "document-restored": (RELEASER, "documents", DOCUMENT_RESTORED),
    "who": (RELEASER, "documents", WHO),
    "who-why": (RELEASER, "documents", WHO_WHY),
    "seen": (RELEASER, "documents", SEEN),
    "seen-empty": (RELEASER, "documents", SEEN_EMPTY),
    "seen-damaged": (RELEASER, "documents", SEEN_DAMAGED),
    "reader": (REVIEWER, "received", READER),
    "reader-found": (REVIEWER, "received", READER_FOUND),
    "reader-not-found": (REVIEWER, "received", READER_NOT_FOUND),
    "reader-find-fault": (REVIEWER, "received", READER_FIND_FAULT),
    "reader-older": (REVIEWER, "received", READER_OLDER),
    "reader-languages": (REVIEWER, "received", READER_LANGUAGES),
    "reader-eyes-only": (REVIEWER, "received", READER_EYES_ONLY),
    "remarks": (REVIEWER, "received", said_page(TITLE, SYMBOL)),
    "remarks-faults": (REVIEWER, "received", said_page(TITLE, SYMBOL, faults=FAULTS)),
    "remarks-empty": (REVIEWER, "received", {**said_page(TITLE, SYMBOL), "rows": []}),
    "document_remarks": (OFFICER, "documents", to_answer_page(TITLE, SYMBOL)),
    "document_remarks-faults": (OFFICER, "documents", answer_faults(TITLE, SYMBOL)),
    "document_remarks-empty": (OFFICER, "documents", {**to_answer_page(TITLE, SYMBOL), "shares": []}),
    "reader-preview": (OFFICER, "documents", READER_PREVIEW),
    "reader-absent": (REVIEWER, "received", READER_ABSENT),
    "mark": (OFFICER, "documents", MARK),
    "mark-painted": (OFFICER, "documents", MARK_PAINTED),
    "mark-place": (OFFICER, "documents", MARK_PLACE),
    "mark-first": (OFFICER, "documents", MARK_FIRST),
    "mark-faults": (OFFICER, "documents", MARK_FAULTS),
    "share_gone": (
        REVIEWER,
        "received",
        {
            "symbol": "CTED/2026/XTA/2",
            "confirm_url": "confirm.html",
            "confirmed_at": None,
            "back_href": "received.html",
            "transfers": GONE_BESIDE,
        },
    ),
    "transfers": (REVIEWER, "received", received_page(SYMBOL, RECEIVED_ROWS)),
    "transfers-faults": (REVIEWER, "received", received_page(SYMBOL, FAULTY_ROWS)),
    "transfers-gone": (REVIEWER, "received", received_page(SYMBOL, GONE_ROWS, open=False)),
    "transfers-empty": (REVIEWER, "received", received_page(SYMBOL, [])),
    "document-transfers": (RELEASER, "documents", {**DOCUMENT_SHARED, "transfers": HANDED_OVER_FAULTS}),
    "policy": (ADMINISTRATOR, "policy", POLICY),
    "policy-approved": (ADMINISTRATOR, "policy", POLICY_APPROVED),
    "policy-empty": (AUDITOR, "policy", POLICY_EMPTY),
    "what_if": (AUDITOR, "policy", WHAT_IF),
    "what_if-faults": (AUDITOR, "policy", WHAT_IF_FAULTS),
    "what_if-form": (AUDITOR, "policy", WHAT_IF_FORM),
    "what_if-answered": (ADMINISTRATOR, "policy", WHAT_IF_ANSWERED),
    "what_if-unasked": (ADMINISTRATOR, "policy", WHAT_IF_UNASKED),
    "what_if-form-faults": (AUDITOR, "policy", WHAT_IF_FORM_FAULTS),
}

#: A page is listed beside its samples, or above where its samples come from many places.
GROUPS = (
    samples_sign_in.PAGES,
    samples_local.PAGES,
    samples_lists.PAGES,
    samples_deposit.PAGES,
    PAGES,
    samples_onward.PAGES,
    samples_people.PAGES,
    samples_audit.PAGES,
)


def globals_for(me: Any, nav: str, **more: Any) -> Context:
    everywhere: Context = {"me": me, "csrf": "token-of-this-session", "samples": True, "bodies": BODIES, "now": NOW}
    return {**everywhere, "nav": nav, "lang": "en", "dir": "ltr", **more}


def pages() -> dict[str, tuple[str, Context]]:
    """Page name to (template, whole context). A name is the template's, and a variant after a dash."""
    listed = {name: page for group in GROUPS for name, page in group.items()}
    assert len(listed) == sum(map(len, GROUPS)), "two pages have one name"
    return {
        name: (f"{name.split('-')[0]}.html", deepcopy({**globals_for(me, nav), **context})) for name, (me, nav, context) in listed.items()
    }
