"""Alembic's environment: one database, named by whoever calls (`portal.cases.offline.migrate`, tests) or by PORTAL_CONFIG."""

from alembic import context

import portal.audit.models
import portal.confidentiality.models
import portal.documents.models
import portal.identity.models
import portal.registers.models
import portal.sharing.models
import portal.vault.models  # noqa: F401  (models register themselves)
from portal.kernel.config import load_config
from portal.kernel.database import Base, Database

database = Database(context.config.attributes.get("url") or load_config().database.url)
with database.engine.connect() as connection:
    context.configure(
        connection=connection.execution_options(portal_write=True),
        target_metadata=Base.metadata,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
database.close()
