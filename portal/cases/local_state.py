"""The sealed state of local accounts, and the count of attempts on them: what every case about them begins with."""

from ipaddress import IPv6Address, ip_address
from uuid import UUID

from portal.cases.uow import PORTAL, UnitOfWork
from portal.identity.local import LOCAL, NOBODYS, LocalAccount, State, state_place
from portal.identity.models import Person
from portal.identity.throttle import Limit
from portal.kernel.errors import Invalid, Tampered, Unauthenticated
from portal.kernel.framing import framed
from portal.kernel.ids import NOBODY

#: What one account bears, and what one address, behind which a whole office may sit.
OF_ACCOUNT, OF_ADDRESS = Limit(free=5), Limit(free=20)


class WrongSignIn(Invalid, Unauthenticated):
    """Name and password, or the code, are not right. Which of them is said to nobody, and each time is an event."""

    status = 403
    code = "wrong_sign_in"
    countable = False
    public = "You were not signed in."


def login_key(uow: UnitOfWork, login: str) -> bytes:
    """What the account of this prepared name is found by. Without the portal's key nobody can tell from a row whose it is."""
    return uow.holder.mac(PORTAL, "local login", login.encode())


def state_of(uow: UnitOfWork, account: LocalAccount) -> State:
    """How its person signs in. Raises `Tampered` if the row was edited, or given another's name."""
    state = State.from_json(uow.holder.open_system_field(state_place(account.id), account.state))
    if login_key(uow, state.login) != account.login_key:
        raise Tampered(f"local account {account.id} was given another name")
    return state


def keep_state(uow: UnitOfWork, account: LocalAccount, state: State) -> None:
    place = state_place(account.id)
    account.state = uow.seal(PORTAL, place.table, place.column, place.row, state.to_json())


def standing(uow: UnitOfWork, account: LocalAccount | None) -> tuple[Person | None, State]:
    """The person and the state of an account that may be used. For one that is not there, or closed, the same is looked up in vain."""
    person = uow.people.get(account.id if account is not None else NOBODY)
    if account is None or person is None:
        return None, NOBODYS
    usable = uow.vouched(person).closed_at is None and person.issuer == LOCAL and uow.parts.config.local.serves(person.body)
    return (person, state_of(uow, account)) if usable else (None, NOBODYS)


def held_standing(uow: UnitOfWork, account_id: UUID) -> tuple[LocalAccount | None, Person | None, State]:
    """The same, with person and account locked: nobody closes it, uses the same code or changes a password beside us."""
    uow.people.lock(account_id)
    account = uow.local.lock(account_id)
    return account, *standing(uow, account)


def count_attempt(uow: UnitOfWork, kind: str, whom: bytes, address: str) -> None:
    """Count an attempt of this kind on this account or name, and on this address. Raises `Throttled`; then neither is counted."""
    uow.throttle.take(_key(uow, kind, whom), OF_ACCOUNT, uow.at)
    if origin := _origin(address):
        uow.throttle.take(_key(uow, "address", origin), OF_ADDRESS, uow.at)


def attempt_succeeded(uow: UnitOfWork, kind: str, whom: bytes, address: str, *, clears: bool = True) -> None:
    """It was right. With `clears` nothing is held against the account any more; an address only gets this one attempt back."""
    if clears:
        uow.throttle.clear(_key(uow, kind, whom))
    if origin := _origin(address):
        uow.throttle.give_back(_key(uow, "address", origin), OF_ADDRESS)


def _key(uow: UnitOfWork, kind: str, whom: bytes) -> bytes:
    return uow.holder.mac(PORTAL, "throttle", framed(kind, whom))


def _origin(address: str) -> bytes:
    """What counts as one address: of IPv6 the network of 64 bits. This machine, where a proxy sits, is none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return b"?"
    if isinstance(parsed, IPv6Address):
        parsed = parsed.ipv4_mapped or parsed
    if parsed.is_loopback:
        return b""
    return parsed.packed[:8] if isinstance(parsed, IPv6Address) else parsed.packed
