"""The database: reachable, of a kind that is known, its tables at the head, its log insert-only, its pages whole."""

from collections.abc import Iterator
from pathlib import Path

from alembic.migration import MigrationContext
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from portal.audit.grants import INSERT_ONLY, demand_insert_only
from portal.cases.doctor.findings import Finding, fault, ok
from portal.cases.doctor.site import Site
from portal.cases.offline import newest_tables
from portal.kernel.config import DatabaseSection
from portal.kernel.database import looking

_TRIGGERS = ("never_changed", "never_deleted", "never_replaced")


def database(site: Site) -> Iterator[Finding]:
    """Raises the database's own failure if it cannot be reached."""
    section = site.section(DatabaseSection)
    with looking(section.url) as session:
        kind = session.get_bind().dialect.name
        yield ok(f"{_named(session, kind)} answers")
        yield from _tables(session)
        if kind == "sqlite":
            yield from _pages(session, Path(make_url(section.url).database or ""), full=site.full)
        yield from _insert_only(session, kind)


def _named(session: Session, kind: str) -> str:
    if kind == "sqlite":
        return f"SQLite {session.scalar(text('SELECT sqlite_version()'))}"
    return f"PostgreSQL {session.scalar(text('SHOW server_version'))}"


def _tables(session: Session) -> Iterator[Finding]:
    found, head = MigrationContext.configure(session.connection()).get_current_revision(), newest_tables()
    if found is None:
        yield fault("the database has no tables of the portal", "run `portal init`, or check database.url")
    elif found != head:
        yield fault(f"the tables are at {found}, this version of the portal needs {head}", "run `portal migrate`")
    else:
        yield ok(f"the tables are at {head}, which is the newest")


def _pages(session: Session, file: Path, *, full: bool) -> Iterator[Finding]:
    """A write-ahead log, and pages that are whole; `full` also compares indexes and foreign keys."""
    with file.open("rb") as opened:
        header = opened.read(20)
    if header[18:20] != b"\2\2":
        yield fault(
            f"{file} is not in WAL mode: something else than the portal wrote it",
            "find out what did; the portal sets the mode when it starts",
        )
    checks = ("integrity_check", "foreign_key_check") if full else ("quick_check",)
    for check in checks:
        rows = [row for row in session.execute(text(f"PRAGMA {check}")).all() if row[0] != "ok"]  # nosec B608
        if rows:
            yield fault(f"{file} is damaged ({check}: {len(rows)} complaints)", "stop the portal and restore the newest backup")
        else:
            yield ok(f"its pages are whole ({check})")


def _insert_only(session: Session, kind: str) -> Iterator[Finding]:
    """What is in the log can only be added to: by triggers on SQLite, by the role's rights on PostgreSQL."""
    if kind == "postgresql":
        demand_insert_only(session)
        yield ok("the role of database.url can only add to the log")
        return
    there = set(session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
    lost = sorted({f"{table}_{trigger}" for table in INSERT_ONLY for trigger in _TRIGGERS} - there)
    if lost:
        advice = "somebody with the file at hand removed them: run `portal audit verify`, and restore the database"
        yield fault(f"{len(lost)} of the triggers that keep the log are gone ({', '.join(lost[:3])})", advice)
    else:
        yield ok("triggers keep the log: rows can only be added")
