"""How somebody came in: what a sign-in knows of itself, whichever way it took."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The end of a sign-in. The person is (`issuer`, `subject`).

    `provider` is the sign-in service's name in the configuration, or `local`. `confirmed_at`: when a second factor was last used, None if
    nobody vouches for one. `provider_session` and `id_token` are for leaving there, too.
    """

    provider: str
    issuer: str
    subject: str
    name: str
    authenticated_at: datetime
    confirmed_at: datetime | None = None
    provider_session: str | None = None
    id_token: str = field(default="", repr=False)
