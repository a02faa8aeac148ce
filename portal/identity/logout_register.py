"""Which logout tokens were taken: each is taken once, by whichever process it reached (Back-Channel Logout 1.0, section 2.6, step 7)."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.identity.claims import LEEWAY
from portal.identity.logout_token import LogoutRefused, Notice
from portal.identity.models import LogoutTokenRow


class LogoutTokens:
    def __init__(self, session: Session) -> None:
        self._session = session

    def take(self, notice: Notice, at: datetime) -> None:
        """Remember this token for as long as it could come again; raises `LogoutRefused` if it was taken before."""
        over = at - timedelta(seconds=2 * LEEWAY)
        self._session.execute(delete(LogoutTokenRow).where(LogoutTokenRow.expires_at < over))
        name = hashlib.sha256(notice.token_id.encode()).digest()
        if self._session.get(LogoutTokenRow, (notice.issuer, name)) is not None:
            raise LogoutRefused("a logout token with this jti was taken already")
        self._session.add(LogoutTokenRow(issuer=notice.issuer, token_id_hash=name, expires_at=notice.expires_at))
        self._session.flush()
