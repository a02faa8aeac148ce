"""Other rules are used only after two bodies approved exactly their text: proposed by a command, approved on a page, adopted by a start."""

import json
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from portal.app import create_app, ready, unserved
from portal.cli.commands import main
from portal.kernel.config import load_config
from portal.kernel.errors import Misconfigured, Tampered
from portal.policy.draft import Draft
from tests.cases.conftest import rewritten
from tests.common.house import Guest, House
from tests.common.rules import remark, reworded
from tools.tour.stage import ROOT

RULES = ROOT / "policies"
Say = Callable[..., tuple[int, str]]


@pytest.fixture
def other(house: House) -> Path:
    """The house's rules in a folder of their own, and beside it a folder where one rule has another reason."""
    for name in ("rules", "next"):
        shutil.copytree(RULES, house.folder / name)
    rewritten(house.folder / "config.toml", "policy", 'path = "rules"')
    reworded(house.folder / "next", '@reason("This share is suspended.")', '@reason("This share is suspended for now.")')
    return house.folder / "next"


@pytest.fixture
def say(house: House, capsys: pytest.CaptureFixture[str]) -> Say:
    def run(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main(["--config", str(house.folder / "config.toml"), *words], create_app=create_app, ready=ready, unserved=unserved)
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


def put_in_place(house: House, folder: Path) -> None:
    shutil.rmtree(house.folder / "rules")
    shutil.copytree(folder, house.folder / "rules")


def restarted(house: House) -> House:
    house.clock.at += timedelta(seconds=1)  # no two adoptions are of the same moment
    app = create_app(load_config(house.folder / "config.toml"), clock=house.clock, background=False)
    house.parts.database.close()
    house.app, house.guests = app, {}
    return house


def stopped(house: House) -> str:
    with pytest.raises(Misconfigured) as stop:
        create_app(load_config(house.folder / "config.toml"), clock=house.clock, background=False)
    return stop.value.detail


def door(guest: Guest, act: str) -> str:
    """Where the page's first button for this leads."""
    found = re.search(rf'action="(/policy/changes/[^"]+/{act})"', guest.get("/policy").text)
    assert found, guest.get("/policy").text
    return found[1]


def facts_of(house: House, event: str) -> list[dict[str, object]]:
    return [
        json.loads(row[0]) for row in house.sql("select detail from audit_event where event = ? and outcome = 'done' order by at", event)
    ]


def approved(house: House, *logins: str) -> None:
    for login in logins:
        guest = house.guest(login)
        assert guest.post(door(guest, "approve")).status_code == 302


# --- the whole way -------------------------------------------------------------------------------------------------------------------


def test_two_bodies_approve_other_rules_and_a_restart_adopts_them(house: House, other: Path, say: Say) -> None:
    before, after = Draft.read(RULES).hash, Draft.read(other).hash
    code, told = say("policy", "propose", str(other))
    assert (code, "changed  F05-suspended" in told, after[:16] in told) == (0, True, True)
    assert "Other rules are proposed" in house.guest("greta").get("/").text
    approved(house, "greta")
    assert "Other rules are proposed" not in house.guest("greta").get("/").text
    page = house.guest("sven").get("/policy").text
    assert "F05-suspended" in page
    assert "An officer of the Directorate" in page  # nobody is named to the other body
    approved(house, "sven")
    assert "Approved by two bodies" in house.guest("sven").get("/policy").text
    put_in_place(house, other)
    restarted(house)
    assert house.parts.policies.hash == after
    (first, second) = facts_of(house, "policy.adopted")
    assert (first["policy"], first["change"]) == (before, "first")
    assert (second["before"], second["policy"], second["rules"]) == (before, after, ["~F05-suspended"])
    nothing: dict[str, object] = {"answers": [], "not_compared": []}  # other words, the same answers
    assert facts_of(house, "policy.proposed") == [{"before": before, "policy": after, "rules": ["~F05-suspended"], **nothing}]
    assert [fact["policy"] for fact in facts_of(house, "policy.approved")] == [after, after]
    for auditor in ("farid", "rana"):
        log = house.guest(auditor).log()
        assert log.count("olicy approved") >= 2
    assert "No other rules are proposed" in house.guest("greta").get("/policy").text
    restarted(house)
    assert len(facts_of(house, "policy.adopted")) == 2


def test_to_go_back_is_a_change_of_its_own(house: House, other: Path, say: Say) -> None:
    shutil.copytree(house.folder / "rules", house.folder / "first")
    say("policy", "propose", str(other))
    approved(house, "greta", "sven")
    put_in_place(house, other)
    restarted(house)
    put_in_place(house, house.folder / "first")
    assert "nobody approved them" in stopped(house)


# --- what stops a start --------------------------------------------------------------------------------------------------------------


def test_rules_that_nobody_proposed_stop_the_start_and_the_message_says_what_to_do(house: House, other: Path, say: Say) -> None:
    put_in_place(house, other)
    message = stopped(house)
    assert "nobody approved them" in message
    assert "portal policy propose FOLDER" in message
    code, told = say("serve")
    assert (code, "nobody approved them" in told) == (2, True)
    assert house.sql("select count(*) from audit_event where event = 'policy.adopted'")[0][0] == 1


def test_one_body_is_not_enough(house: House, other: Path, say: Say) -> None:
    say("policy", "propose", str(other))
    approved(house, "sven")
    put_in_place(house, other)
    assert "wait for approval (so far: OCT)" in stopped(house)


def test_a_body_that_approved_is_refused_a_second_time(house: House, other: Path, say: Say) -> None:
    say("policy", "propose", str(other))
    greta = house.guest("greta")
    place = door(greta, "approve")
    assert greta.post(place).status_code == 302
    answer = greta.post(place)
    assert answer.status_code == 403
    assert "Your body has approved these rules already" in answer.text
    assert ("policy.approved", "refused", "denied") in house.events()


def test_other_text_than_what_was_approved_stops_the_start(house: House, other: Path, say: Say) -> None:
    say("policy", "propose", str(other))
    approved(house, "greta", "sven")
    put_in_place(house, remark(other, "one more remark"))
    assert "nobody approved them" in stopped(house)


def test_one_administrator_withdraws_what_two_bodies_approved(house: House, other: Path, say: Say) -> None:
    say("policy", "propose", str(other))
    approved(house, "greta", "sven")
    sven = house.guest("sven")
    place = door(sven, "withdraw")
    assert sven.post(place).status_code == 302
    assert sven.post(place).status_code == 403
    assert sven.post(place.replace("withdraw", "approve")).status_code == 403
    put_in_place(house, other)
    assert "that change was withdrawn" in stopped(house)
    put_in_place(house, RULES)
    assert say("policy", "propose", str(other))[0] == 0


def test_an_approval_needs_a_fresh_second_factor(house: House, other: Path, say: Say) -> None:
    say("policy", "propose", str(other))
    greta = house.guest("greta")
    place = door(greta, "approve")
    house.clock.advance(timedelta(minutes=house.config.identity.step_up_minutes))
    assert "Confirm that it is you" in greta.post(place).text
    assert house.sql("select count(*) from policy_act where act = 'approved'")[0][0] == 0


@pytest.mark.parametrize("login", ["farid", "ada", "dana", "omar"])
def test_nobody_but_security_administrators_answers(house: House, other: Path, say: Say, login: str) -> None:
    say("policy", "propose", str(other))
    place = door(house.guest("greta"), "approve")
    for act in (place, place.replace("approve", "withdraw")):
        assert house.guest(login).post(act).status_code == (403 if login == "farid" else 404)
    assert "/approve" not in house.guest("farid").get("/policy").text
    assert house.sql("select count(*) from policy_act")[0][0] == 1


def test_a_change_that_is_none_is_hidden(house: House) -> None:
    assert house.guest("greta").post(f"/policy/changes/{uuid4()}/approve").status_code == 404


EDITED = {
    "whose consent it is": "update policy_act set body = 'CTED' where act = 'approved'",
    "who consented": "update policy_act set done_by = null where act = 'approved'",
    "to which rules": "update policy_act set hash = 'other' where act = 'approved'",
    "which rules were proposed": "update policy_act set differences = '[]' where act = 'proposed'",
    "what was done": "update policy_act set act = 'approved' where act = 'withdrawn'",
}


@pytest.mark.parametrize("edit", EDITED.values(), ids=EDITED)
def test_an_edited_row_lets_no_rules_in(house: House, other: Path, say: Say, edit: str) -> None:
    say("policy", "propose", str(other))
    approved(house, "sven")
    greta = house.guest("greta")
    greta.post(door(greta, "withdraw"))
    house.sql(edit)
    put_in_place(house, other)
    with pytest.raises(Tampered):
        create_app(load_config(house.folder / "config.toml"), clock=house.clock, background=False)


def test_consents_to_another_text_count_for_nothing(house: House, other: Path, say: Say) -> None:
    third = shutil.copytree(other, house.folder / "third")
    remark(third, "a third text")
    ids = {}
    for folder in (third, other):
        say("policy", "propose", str(folder))
        ids[folder] = house.sql("select id from policy_act where hash = ?", Draft.read(folder).hash)[0][0]
    for login in ("greta", "sven"):
        assert house.guest(login).post(f"/policy/changes/{UUID(str(ids[third]))}/approve").status_code == 302
    house.sql("update policy_act set about = ? where act = 'approved'", ids[other])
    put_in_place(house, other)
    with pytest.raises(Tampered):
        create_app(load_config(house.folder / "config.toml"), clock=house.clock, background=False)


# --- proposing -----------------------------------------------------------------------------------------------------------------------


def test_what_cannot_be_proposed_is_said(house: House, other: Path, say: Say, tmp_path: Path) -> None:
    assert "are in force" in say("policy", "propose", str(house.folder / "rules"))[1]
    assert "no rules" in say("policy", "propose", str(tmp_path / "nowhere"))[1]
    say("policy", "propose", str(other))
    code, told = say("policy", "propose", str(other))
    assert (code, "are proposed already" in told) == (2, True)
    (other / "broken.cedar").write_text("permit (")
    assert "broken.cedar, line 1" in say("policy", "propose", str(other))[1]
    (other / "broken.cedar").unlink()
    put_in_place(house, remark(other, "in place too early"))
    assert "holds other rules" in say("policy", "propose", str(RULES))[1]


def test_a_proposal_without_a_changed_rule_says_so(house: House, other: Path, say: Say) -> None:
    shutil.rmtree(other)
    shutil.copytree(RULES, other)
    assert "no rule changes" in say("policy", "propose", str(remark(other, "a remark")))[1]
    assert "No rule changes" in house.guest("sven").get("/policy").text


def test_an_adoption_of_a_version_that_asked_nobody_counts_as_none(house: House, other: Path) -> None:
    house.sql("update audit_event set detail = ? where event = 'policy.adopted'", json.dumps({"policy": "0" * 64, "before": ""}))
    put_in_place(house, other)
    restarted(house)
    assert facts_of(house, "policy.adopted")[-1]["change"] == "first"
