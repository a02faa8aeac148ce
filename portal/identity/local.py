"""Local accounts, for persons of bodies without a sign-in service.

A local account is a person with the issuer `local`, whose `sub` is their own id. The name they sign in with is no identity: it is kept as a
keyed hash to be found by, and else only in what is sealed. `state` holds all that decides how somebody signs in: it is sealed for its own
row, so that nobody can edit it, move it to another account, or guess at its password without the portal's key.
"""

import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, Uuid, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kernel.database import Base
from portal.kernel.sealing import Place, Sealed, SealedText

#: The issuer of local accounts, and how this way to sign in is named in addresses and in the log.
LOCAL = "local"
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")


class LocalAccount(Base):
    __tablename__ = "local_account"

    id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    login_key: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    state: Mapped[Sealed] = mapped_column(SealedText)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How somebody signs in. Hashes only, but for the secret of one-time codes, which has to be known.

    `step`: the time step of the one-time code that was used last. `recovery`: the hashes of the recovery codes that are left. `link`: the
    hash of the enrolment link that is open, with the hash of the code that goes with it and its end (ISO); empty when there is none.
    """

    login: str
    name: str
    password: str = ""
    totp: str = ""
    step: int = 0
    recovery: tuple[str, ...] = ()
    link: str = ""
    link_code: str = ""
    link_until: str = ""

    @property
    def enrolled(self) -> bool:
        return bool(self.password and self.totp)

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "State":
        raw = json.loads(text)
        return cls(**{**raw, "recovery": tuple(raw["recovery"])})


#: Stands in for an account that is not there, so that the same is done in vain.
NOBODYS = State(login="", name="")


def state_place(account_id: UUID) -> Place:
    return Place(LocalAccount.__tablename__, "state", account_id)


def prepared_login(typed: str) -> str:
    """The name as it counts: case and width make no difference (RFC 8265, section 3.3, on NFKC). Cut where no name can go on."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", typed[:200].strip()).casefold())


def is_login(prepared: str) -> bool:
    """May this be a name to sign in with? Signs of one alphabet only, so that no two names look alike."""
    return bool(_LOGIN.fullmatch(prepared))


class LocalAccounts:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, account_id: UUID) -> LocalAccount | None:
        return self._session.get(LocalAccount, account_id)

    def lock(self, account_id: UUID) -> LocalAccount | None:
        """The account as of now, locked: of two who show one code the second comes after the first."""
        found = select(LocalAccount).where(LocalAccount.id == account_id).with_for_update()
        return self._session.scalar(found.execution_options(populate_existing=True))

    def named(self, login_key: bytes) -> LocalAccount | None:
        return self._session.scalar(select(LocalAccount).where(LocalAccount.login_key == login_key))

    def add(self, account: LocalAccount) -> None:
        self._session.add(account)
        self._session.flush()
