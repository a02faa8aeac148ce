"""Which rules the portal may start with: the first ones, those in force, and others that two bodies approved as a change of those.

And with which tables it does: that they were migrated is told by the first start after it, as no event can be written into older ones.
"""

from collections.abc import Mapping

from alembic.runtime.migration import MigrationContext

from portal.audit.history import latest_detail
from portal.audit.record import Fact
from portal.cases.change_policy import marked
from portal.cases.policy_facts import PolicyChange, change_of
from portal.cases.uow import Notes, UnitOfWork
from portal.kernel.errors import Misconfigured
from portal.kernel.events import Event


def adopt(uow: UnitOfWork) -> None:
    """Record that these rules are in force and these tables in use from now on, unless they were. The log's first event comes first."""
    found, migrated = adoption(uow), migration(uow)
    if found is not None and not found["before"]:
        first: dict[str, Fact | list[Fact]] = {"origin": uow.parts.config.log.origin, "tables": _tables(uow)}
        uow.also(Event.PORTAL_INITIALISED, Notes(detail=first), originator="")
    elif migrated is not None:
        uow.also(Event.PORTAL_MIGRATED, Notes(detail=dict(migrated)), originator="")
    if found is not None:
        uow.also(Event.POLICY_ADOPTED, Notes(detail=dict(found)), originator="")


def migration(uow: UnitOfWork) -> Mapping[str, Fact] | None:
    """What is to be recorded of the tables, None if the log knows these. `before` is empty where the log does not say which they were."""
    events = (Event.PORTAL_MIGRATED, Event.PORTAL_INITIALISED)
    known = next((str(told) for event in events if (told := latest_detail(uow.session, event).get("tables"))), "")
    tables = _tables(uow)
    return None if tables == known else {"tables": tables, "before": known}


def _tables(uow: UnitOfWork) -> str:
    """Their revision."""
    return MigrationContext.configure(uow.session.connection()).get_current_revision() or ""


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
