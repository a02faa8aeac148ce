"""`portal restore …`: its words on the command line, and what a reconciliation says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portal.cases.restored import Plan


def add_restore(commands: Any) -> None:
    restore = commands.add_parser("restore", help="after a backup was put back").add_subparsers(dest="restore", required=True)
    again = restore.add_parser("reconcile", help="set right what a restore left behind, so that the portal starts again")
    again.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
    again.add_argument("--published", type=Path, metavar="FOLDER", help="another copy of the published log, newer than this installation's")
    again.add_argument(
        "--restored", action="store_true", help="you know that everything was put back, though nothing tells: close all shares"
    )
    settle = restore.add_parser("settle", help="a document's officers say that no request of it was lost")
    settle.add_argument("body", help="the code of its originator")
    settle.add_argument("symbol")
    restore.add_parser("discard", help="let the sweep remove objects that no row named when a restore was reconciled")


def told_plan(plan: Plan, *, dry_run: bool) -> Iterator[str]:
    """What was found, and what was done or would be, a line each."""
    if not plan.to_do:
        yield "Nothing tells of a restore: nothing was changed."
    else:
        yield "This would be done:" if dry_run else "Reconciled:"
        yield from _done(plan)
    yield from _left(plan)


def _done(plan: Plan) -> Iterator[str]:
    if plan.leaves:
        yield f"- leaves {plan.lost.first} to {plan.lost.end - 1} of the log were taken up as published; their events are lost"
    if plan.lost.guard_behind:
        yield "- log.guard was brought up to what was signed"
    if plan.floors_short:
        yield "- the floors file lacked lines"
    if plan.raises:
        yield f"- {len(plan.raises)} floors were raised to what the log tells"
    if plan.closing:
        yield f"- {len(plan.closing)} shares were closed; to share again takes two officers"
    if plan.unsure:
        yield "- every share is among them: what was recalled, and what States asked for, since the backup is known to nobody here"
    if plan.withdrawn:
        yield f"- keys of {len(plan.withdrawn)} closed shares were deleted"
    if plan.shredded:
        yield f"- {len(plan.shredded)} objects that were shredded lost their keys again; purge them from the backup"
    yield "- all sessions ended; accounts that were closed since the backup are open again: close them"


def _left(plan: Plan) -> Iterator[str]:
    for one in plan.behind:
        yield (
            f"- {one.symbol} of {one.originator}: a request or a recall is lost. Its officers must record it again, or say that nothing "
            f"was withheld (`portal restore settle {one.originator} {one.symbol}`); until then it is shared with nobody"
        )
    if plan.gone:
        yield f"- NOT IN ORDER  the store lacks objects of {len(plan.gone)} documents; put the store back: {', '.join(plan.gone)}"
    if plan.unnamed:
        yield (
            f"- {plan.unnamed} objects in the store have no row: perhaps documents from after the backup, which the recovery identity "
            "opens. After a reconciliation they are kept until `portal restore discard`"
        )
