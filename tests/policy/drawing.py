"""Subjects, things and requests drawn at random, for what is compared with the rules."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from portal.kernel.actions import OPEN_ACTIONS, Action
from portal.kernel.permit import Facts, Ref, ResourceType, Subject, Value
from portal.kernel.vocabulary import Level, Role
from portal.policy.decide import Context
from tests.policy.worlds import BODIES, NOON, body, kind_of, person, thing

PERSONS = [UUID(int=number) for number in (101, 102, 103)]
CODES = st.sampled_from(BODIES)
#: Favourable values come first and often: a world where everything is refused proves little.
OFTEN = st.sampled_from([True, True, True, False])
ROLES = st.one_of(st.sampled_from(Role).map(lambda role: frozenset({role})), st.frozensets(st.sampled_from(Role), max_size=3))
SUBJECTS = st.builds(
    lambda roles, code, clearance, active, who, settled: person(
        *roles, body=code, clearance=clearance, active=active, who=who, waits=not settled
    ),
    ROLES,
    CODES,
    st.sampled_from(Level),
    OFTEN,
    st.sampled_from(PERSONS),
    OFTEN,
)
ATTRIBUTES: dict[str, st.SearchStrategy[Value]] = {
    "originator": CODES.map(body),
    "recipient": CODES.map(body),
    "body": CODES.map(body),
    "level": st.sampled_from([0, 1, 1, 2]),
    "deposited": OFTEN,
    "withheldFrom": st.one_of(st.just(frozenset()), st.frozensets(CODES.map(body))),
    "consented": st.one_of(st.just(frozenset()), st.frozensets(CODES.map(body))),
    "held": OFTEN.map(lambda yes: not yes),
    "shredded": OFTEN.map(lambda yes: not yes),
    "pending": OFTEN.map(lambda yes: not yes),
    "requested": OFTEN.map(lambda yes: not yes),
    "archived": OFTEN.map(lambda yes: not yes),
    "archivedBy": st.sampled_from(PERSONS).map(lambda who: Ref("User", str(who))),
    "owner": st.sampled_from(PERSONS).map(lambda who: Ref("User", str(who))),
    "consulting": OFTEN.map(lambda yes: not yes),
    "closed": OFTEN.map(lambda yes: not yes),
    "recordedBy": st.sampled_from(PERSONS).map(lambda who: Ref("User", str(who))),
    "confirmed": OFTEN.map(lambda yes: not yes),
    "inForce": OFTEN,
    "placedBy": st.sampled_from(PERSONS).map(lambda who: Ref("User", str(who))),
    "proposedBy": st.sampled_from(PERSONS).map(lambda who: Ref("User", str(who))),
    "deputy": st.sampled_from(PERSONS).map(lambda who: Ref("User", str(who))),
    "proposed": OFTEN,
    "ended": OFTEN.map(lambda yes: not yes),
    "mine": OFTEN.map(lambda yes: not yes),
    "coversAllRequests": OFTEN,
    "open": OFTEN,
    "live": OFTEN,
    "downloadable": OFTEN,
    "fetchable": OFTEN,
    "leaves": OFTEN,
    "past": OFTEN.map(lambda yes: not yes),
    "sourceOpen": OFTEN,
    "passedOn": OFTEN.map(lambda yes: not yes),
    "forOthersEyes": OFTEN.map(lambda yes: not yes),
    "embargoed": OFTEN.map(lambda yes: not yes),
    "expired": OFTEN.map(lambda yes: not yes),
    "state": st.sampled_from(["live", "live", "suspended"]).map(lambda state: Ref("ShareState", state)),
}


@st.composite
def requests(draw: st.DrawFn) -> tuple[Subject, Action, Facts, Context]:
    action = draw(st.sampled_from([action for action in Action if action not in OPEN_ACTIONS]))
    subject = draw(SUBJECTS)
    changes: dict[str, Any] = {name: draw(ATTRIBUTES[name]) for name in sorted(thing(action).attributes)}
    where = draw(CODES if kind_of(action) is ResourceType.BODY else st.sampled_from(PERSONS).map(str))
    context = Context(now=NOON + timedelta(hours=draw(st.integers(-99, 99))), recipient=draw(CODES), confirmed=draw(OFTEN))
    return subject, action, thing(action, called=where, **changes), context
