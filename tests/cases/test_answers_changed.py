"""Whose answers become others under proposed rules: kept with the proposal, told on its page, and never asked of the register."""

import json
import re
import shutil
from html import unescape

import pytest

from portal.cases import answers_changed
from portal.cases.change_policy import propose_policy
from portal.kernel.actions import Action
from portal.kernel.services import Service, Task
from portal.policy.draft import Difference, actions_of
from portal.policy.load import SCHEMA
from tests.common.house import House, shared
from tests.common.rules import certified, reworded

READ_SHARE = 'permit (principal in Role::"reviewer", action == Action::"share:read", resource)'


def proposed(house: House, *changes: tuple[str, str]) -> str:
    """These rules proposed, with such passages changed: the page about it, in plain words."""
    folder = shutil.copytree(house.config.policy.path, house.folder / "next")
    for old, new in changes:
        reworded(folder, old, new)
    propose_policy(house.parts, house.passage.acting(Service.OPERATOR, Task.POLICY_PROPOSE), certified(folder))
    return page(house)


def page(house: House, login: str = "sven") -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", house.guest(login).get("/policy").text)))


def event(house: House) -> dict[str, object]:
    found: dict[str, object] = json.loads(house.sql("select detail from audit_event where event = 'policy.proposed'")[0][0])
    return found


def test_who_gains_and_who_loses_stands_on_the_page_and_in_the_event(house: House) -> None:
    said = proposed(house, (READ_SHARE, READ_SHARE.replace('"reviewer"', '"uploader"')))
    assert "Gain Uploader, Directorate and Office : read its pages share:read" in said
    assert "Lose Reviewer, Directorate and Office : read its pages share:read" in said
    assert event(house)["answers"] == ["+share:read/uploader", "-share:read/reviewer"]
    assert event(house)["not_compared"] == []
    assert page(house, "farid").count("Gain Uploader") == 1


def test_what_is_gained_only_out_of_the_ordinary_is_told_with_an_example(house: House) -> None:
    rule = re.search(r'@id\("F23-expired"\).*?;', "".join(file.read_text() for file in house.config.policy.path.glob("*.cedar")), re.DOTALL)
    assert rule
    said = proposed(house, (rule[0], rule[0].replace("resource.expired", "resource.expired && resource.embargoed")))
    assert "Gain Reviewer, Directorate and Office : read its pages share:read Not in the plain situation, but for example" in said
    assert "with “The time of its terms is over: Yes”" in said
    assert "Lose" not in said


def test_a_difference_does_not_depend_on_the_register(house: House) -> None:
    change = (READ_SHARE, READ_SHARE.replace('"reviewer"', '"uploader"'))
    empty = proposed(house, change)
    found = re.findall(r'action="(/policy/changes/[^"]+/withdraw)"', house.guest("greta").get("/policy").text)
    assert house.guest("greta").post(found[0]).status_code == 302
    shutil.rmtree(house.folder / "next")
    shared(house)
    again = proposed(house, change)

    def answers(text: str) -> str:
        return text.split("Whose answers become others")[1].split("Asked in")[0]

    assert answers(again) == answers(empty)


def test_other_words_are_no_other_answers(house: House) -> None:
    said = proposed(house, ('@reason("This share is suspended.")', '@reason("This share is suspended for now.")'))
    assert "Whose answers become others Nobody’s." in said
    assert event(house)["answers"] == []


def test_what_cannot_be_compared_is_named_and_the_rest_is_compared(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    few = {action: about for action, about in answers_changed.ABOUT.items() if action in {Action.SHARE_READ, Action.AUDIT_READ}}
    monkeypatch.setattr(answers_changed, "ABOUT", few)
    folder = shutil.copytree(house.config.policy.path, house.folder / "next")
    schema = folder / SCHEMA
    schema.write_text(schema.read_text().replace("entity Share {", "entity Share {\n  sealed: Bool,"))
    propose_policy(house.parts, house.passage.acting(Service.OPERATOR, Task.POLICY_PROPOSE), certified(folder))
    assert "Could not be compared: share:read . The portal that runs cannot ask both texts" in page(house)
    assert event(house)["not_compared"] == ["share:read"]


def test_rules_that_this_portal_cannot_ask_at_all_are_told_to_be_uncompared(house: House) -> None:
    folder = shutil.copytree(house.config.policy.path, house.folder / "next")
    reworded(folder, f'@duty("watermark")\n{READ_SHARE}', f'@duty("hologram")\n{READ_SHARE}')
    propose_policy(house.parts, house.passage.acting(Service.OPERATOR, Task.POLICY_PROPOSE), certified(folder))
    assert "This could not be compared: the version of the portal that proposed these rules cannot ask them" in page(house)
    assert "answers" not in event(house)


def test_an_edited_difference_is_an_alarm(house: House) -> None:
    proposed(house, (READ_SHARE, READ_SHARE.replace('"reviewer"', '"uploader"')))
    house.sql("update policy_act set differences = replace(differences, 'uploader', 'reviewer')")
    assert house.guest("sven").get("/policy").status_code == 500


RULE = '@id("F05-x")\n@reason("It is {} closed.")\nforbid (principal, action == Action::"share:read", resource);'


@pytest.mark.parametrize(
    ("before", "after", "touched"),
    [
        (RULE, RULE.replace("{}", "now"), set()),
        (RULE, "", {"share:read"}),
        ("", RULE, {"share:read"}),
        (RULE, RULE.replace("share:read", "share:know"), {"share:read", "share:know"}),
        (RULE, RULE.replace("forbid", "permit"), {"share:read"}),
        (RULE, RULE.replace(";", " when { resource.expired };"), {"share:read"}),
        (RULE, RULE.replace("@id", '@duty("step_up")\n@id'), {"share:read"}),
        (RULE, RULE.replace('action == Action::"share:read"', "action"), None),
        ("entity A;", "entity B;", None),
    ],
)
def test_which_acts_a_change_is_about(before: str, after: str, touched: set[str] | None) -> None:
    assert actions_of([Difference("F05-x", before, after)]) == touched
