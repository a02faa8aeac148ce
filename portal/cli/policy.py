"""`portal policy …`: its words on the command line, and what the rules answer."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from portal.cases.ask_why import DUTIES, OUTCOMES
from portal.cases.change_policy import Proposed
from portal.cases.compare_policies import Change, Comparison
from portal.cases.what_if import Answer, Question
from portal.kernel.actions import Action
from portal.kernel.permit import NO_RULE
from portal.kernel.vocabulary import Level, Role

#: Ids of persons named for each change.
NAMED = 5


def add_policy(commands: Any) -> None:
    policy = commands.add_parser("policy", help="ask the rules, compare them, propose others").add_subparsers(dest="policy", required=True)
    ask = policy.add_parser("what-if", help="what somebody would be answered, and why; exit 0 permitted, 3 refused")
    ask.add_argument("--person", type=UUID, metavar="ID", help="somebody of the register; else an invented person:")
    ask.add_argument("--body", default="", help="the code of the invented person's body")
    ask.add_argument("--role", type=Role, action="append", default=[], help=f"a role of theirs, again for more: {', '.join(Role)}")
    ask.add_argument("--clearance", type=int, choices=list(map(int, Level)), default=0, help="theirs: 0 Unclassified to 2")
    ask.add_argument("--action", type=Action, required=True, help="what they want to do, as policies/decisions.toml names it")
    ask.add_argument("--document", "--on", dest="thing", type=UUID, metavar="ID", help="what it is about: a document, share, proposal …")
    ask.add_argument("--recipient", metavar="BODY", help="the body it would be shared with, for share:propose")
    ask.add_argument("--confirmed", action="store_true", help="as if they had just confirmed with a second factor")
    ask.add_argument("--policies", type=Path, metavar="FOLDER", help="these rules instead of those in force")
    diff = policy.add_parser("diff", help="who of the register gains and loses; exit 0 nobody, 1 somebody, 2 it could not be compared")
    diff.add_argument("old", type=Path, metavar="OLD")
    diff.add_argument("new", type=Path, metavar="NEW")
    diff.add_argument("--persons", action="store_true", help=f"name everybody's id, not {NAMED} for each change")
    propose = policy.add_parser("propose", help="propose other rules; security administrators of two bodies approve them on /policy")
    propose.add_argument("folder", type=Path, help="a folder of rules beside the one in use")


def question_of(arguments: argparse.Namespace) -> Question:
    return Question(
        action=arguments.action,
        person=arguments.person,
        body=arguments.body,
        roles=frozenset(arguments.role),
        clearance=Level(arguments.clearance),
        thing=arguments.thing,
        recipient=arguments.recipient,
        confirmed=arguments.confirmed,
    )


def told_answer(answer: Answer) -> Iterator[str]:
    """Permitted or refused, the rules that say so and where they stand, what is to be done for it, and what the person would read."""
    said = answer.explanation
    yield OUTCOMES[said.outcome]
    for rule in said.rules:
        yield f"  {rule.id} ({rule.file}, line {rule.line}): {rule.reason}"
    if not said.rules:
        yield f"  no rule permits it: {NO_RULE}"
    for duty in sorted(said.duties):
        yield f"  duty {duty}: {DUTIES[duty]}"
    for sentence in said.told:
        yield f"  they read: {sentence}"
    yield f"Rules {answer.policy[:16]}."


def told_progress(done: int, total: int) -> None:
    print(f"{done:,} of {total:,} documents", file=sys.stderr)


def told_comparison(found: Comparison, *, everybody: bool) -> Iterator[str]:
    """Each change with whom it concerns, the rules before and after, and some symbols; at the end, how much was compared."""
    for change in found.changes:
        yield from _told(change, everybody)
    verdict = f"{len(found.changes)} changes" if found.changes else "Nobody gains and nobody loses"
    extent = f"of {found.persons:,} persons and {found.documents:,} documents with all that hangs on them"
    yield f"{verdict}: {found.asked:,} answers compared, {extent}."


def _told(change: Change, everybody: bool) -> Iterator[str]:
    roles = ", ".join(sorted(role.words for role in change.roles)) or "No role"
    verb = "gains" if change.gained else "loses"
    what = f"{verb} {change.action}" + (f" {'without' if change.gained else 'only with'} a second factor" if change.factor_only else "")
    yield f"{change.body}, {roles}: {what}"
    ids = sorted(map(str, change.persons))
    shown = ids if everybody else ids[:NAMED]
    more = f" and {len(ids) - len(shown)} more (--persons names them)" if len(ids) > len(shown) else ""
    yield f"  {len(ids)} {'person' if len(ids) == 1 else 'persons'}: {', '.join(shown)}{more}"
    if change.symbols:
        yield f"  {change.things:,} {'thing' if change.things == 1 else 'things'}, such as {', '.join(change.symbols)}"
    yield f"  before: {', '.join(sorted(change.before)) or 'no rule'}; after: {', '.join(sorted(change.after)) or 'no rule'}"


def told_proposal(proposed: Proposed, folder: Path, place: Path) -> Iterator[str]:
    """What would change, and what is to be done next, a line each."""
    yield f"Proposed: the rules in {folder} ({proposed.hash[:16]})"
    for difference in proposed.differences:
        yield f"  {difference.sign:8} {difference.name}"
    if not proposed.differences:
        yield "  no rule changes: only remarks, or which file a rule stands in"
    yield "A security administrator of each of two bodies has to approve this on the page /policy."
    yield f"Then put exactly these files into {place} and restart the portal."
