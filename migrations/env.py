"""Alembic's environment: one database, named by whoever calls (`portal.cases.offline.migrate`)."""

from alembic import context

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
import portal.identity.throttle
import portal.policy.changes
import portal.registers.models
import portal.sharing.models
import portal.sharing.onward
import portal.sharing.readings
import portal.vault.models  # noqa: F401  (models register themselves)
from portal.audit.grants import grant_application
from portal.kernel.database import Base, Database

#: A migration that cannot have its lock soon gives way to those who work; one that runs long is written anew. Milliseconds.
LIMITS = {"lock_timeout": 4_000, "statement_timeout": 5_000}

database = Database(context.config.attributes["url"])
with database.engine.connect() as plain:
    connection = plain.execution_options(portal_write=True)
    if connection.dialect.name == "postgresql":
        with connection.begin():
            for setting, milliseconds in LIMITS.items():
                connection.exec_driver_sql(f"SET {setting} = {milliseconds}")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if role := context.config.attributes["grant_to"]:
        connection.rollback()  # what Alembic read to find nothing to do
        with connection.begin():
            grant_application(connection, role)
database.close()
