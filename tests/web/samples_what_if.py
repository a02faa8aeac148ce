"""Invented contexts of the page "What would the rules answer?"."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import cedarpy

from portal.cases.simulate import ACTS, IN_FORCE, AnswerView, SimulationView
from portal.cases.situations import Field, form_of
from portal.kernel.actions import Action
from portal.policy.rules import Rule

SCHEMA = cedarpy.Schema.from_str((Path(__file__).parents[2] / "policies" / "portal.cedarschema").read_text(encoding="utf-8"))
BODIES = [("CTED", "Directorate"), ("OCT", "Office")]
CHANGE = "3f0c9a52-0000-4000-8000-000000000001"
RULES = Field(
    name="rules",
    label="Which rules",
    choices=[(IN_FORCE, "In force"), (CHANGE, "In force, and proposed on 24 Nov 2026 (c09e4a77)")],
    chosen=(IN_FORCE,),
)


def _rule(rule: str, reason: str, source: str, *duties: str) -> Rule:
    effect = "permit" if rule.startswith("P") else "forbid"
    return Rule(id=rule, effect=effect, reason=reason, source=source, duties=frozenset(), tell=False, file="reading.cedar", line=12)


READ = _rule("P14-read-share", "A reviewer reads what was shared with their own body.", "The portal's roles: a reviewer reads")
CLOSED = _rule("F05-suspended", "This share is suspended.", "The portal's second sentence: closing takes one officer")
UNCLEARED = _rule("F08-clearance", "Your clearance is below the level of this document.", "ST/SGB/2007/6, section 5.1")
YES = AnswerView(whose="The rules in force", allowed=True, outcome="Permitted", rules=[READ], duties=["Their name is put on every page."])
NO = AnswerView(whose="Proposed on 24 Nov 2026", outcome="Refused", rules=[CLOSED, UNCLEARED], told=["No longer available."])
NEVER = AnswerView(whose="The rules in force", outcome="Refused, and not told that it exists", no_rule="Your role does not include this.")
NOT_ASKED = AnswerView(whose="Proposed on 24 Nov 2026", why_not="This version of the portal cannot ask these rules.")


def _page(**more: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {"acts": ACTS, "bodies": BODIES, "act": "", "body": "", "rules": RULES, "faults": {}, **more}
    view = SimulationView(**plain)
    fields = [*(view.form.fields if view.form else ()), view.rules]
    return {"view": view, "ids": {field.name: f"w-{field.name}" for field in fields}, "ask_url": "what_if.html"}


def _asked(action: Action, body: str, **more: Any) -> dict[str, Any]:
    return _page(act=action.value, body=body, form=form_of(SCHEMA, BODIES, action, body), **more)


FAULTS = {"role": "Roles: that is none of the choices. Choose from the list.", "thing.level": "Level: choose one from the list."}
WHAT_IF = _page()
WHAT_IF_FAULTS = _page(faults={"act": "Choose an act from the list.", "body": "Choose a body from the list."})
WHAT_IF_FORM = _asked(Action.SHARE_PROPOSE, "CTED")
WHAT_IF_ANSWERED = _asked(Action.SHARE_READ, "OCT", answers=[YES, NO], rules=replace(RULES, chosen=(CHANGE,)))
WHAT_IF_UNASKED = _asked(Action.AUDIT_READ, "OCT", answers=[NEVER, NOT_ASKED], rules=replace(RULES, chosen=(CHANGE,)))
WHAT_IF_FORM_FAULTS = _asked(Action.VERSION_READ, "CTED", faults={**FAULTS, "": "The address says something that has no place."})
