"""What would the rules answer, in force or proposed? For whoever answers for them: a situation that is made up, and nothing that is real.

The one decision is asked. The register is not: neither auditors nor administrators learn of a document or of a colleague by asking.
Proposals of other rules are read, which they may see (`policy:read`).
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from portal.cases.act_words import WORDS
from portal.cases.ask_why import DUTIES, OUTCOMES
from portal.cases.facts import BodyTarget
from portal.cases.names import body_short, day
from portal.cases.policy_facts import PolicyChange, change_of
from portal.cases.situations import Choices, Chosen, Field, Form, Situation, form_of, situation
from portal.cases.uow import UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.errors import Misconfigured
from portal.kernel.permit import NO_RULE, Permit
from portal.policy.engine import Undecided
from portal.policy.explain import explain
from portal.policy.load import PolicySet
from portal.policy.rules import Rule
from portal.policy.supposed import supposed

log = logging.getLogger(__name__)

IN_FORCE = "in-force"
#: What an address says before the situation is described.
FIRST = ("act", "body")
ACTS: Sequence[tuple[str, Choices]] = [(group, [(action.value, words) for action, words in acts.items()]) for group, acts in WORDS.items()]
WHY_NOT = (
    "This version of the portal cannot ask these rules: they speak of something that only another version knows, or the folder of rules "
    "is no longer what is in force. “portal policy what-if --policies FOLDER” says more."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """`whose`: of which rules. `why_not`: what hinders asking them; else the answer. `told`: what the person would read."""

    whose: str
    why_not: str = ""
    allowed: bool = False
    outcome: str = ""
    rules: Sequence[Rule] = ()
    no_rule: str = ""
    duties: Sequence[str] = ()
    told: Sequence[str] = ()


@dataclass(slots=True, kw_only=True)
class SimulationView:
    """`form` is None until act and body are chosen; `faults`, by the name of a field, "" for one that is of none."""

    acts: Sequence[tuple[str, Choices]]
    bodies: Choices
    act: str
    body: str
    rules: Field
    faults: Mapping[str, str]
    form: Form | None = None
    answers: Sequence[AnswerView] = ()

    @property
    def act_words(self) -> str:
        return next((words for _, acts in self.acts for value, words in acts if value == self.act), "")

    @property
    def act_group(self) -> str:
        return next((group for group, acts in self.acts for value, _ in acts if value == self.act), "")

    @property
    def body_short(self) -> str:
        return dict(self.bodies).get(self.body, "")


def simulate(uow: UnitOfWork, permit: Permit, body: BodyTarget, given: Chosen) -> SimulationView:
    """What `given`, the parts of an address, asks: nothing yet, a form for one act, or that form with its answers. Faults are told."""
    permit.must_cover(Action.POLICY_WHAT_IF, body)
    changes = [change for change in map(partial(change_of, uow), uow.policy_changes.proposals(uow.last_policy())) if not change.withdrawn]
    bodies = [(code, body_short(uow, code)) for code in uow.parts.config.bodies]
    act, code = (given.get(name, [""])[0] for name in FIRST)
    view = SimulationView(acts=ACTS, bodies=bodies, act=act, body=code, rules=_rules(changes), faults=_faults_of_first(given, bodies))
    if not given or view.faults:
        return view
    view.form = form_of(uow.parts.policies.engine.schema, bodies, Action(act), code)
    if given.keys() <= set(FIRST):
        return view
    view.form, view.rules = view.form.given(given), replace(view.rules, chosen=tuple(given.get("rules", ())))
    view.faults = _faults(view.form, view.rules, given)
    if not view.faults:
        asked = situation(uow.parts.policies.engine.schema, Action(act), code, {one.name: one.chosen for one in view.form.fields}, uow.at)
        view.answers = [_answer("The rules in force", uow.parts.policies, asked)]
        view.answers += [_proposed(uow, change, asked) for change in changes if str(change.proposal.id) in view.rules.chosen]
        uow.notes.detail |= {"asked": act, "policy": uow.parts.policies.hash}
    return view


def _rules(changes: Sequence[PolicyChange]) -> Field:
    proposed = [
        (str(one.proposal.id), f"In force, and proposed on {day(one.proposal.done_at)} ({one.proposal.hash[:8]})") for one in changes
    ]
    return Field(name="rules", label="Which rules", choices=[(IN_FORCE, "In force"), *proposed], chosen=(IN_FORCE,))


def _faults_of_first(given: Chosen, bodies: Choices) -> dict[str, str]:
    """What is wrong with act and body, once anything is given."""
    known = {"act": {action for _, acts in ACTS for action, _ in acts}, "body": {code for code, _ in bodies}}
    sentences = {"act": "Choose an act from the list.", "body": "Choose a body from the list."}
    return {name: sentences[name] for name in FIRST if given and (len(given.get(name, ())) != 1 or given[name][0] not in known[name])}


def _faults(form: Form, rules: Field, given: Chosen) -> dict[str, str]:
    faults = form.faults()
    if sentence := rules.fault(rules.chosen):
        faults["rules"] = sentence
    if given.keys() - {*FIRST, "rules", *(one.name for one in form.fields)}:
        faults[""] = "The address says something that this question has no place for. Fill in the form, and ask again."
    return faults


def _proposed(uow: UnitOfWork, change: PolicyChange, asked: Situation) -> AnswerView:
    """The same question under rules that are not in force, which may speak of what only the next version of the portal knows."""
    row, config = change.proposal, uow.parts.config
    whose = f"Proposed on {day(row.done_at)}"
    try:
        policies = supposed(config.policy.path, row.before, row.differences, row.hash, tuple(config.bodies))
        return _answer(whose, policies, asked)
    except (Misconfigured, Undecided) as error:
        log.warning("the proposed rules %s cannot be asked: %s", row.hash[:16], error.detail)
        return AnswerView(whose=whose, why_not=WHY_NOT)


def _answer(whose: str, policies: PolicySet, asked: Situation) -> AnswerView:
    said = explain(policies, asked.subject, asked.action, asked.facts, asked.context)
    return AnswerView(
        whose=whose,
        allowed=said.allowed,
        outcome=OUTCOMES[said.outcome],
        rules=said.rules,
        no_rule="" if said.rules else NO_RULE,
        duties=[DUTIES[duty] for duty in sorted(said.duties)],
        told=said.told,
    )
