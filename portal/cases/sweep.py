"""Collect sealed objects that no row names: what a crash between object and row left behind.

What was there when a restore was reconciled is left alone: it may be a document that the restored database does not know.
"""

from datetime import timedelta

from portal.cases.reconcile import kept_from
from portal.cases.uow import UnitOfWork

#: An object younger than this may still get its row.
GRACE = timedelta(hours=1)


def sweep(uow: UnitOfWork) -> int:
    """Remove orphans older than `GRACE` and not kept after a restore, and what a crash left half written; returns how many orphans."""
    kept = kept_from(uow)
    old = [key for key, age in uow.parts.vault.keys() if age > GRACE and (kept is None or uow.at - age > kept)]  # noqa: SIM118
    removed = 0
    for start in range(0, len(old), 500):
        batch = old[start : start + 500]
        known = uow.objects.known(batch)
        for key in batch:
            if key not in known:
                uow.parts.vault.discard_key(key)
                removed += 1
    uow.parts.vault.sweep_temporaries(GRACE)
    return removed
