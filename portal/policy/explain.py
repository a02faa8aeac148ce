"""Why: what `decide` answers to somebody, with the rules that decided, told to those who may know.

Nothing is decided here. `explain` asks `decide` itself and puts its answer into words, so that an explanation cannot differ from what
the doors do; the permit is thrown away, and opens nothing.
"""

from dataclasses import dataclass
from enum import StrEnum

from portal.kernel.actions import Action
from portal.kernel.errors import Denied, Hidden, StepUpNeeded
from portal.kernel.permit import Duty, Facts, Subject
from portal.policy.decide import decide
from portal.policy.engine import Context
from portal.policy.load import PolicySet
from portal.policy.rules import Rule

#: What somebody is told to whom a thing is hidden.
ABSENT = "As if it did not exist."


class Outcome(StrEnum):
    """`ASKED`: permitted once they have confirmed with a second factor that it is them. `HIDDEN`: refused, and not told that it exists."""

    PERMITTED = "permitted"
    ASKED = "asked"
    REFUSED = "refused"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What the person would meet. `rules` are those that decided: none, if no rule permits it. `told`: what the person would read."""

    outcome: Outcome
    rules: tuple[Rule, ...]
    duties: frozenset[Duty] = frozenset()
    told: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """May the person do it, be it after confirming?"""
        return self.outcome in {Outcome.PERMITTED, Outcome.ASKED}

    @property
    def far(self) -> int:
        """How far the person comes: to be asked for a second factor is not yet to be through."""
        return {Outcome.PERMITTED: 2, Outcome.ASKED: 1}.get(self.outcome, 0)


def explain(policies: PolicySet, subject: Subject, action: Action, facts: Facts, context: Context) -> Explanation:
    """What `decide` answers. Raises `Invalid` and `Undecided` as it does."""

    def named(ids: tuple[str, ...]) -> tuple[Rule, ...]:
        return tuple(policies.rules[rule] for rule in ids)

    try:
        permit = decide(policies, subject, action, facts, context)
    except StepUpNeeded as asked:
        return Explanation(outcome=Outcome.ASKED, rules=named(asked.rules), told=(asked.public,))
    except Hidden as hidden:
        return Explanation(outcome=Outcome.HIDDEN, rules=named(hidden.rules), told=(ABSENT,))
    except Denied as refused:
        return Explanation(outcome=Outcome.REFUSED, rules=named(refused.rules), told=refused.reasons)
    return Explanation(outcome=Outcome.PERMITTED, rules=named(permit.rules), duties=permit.duties)
