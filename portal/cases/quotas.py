"""How much a person may have on its way, and how much a body may hold. Asked before anything is taken, and again when it is entered.

A body holds what it has the originator's key to: its documents, what was prepared from them, and the segments that arrived; what its
unfinished uploads announced counts as if it were there. Whoever checks takes turns with everybody else of the body until the commit, so
that two cannot take the last bytes.
"""

from uuid import UUID

from sqlalchemy import select

from portal.cases.uow import UnitOfWork
from portal.documents.upload_failures import NoRoom
from portal.documents.uploads import Uploads
from portal.kernel.database import take_turns
from portal.kernel.errors import Invalid, TooLarge
from portal.vault.register import Objects


def demand_fit(uow: UnitOfWork, size: int) -> None:
    """Raise `Invalid` for a file that is empty, `TooLarge` for one larger than any the portal takes (bytes)."""
    if size == 0:
        raise Invalid({"file": "The file is empty. Choose another file."})
    most = uow.parts.config.uploads.max_bytes
    if size > most:
        raise TooLarge({"file": f"The file is larger than the {megabytes(most)} the portal takes. Split it, or ask your administrator."})


def demand_room(uow: UnitOfWork, body: str, person_id: UUID, size: int) -> None:
    """Raise `NoRoom` if `size` more bytes do not fit. In an act that writes nobody else of this body is let in until it ends."""
    limits = uow.parts.config.uploads
    if uow.writes and (limits.person_bytes or limits.body_bytes):
        take_turns(uow.session, f"uploads of {body}")
    if limits.person_bytes:
        announced = int(uow.session.scalar(select(Uploads.announced(person_id))) or 0)
        if announced + size > limits.person_bytes:
            raise NoRoom(
                {
                    "file": f"You may have {megabytes(limits.person_bytes)} on its way at once, and {megabytes(announced)} are announced. "
                    "Finish or discard an upload that you began, then send this file."
                },
                f"{announced} bytes announced, {size} asked for",
            )
    if limits.body_bytes:
        held = int(uow.session.scalar(select(Objects.held_by(body) + Uploads.outstanding(body))) or 0)
        if held + size > limits.body_bytes:
            raise NoRoom(
                {
                    "file": f"Your body may keep {megabytes(limits.body_bytes)} in the portal, and this file does not fit any more. "
                    "Discard unfinished uploads, or ask your administrator for more room."
                },
                f"{held} bytes held or announced, {size} asked for",
            )


def megabytes(count: int) -> str:
    """A limit in words: `256 MB`, `1.2 MB`."""
    return f"{count / 1_000_000:,.1f}".removesuffix(".0") + " MB"
