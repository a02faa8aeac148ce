"""Every request to a house, and what it left in the log: looked at from outside, when its answer has been read to the end."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.gateway.passage import Guard
from portal.kernel.events import QUIET
from tests.common.house import House

#: An address and a method: `("documents.show", "GET")`.
Door = tuple[str, str]


@dataclass(frozen=True)
class Written:
    """An event as its row tells it."""

    event: str
    outcome: str
    actor: UUID | None
    document: UUID | None
    share: UUID | None


@dataclass(frozen=True)
class Act:
    """One request. `where`: what its address named; `left`: the events that it wrote, in their order."""

    door: Door
    guard: Guard
    path: str
    where: Mapping[str, Any]
    status: int
    left: tuple[Written, ...]

    @property
    def events(self) -> tuple[str, ...]:
        return tuple(written.event for written in self.left)

    @property
    def promised(self) -> tuple[str, ...]:
        """What the door names: its event, and the event of the end if its answer flows out. Nothing if it is quiet."""
        named = () if self.guard.event in QUIET else (self.guard.event.value,)
        return named if self.guard.ends is None else (*named, self.guard.ends.value)

    def __str__(self) -> str:
        return f"{self.door[1]} {self.path} ({self.door[0]}) answered {self.status} and left {', '.join(self.events) or 'nothing'}"


def doors(house: House) -> set[Door]:
    """All there are. Who asks for the head of a page comes through the door of the page."""
    found = set()
    for rule in house.app.url_map.iter_rules():
        methods = set(rule.methods or ())
        found |= {(rule.endpoint, method) for method in (methods - {"HEAD"} if "GET" in methods else methods)}
    return found


def newest(house: House) -> int:
    return int(house.sql("select coalesce(max(rowid), 0) from audit_event")[0][0])


def written_since(house: House, row: int) -> tuple[Written, ...]:
    rows = house.sql("select event, outcome, actor, document, share from audit_event where rowid > ? order by rowid", row)
    return tuple(Written(event, outcome, *(UUID(name) if name else None for name in names)) for event, outcome, *names in rows)


class Watch:
    """From now on every request to this house is one of `acts`."""

    def __init__(self, house: House) -> None:
        self.acts: list[Act] = []
        self._house = house
        self._inner = house.app.wsgi_app
        house.app.wsgi_app = self  # type: ignore[method-assign]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        app, method, path = self._house.app, environ["REQUEST_METHOD"], environ["PATH_INFO"]
        before, status = newest(self._house), []

        def started(line: str, *rest: Any) -> Any:
            status.append(int(line.split()[0]))
            return start_response(line, *rest)

        answer = self._inner(environ, started)
        try:
            content = list(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        endpoint, where = app.url_map.bind("localhost").match(path, method=method)
        guard = app.view_functions[endpoint].guard
        self.acts.append(Act((endpoint, method), guard, path, where, status[-1], written_since(self._house, before)))
        return content
