"""Objects that lie there already keep their header and their wraps when the column may become empty."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import text

from portal.cases.offline import migrate
from portal.kernel.config import load_config
from portal.kernel.database import Database
from tests.migrations.test_migrations import _elsewhere

OBJECT = """insert into sealed_object (id, store_key, size, payload_size, nonce, kc, ph, header, created_at)
values (:id, 'k', 1, 33, :b, :b, :b, :b, :at)"""
WRAP = """insert into key_wrap (id, object_id, body, kek, algorithm, floor, nonce, wrapped)
values (:id, :object, 'CTED', 'CTED/1', 'x', 0, :b, :b)"""


def test_rows_that_are_there_live_through_the_change_up_and_down(template: Path, tmp_path: Path) -> None:
    config = load_config(_elsewhere(template, tmp_path))
    migrate(config, "20261126_terms")
    database = Database(config.database.url)
    name, content, at = uuid4().hex, b"header", int(datetime(2026, 11, 24, tzinfo=UTC).timestamp())
    with database.write() as session:
        session.execute(text(OBJECT), {"id": name, "b": content, "at": at})
        session.execute(text(WRAP), {"id": uuid4().hex, "object": name, "b": content})
        session.commit()
    migrate(config, "20261128_shredding")
    with database.read() as session:
        assert [tuple(row) for row in session.execute(text("select header, shredded_at from sealed_object"))] == [(content, None)]
        assert session.execute(text("select count(*) from key_wrap")).scalar() == 1
    with database.write() as session:
        session.execute(text("update sealed_object set header = null"))
        session.commit()
    migrate(config, "base")
    database.close()
