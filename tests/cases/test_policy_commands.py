"""`portal policy what-if` and `portal policy diff`: the decision itself is asked, under any folder of rules, and nothing is changed."""

import re
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from portal.app import create_app, ready, unserved
from portal.cases import compare_policies as comparing
from portal.cli.commands import main
from portal.sharing.eyes import reference_of
from tests.cases.deputies import named
from tests.cases.test_who import DIRECTORATES, OFFICES, page, person_of, words
from tests.common.house import House, shared

POLICIES = Path(__file__).parents[2] / "policies"
Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def ask(house: House, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run `portal policy …`: its exit code, and what it printed."""

    def run(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main(
            ["--config", str(house.folder / "config.toml"), "policy", *words], create_app=create_app, ready=ready, unserved=unserved
        )
        printed = capsys.readouterr()
        return code, printed.out + (printed.err if code == 2 else "")

    return run


@pytest.fixture
def weaker(tmp_path: Path) -> Path:
    """The rules, but a reviewer takes the original out of the portal, too."""
    return changed(tmp_path / "weaker", "register.cedar", r'(P28-.*?Role::"releasing_officer")\]', r'\1, Role::"reviewer"]')


def changed(folder: Path, file: str, what: str, into: str) -> Path:
    shutil.copytree(POLICIES, folder)
    text = (folder / file).read_text()
    other = re.sub(what, into, text, count=1, flags=re.S)
    assert other != text
    (folder / file).write_text(other)
    return folder


def test_a_real_person_is_answered_what_the_door_answers_with_rule_file_line_and_reason(house: House, ask: Ask) -> None:
    document, share = shared(house)
    house.guest("elena")
    code, said = ask("what-if", "--person", person_of(house, "elena"), "--action", "version:download", "--document", document)
    assert code == 3
    assert said.startswith("Refused\n  no rule permits it: Your role does not include this.\n  they read: Your role does not include this.")
    code, said = ask("what-if", "--person", person_of(house, "carla"), "--action", "version:read", "--document", document)
    assert code == 0
    assert re.match(r"Permitted\n  P25-mark \(withholding\.cedar, line \d+\): A confidentiality officer sees .*\n  duty watermark: ", said)
    code, said = ask("what-if", "--person", person_of(house, "carla"), "--action", "share:read", "--on", share)
    assert code == 3
    assert "F14-share-with-another-body (reading.cedar, line" in said
    assert "they read: As if it did not exist." in said


def test_an_invented_person_is_answered_by_body_roles_and_clearance(house: House, ask: Ask) -> None:
    _, share = shared(house)
    question = ("what-if", "--body", "OCT", "--role", "reviewer", "--action", "share:read", "--on", share)
    code, said = ask(*question, "--clearance", "0")
    assert code == 3
    assert "F08-clearance" in said
    assert "they read: Your clearance is below the level of this document." in said
    assert ask(*question, "--clearance", "1")[0] == 0
    assert ask(*question, "--clearance", "1", "--role", "auditor")[0] == 3
    code, said = ask("what-if", "--body", "CTED", "--role", "auditor", "--action", "audit:read")
    assert code == 0
    assert "P15-audit" in said


def test_a_deputys_roles_count_while_their_time_runs(house: House, ask: Ask) -> None:
    document, _ = shared(house)
    house.guest("elena")
    question = ("what-if", "--person", person_of(house, "elena"), "--action", "version:download", "--document", document)
    assert ask(*question)[0] == 3
    named(house, "elena")
    time.sleep(max(0.0, (house.clock.at - datetime.now(UTC)).total_seconds()))  # the command looks at the real clock
    assert ask(*question)[0] == 0
    assert "Releasing officer, Reviewer Elena" in words(page(house, document))


def test_rules_that_are_not_in_force_are_asked_without_coming_into_force(house: House, ask: Ask, weaker: Path) -> None:
    document, _ = shared(house)
    house.guest("elena")
    question = ("what-if", "--person", person_of(house, "elena"), "--action", "version:download", "--document", document)
    assert ask(*question)[0] == 3
    code, said = ask(*question, "--policies", str(weaker))
    assert code == 0
    assert "P28-download-original (register.cedar, line" in said
    assert ask(*question)[0] == 3
    assert house.guest("elena").get(f"/documents/{document}/file").status_code == 403


def test_a_second_factor_that_is_missing_is_told(house: House, ask: Ask) -> None:
    document, _ = shared(house)
    house.guest(house.cast.uploader).propose(document)
    share = str(UUID(house.sql("select id from proposal")[0][0]))
    question = ("what-if", "--body", "CTED", "--role", "releasing_officer", "--clearance", "1", "--action", "share:recall", "--on", share)
    assert ask(*question)[0] == 0
    code, said = ask("what-if", "--body", "CTED", "--role", "confidentiality_officer", "--action", "document:hold", "--on", document)
    assert code == 0
    house.sql("update document set level = 2")
    code, said = ask(
        *("what-if", "--body", "CTED", "--role", "reviewer", "--clearance", "2", "--action", "rendition:read", "--document", document)
    )
    assert code == 0
    assert said.startswith("Permitted, after confirming with a second factor\n  F09-strictly-confidential")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--action", "audit:read"), "--body: one of CTED, OCT"),
        (("--body", "NATO", "--action", "audit:read"), "--body: one of CTED, OCT"),
        (("--person", str(uuid4()), "--action", "audit:read"), "there is no person"),
        (("--body", "CTED", "--action", "document:read"), "name it with --on"),
        (("--body", "CTED", "--action", "audit:read", "--on", str(uuid4())), "leave --on out"),
        (("--body", "CTED", "--action", "document:read", "--on", str(uuid4())), "there is no Document"),
        (("--body", "CTED", "--action", "share:propose", "--on", str(uuid4())), "--recipient"),
        (("--body", "CTED", "--action", "health:read"), "open to anybody"),
    ],
)
def test_a_question_about_nothing_is_told_what_it_lacks(house: House, ask: Ask, words: tuple[str, ...], message: str) -> None:
    code, said = ask("what-if", *words)
    assert code == 2
    assert message in said
    assert house.events()[-1][0] != "policy.simulated"


def test_a_question_about_something_real_is_recorded_and_changes_nothing_else(house: House, ask: Ask) -> None:
    document, _ = shared(house)
    tables = ("document", "share", "proposal", "rendition", "person", "session", "request")
    before = {table: house.sql(f"select * from {table}") for table in tables}
    ask("what-if", "--body", "CTED", "--role", "reviewer", "--action", "document:read", "--document", document)
    assert house.events()[-1] == ("policy.simulated", "done", "")
    (bodies,) = house.sql("select bodies from audit_event order by at desc, rowid desc limit 1")[0]
    assert "CTED" in bodies
    assert "OCT" not in bodies
    events = len(house.events())
    ask("what-if", "--body", "CTED", "--role", "auditor", "--action", "audit:read")
    assert len(house.events()) == events
    assert before == {table: house.sql(f"select * from {table}") for table in tables}


def test_the_same_rules_differ_for_nobody(house: House, ask: Ask) -> None:
    shared(house)
    code, said = ask("diff", str(POLICIES), str(POLICIES))
    assert code == 0
    told = r"Nobody gains and nobody loses: [1-9][\d,]* answers compared, of \d+ persons and 1 documents with all that hangs on them\.\n"
    assert re.fullmatch(told, said)


def test_a_weaker_rule_names_exactly_those_who_gain(house: House, ask: Ask, weaker: Path) -> None:
    shared(house)
    for login in (*DIRECTORATES, *OFFICES):
        house.guest(login)
    code, said = ask("diff", str(POLICIES), str(weaker), "--persons")
    assert code == 1
    assert said.startswith("CTED, Reviewer: gains version:download\n")
    assert set(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", said)) == {person_of(house, "elena"), person_of(house, "ines")}
    assert "1 thing, such as CTED/2026/XSM/3" in said
    assert "before: no rule; after: P28-download-original" in said
    assert "\n1 changes: " in said
    code, said = ask("diff", str(weaker), str(POLICIES))
    assert code == 1
    assert said.startswith("CTED, Reviewer: loses version:download\n")


def test_a_forbid_that_is_gone_for_some_names_what_had_refused_them(house: House, ask: Ask, tmp_path: Path) -> None:
    shared(house)
    house.guest("omar")
    softer = changed(
        tmp_path / "softer",
        "levels.cedar",
        r"(F09-strictly.*?)when \{ resource\.level >= 2 \}",
        r'\1when { resource.level >= 2 && !(principal in Role::"reviewer" && principal.body == Body::"OCT") }',
    )
    assert ask("diff", str(POLICIES), str(softer))[0] == 0
    house.sql("update document set level = 2")
    code, said = ask("diff", str(POLICIES), str(softer))
    assert code == 0, "nobody who gains is cleared yet"
    house.guest("lena")
    code, said = ask("diff", str(POLICIES), str(softer), "--persons")
    assert code == 1
    assert said.startswith("OCT, Reviewer: gains share:read without a second factor\n")
    assert set(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", said)) == {person_of(house, "lena")}
    assert "before: F09-strictly-confidential; after: P14-read-share" in said


@pytest.mark.parametrize(("eyes", "gains"), [("omar", {"lena"}), ("lena", set())])
def test_of_a_share_for_named_eyes_only_those_gain_who_are_not_named(
    house: House, ask: Ask, tmp_path: Path, eyes: str, gains: set[str]
) -> None:
    for login in ("omar", "lena"):
        house.guest(login)
    _, share = shared(house, eyes=reference_of(UUID(person_of(house, eyes))))
    question = ("what-if", "--action", "share:read", "--on", share, "--person")
    assert [ask(*question, person_of(house, login))[0] == 0 for login in ("omar", "lena")] == [eyes == "omar", eyes == "lena"]
    softer = changed(
        tmp_path / "softer", "caveats.cedar", r"when \{ (resource\.forOthersEyes) \}", r"when { \1 && principal.clearance < 2 }"
    )
    code, said = ask("diff", str(POLICIES), str(softer), "--persons")
    assert code == bool(gains), said
    assert set(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", said)) == {person_of(house, login) for login in gains}
    assert ("before: F76-eyes-only; after: P14-read-share" in said) is bool(gains)


def test_every_document_is_compared_however_many_there_are(house: House, ask: Ask, weaker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "BATCH", 2)
    uploader = house.guest(house.cast.uploader)
    house.guest("elena")
    for number in range(5):
        uploader.deposit(f"CTED/2026/XSM/{number}")
    uploader.register("CTED/2026/XSM/6")  # of which there is no original to take
    code, said = ask("diff", str(POLICIES), str(weaker))
    assert code == 1
    assert "5 things, such as CTED/2026/XSM/" in said
    assert "6 documents" in said


def test_a_folder_that_cannot_be_used_is_no_difference(house: House, ask: Ask, tmp_path: Path) -> None:
    broken = changed(tmp_path / "broken", "register.cedar", r"F12-document-of-another-body", "F12-other")
    code, said = ask("diff", str(POLICIES), str(broken))
    assert code == 2
    assert "F12-document-of-another-body is missing" in said


def test_a_comparison_is_recorded_with_both_hashes(house: House, ask: Ask, weaker: Path) -> None:
    ask("diff", str(POLICIES), str(weaker))
    assert house.events()[-1] == ("policy.simulated", "done", "")
