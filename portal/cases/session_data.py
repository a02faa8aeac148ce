"""What a session keeps of itself: sealed under the portal's own key, bound to its row and to its token. Nobody can edit it, or move it."""

import json
from collections.abc import Mapping
from uuid import UUID

from portal.cases.uow import PORTAL, UnitOfWork
from portal.identity.models import SessionRow
from portal.identity.sessions import data_place
from portal.kernel.errors import Tampered
from portal.kernel.sealing import Sealed


def data_of(uow: UnitOfWork, row: SessionRow) -> dict[str, object]:
    """What this session keeps; raises `Tampered` if the row was given another token."""
    data: dict[str, object] = json.loads(uow.holder.open_system_field(data_place(row.id), row.data))
    if data.pop("_token", "") != row.token_hash.hex():
        raise Tampered(f"session {row.id} was given another token")
    return data


def sealed(uow: UnitOfWork, row: UUID, data: Mapping[str, object], token_hash: bytes) -> Sealed:
    """The session's data, bound to its row and its token: another row's token does not open it."""
    place = data_place(row)
    written = json.dumps({**data, "_token": token_hash.hex()}, sort_keys=True, ensure_ascii=False)
    return uow.seal(PORTAL, place.table, place.column, place.row, written)
