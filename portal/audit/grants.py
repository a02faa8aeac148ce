"""Who may do what to the tables (PostgreSQL): the owner migrates, the application works, and to the log it can only add.

On SQLite, which knows no roles, triggers stand in their place (migrations/versions/20261125_insert_only.py).
"""

from sqlalchemy import Connection, inspect, make_url, text
from sqlalchemy.orm import Session

from portal.audit.models import AuditCheckpoint, AuditEvent, AuditLeaf
from portal.kernel.errors import Misconfigured

#: Rows of these are only ever inserted.
INSERT_ONLY = frozenset({AuditEvent.__tablename__, AuditLeaf.__tablename__, AuditCheckpoint.__tablename__})
_CHANGES = ("UPDATE", "DELETE", "TRUNCATE")


def application_role(owner_url: str, url: str) -> str:
    """The role that is to be granted. Raises `Misconfigured` if both addresses name one role, or the application's names none."""
    role = make_url(url).username
    if not role or role == make_url(owner_url).username:
        raise Misconfigured("database.url and database.owner_url must name two roles: the application's cannot be the owner's")
    return role


def grant_application(connection: Connection, role: str) -> None:
    """As the owner, grant this role exactly what the application needs, and take away whatever else it, or everybody, had."""
    quote = connection.dialect.identifier_preparer.quote
    for table in inspect(connection).get_table_names():
        rights = "SELECT, INSERT" if table in INSERT_ONLY else "SELECT" if table == "alembic_version" else "SELECT, INSERT, UPDATE, DELETE"
        for grantee in (quote(role), "PUBLIC"):
            connection.execute(text(f"REVOKE ALL ON TABLE {quote(table)} FROM {grantee}"))
        connection.execute(text(f"GRANT {rights} ON TABLE {quote(table)} TO {quote(role)}"))


def demand_insert_only(session: Session) -> None:
    """Raise `Misconfigured` if this session's role could change or delete what is in the log (PostgreSQL; superusers always could)."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in sorted(INSERT_ONLY):
        for change in _CHANGES:
            if session.scalar(text("SELECT has_table_privilege(:table, :change)"), {"table": table, "change": change}):
                raise Misconfigured(
                    f"the role of database.url can {change} rows of {table}: give the tables to another role, name it in "
                    "database.owner_url and run `portal migrate`, which grants each role what it needs (docs/database.md)"
                )
