"""Cases demand a permit and say what it must cover; the guard's passage records, nobody else does."""

import ast
from collections.abc import Iterator
from pathlib import Path

PORTAL = Path(__file__).resolve().parents[2] / "portal"

#: Functions of cases that take a permit only to open words or to ask a further question, for a case that has checked it already.
INSIDE = {
    ("names.py", "person_name"),
    ("log_filter.py", "asked_for"),
    ("read_log.py", "row_of"),
    ("log_timeline.py", "timeline"),
    ("show_seen.py", "whose"),
    ("show_seen.py", "raise_alarm"),
    ("document_shares.py", "withheld_words"),
    ("document_shares.py", "shares_of"),
    ("document_shares.py", "pending_of"),
    ("document_shares.py", "repeats_of"),
    ("document_shares.py", "proof_checks"),
    ("kept_elsewhere.py", "kept_elsewhere"),
    ("show_versions.py", "placed_words"),
    ("open_share.py", "open_share"),
    ("reading_sessions.py", "enter_view"),
    ("show_disclosures.py", "pages_left_out"),
    ("show_disclosures.py", "pages_named"),
    ("reading_sessions.py", "opened_pages"),
    ("original.py", "open_original"),
    ("original.py", "open_record"),
    ("kept_passages.py", "kept_passages"),
    ("request_form.py", "read_request"),
    ("request_form.py", "kept_of"),
    ("places.py", "words_of"),
    ("places.py", "kept_in"),
    ("places.py", "kept_before"),
    ("places.py", "unplaced"),
    ("places.py", "kept_together"),
    ("places.py", "must_be_placed"),
    ("propose_share.py", "enter_proposal"),
    ("propose_share.py", "current_rendition"),
    ("show_home.py", "may"),
    ("show_ends.py", "ends_of"),
    ("show_keeping.py", "keeping_of"),
    ("show_keeping.py", "may_do"),
    ("consult_state.py", "said"),
    ("download_file.py", "tag_of"),
    ("show_communications.py", "evidence_of"),
    ("lift_request.py", "asked_before"),
    ("lift_request.py", "terms_of"),
    ("upload_file.py", "progress_of"),
    ("show_shares.py", "received_row"),
    ("compare_marks.py", "left_out"),
    ("shared_before.py", "shared_before"),
    ("shared_before.py", "to_share_again"),
    ("shared_before.py", "differences"),
    ("newer.py", "readable"),
    ("newer.py", "released_beside"),
    ("transfer.py", "held_share"),
    ("transfer.py", "enter_step"),
}


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            yield node


def calls(node: ast.AST, name: str) -> bool:
    return any(isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == name for call in ast.walk(node))


def test_every_case_that_is_handed_a_permit_says_what_it_must_cover() -> None:
    bare, seen = [], 0
    for path in sorted((PORTAL / "cases").glob("*.py")):
        for function in functions(path):
            names = [argument.arg for argument in function.args.args]
            if function.name.startswith("_") or names[:2] not in (["uow", "permit"], ["parts", "permit"]):
                continue
            seen += 1
            if not calls(function, "must_cover") and (path.name, function.name) not in INSIDE:
                bare.append(f"{path.name}:{function.lineno} {function.name}")
    assert bare == []
    assert seen > 20


def test_only_the_passages_record_events() -> None:
    found = []
    for path in sorted(PORTAL.rglob("*.py")):
        place = path.relative_to(PORTAL).as_posix()
        if place.startswith("audit/"):
            continue
        text = ast.parse(path.read_text())
        if calls(text, "record") and place not in ("gateway/passage.py", "gateway/own_acts.py"):
            found.append(place)
        if place != "cases/uow.py" and any(
            isinstance(node, ast.ImportFrom) and node.module == "portal.audit.log" for node in ast.walk(text)
        ):
            found.append(place)
    assert found == []
