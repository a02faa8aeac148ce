"""Which rules the portal may start with: the first ones, those in force, and others that two bodies approved as a change of those."""

from collections.abc import Mapping

from portal.audit.record import Fact
from portal.cases.change_policy import marked
from portal.cases.policy_facts import PolicyChange, change_of
from portal.cases.uow import Notes, UnitOfWork
from portal.kernel.errors import Misconfigured
from portal.kernel.events import Event


def adopt(uow: UnitOfWork) -> None:
    """Record that these rules are in force from now on, unless they were. The first of all follow the log's first event."""
    found = adoption(uow)
    if found is None:
        return
    if not found["before"]:
        uow.also(Event.PORTAL_INITIALISED, Notes(detail={"origin": uow.parts.config.log.origin}), originator="")
    uow.also(Event.POLICY_ADOPTED, Notes(detail=dict(found)), originator="")


def adoption(uow: UnitOfWork) -> Mapping[str, Fact | list[Fact]] | None:
    """What is to be recorded before anything is served, None if these rules are in force. Raises `Misconfigured` if nobody approved them.

    The log tells which are in force. An adoption that a version recorded which asked nobody says of no change: whatever is there at the
    next start counts as a first set.
    """
    wanted, last = uow.parts.policies.hash, uow.last_adoption()
    before = str(last.get("policy", ""))
    if "change" not in last:
        return {"policy": wanted, "before": before, "change": "first", "rules": []}
    if before == wanted:
        return None
    changes = [found for found in (change_of(uow, row) for row in uow.policy_changes.proposals(before)) if found.proposal.hash == wanted]
    for change in changes:
        if change.approved:
            return {"policy": wanted, "before": before, "change": change.resource_id, "rules": marked(change.proposal.differences)}
    raise Misconfigured(_refusal(uow, before, wanted, changes))


def _refusal(uow: UnitOfWork, before: str, wanted: str, changes: list[PolicyChange]) -> str:
    folder = uow.parts.config.policy.path
    said = f"the rules in {folder} ({wanted[:16]}) are not those in force ({before[:16]}), and "
    back = f"Put the rules in force back into {folder}, start the portal, and"
    waiting = [change for change in changes if not change.withdrawn]
    if waiting:
        bodies = ", ".join(act.body for act in waiting[0].consents) or "nobody"
        return f"{said}they wait for approval (so far: {bodies}). {back} let security administrators of two bodies approve on /policy"
    if changes:
        return f"{said}that change was withdrawn. {back} if it is still meant, `portal policy propose FOLDER` it anew"
    return (
        f"{said}nobody approved them. {back} propose the others from a folder of their own, `portal policy propose FOLDER`; a security "
        "administrator of each of two bodies approves on /policy, then the folder is put in place and the portal restarted"
    )
