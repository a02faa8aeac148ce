"""What an act that failed leaves in the store: nothing, unless a row may name it all the same."""

from contextlib import suppress

from sqlalchemy.exc import DBAPIError

from portal.kernel.database import is_passing
from portal.kernel.errors import Unavailable
from portal.vault.objects import SealedObject, Vault


def take_back(vault: Vault, error: BaseException, *sealed: SealedObject) -> None:
    """Remove what was sealed for the act that ended with `error`.

    A commit whose answer was lost may have happened, and then a row names the object: it stays, and the sweep, which sees the row or its
    absence, decides. A store that does not answer leaves its part to the sweep, too.
    """
    if isinstance(error, DBAPIError) and not is_passing(error):
        return
    for done in sealed:
        with suppress(Unavailable):
            vault.discard(done)
