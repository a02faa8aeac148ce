"""Every migration goes up and down, and the head equals the models."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, make_url

import portal.audit.checks
import portal.audit.models
import portal.confidentiality.models
import portal.confidentiality.request_acts
import portal.confidentiality.visit_requests
import portal.documents.keeping
import portal.documents.models
import portal.documents.upload_models
import portal.identity.filters
import portal.identity.grants
import portal.identity.local
import portal.identity.models
import portal.identity.person_acts
import portal.identity.throttle
import portal.registers.models
import portal.sharing.models
import portal.sharing.onward
import portal.sharing.remarks
import portal.sharing.transfers
import portal.vault.models  # noqa: F401
from portal.cases.offline import migrate
from portal.kernel.config import load_config
from portal.kernel.database import Base, Database
from tests.common import databases


def test_up_down_up_and_head_equals_models(template: Path, tmp_path: Path) -> None:
    config = load_config(_elsewhere(template, tmp_path))
    migrate(config)
    database = Database(config.database.url)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        first = _described(connection)
    migrate(config, "base")
    with database.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    migrate(config)
    with database.engine.connect() as connection:
        assert _described(connection) == first
    database.close()


def _described(connection) -> dict[str, list[str]]:  # type: ignore[no-untyped-def]
    inspector = inspect(connection)
    return {table: sorted(column["name"] for column in inspector.get_columns(table)) for table in inspector.get_table_names()}


def _elsewhere(template: Path, folder: Path) -> Path:
    text = (template / "config.toml").read_text()
    if databases.POSTGRESQL:
        url = load_config(template / "config.toml").database.url
        text = text.replace(str(make_url(url).database), databases.new_database())
    else:
        text = text.replace("sqlite:///portal.db", f"sqlite:///{folder}/fresh.db")
    file = folder / "config.toml"
    file.write_text(text)
    return file
