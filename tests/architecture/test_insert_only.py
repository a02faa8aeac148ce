"""The eighth lock: the application adds to the log, and neither changes nor deletes what is in it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.app import create_app
from portal.audit.grants import INSERT_ONLY
from portal.cases.offline import migrate
from portal.kernel.config import load_config
from portal.kernel.errors import Misconfigured
from tests.common import databases
from tests.common.house import House

CHANGES = [
    f"{change} {table}{rest}"
    for table in sorted(INSERT_ONLY)
    for change, rest in (("delete from", ""), ("update", " set {column} = {column}"))
]
COLUMN = {"audit_event": "code", "audit_leaf": "entry", "audit_checkpoint": "note"}
#: How each database says no.
NO = "permission denied" if databases.POSTGRESQL else "only takes rows"
AS_OWNER = [
    "truncate audit_event cascade",
    "drop table audit_checkpoint",
    "alter table audit_leaf add x int",
    f"set role {databases.OWNER}",
]


def run(house: House, statement: str) -> None:
    """As the application would."""
    with house.parts.database.write() as session:
        session.execute(text(statement))
        session.commit()


def logged(house: House) -> House:
    house.guest("ada")
    house.worker.sequence()
    return house


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_in_the_log_is_changed_or_deleted(house: House, change: str) -> None:
    table = next(table for table in INSERT_ONLY if table in change)
    before = logged(house).sql(f"select count(*) from {table}")
    assert before[0][0] > 0
    with pytest.raises(DBAPIError, match=NO):
        run(house, change.format(column=COLUMN[table]))
    assert house.sql(f"select count(*) from {table}") == before


@pytest.mark.parametrize("table", sorted(INSERT_ONLY))
def test_nothing_in_the_log_is_replaced(house: House, table: str) -> None:
    logged(house)
    statement = f"insert {'' if databases.POSTGRESQL else 'or replace '}into {table} select * from {table}"
    with pytest.raises(DBAPIError, match="duplicate key|cannot insert" if databases.POSTGRESQL else NO):
        run(house, statement)


@pytest.mark.postgresql
@pytest.mark.parametrize("act", AS_OWNER)
def test_the_application_is_not_the_owner(house: House, act: str) -> None:
    with pytest.raises(DBAPIError, match=r"must be owner|permission denied"):
        run(house, act)


@pytest.mark.postgresql
def test_the_portal_does_not_start_as_a_role_that_could_change_the_log(house: House) -> None:
    file = house.folder / "config.toml"
    file.write_text(file.read_text().replace(f'url = "postgresql://{databases.APPLICATION}', f'url = "postgresql://{databases.OWNER}'))
    config = load_config(file)
    with pytest.raises(Misconfigured, match="owner_url"):
        create_app(config, background=False)
    with pytest.raises(Misconfigured, match="two roles"):
        migrate(config)


@pytest.mark.postgresql
def test_migrating_takes_away_what_was_granted_by_mistake(house: House) -> None:
    for grantee in (databases.APPLICATION, "public"):
        house.sql(f"grant all on audit_event to {grantee}")
    with pytest.raises(Misconfigured, match="audit_event"):
        create_app(house.config, background=False)
    migrate(house.config)
    create_app(house.config, background=False)
