"""Whose answers become others under a change of the rules, as it is kept with the change and told on a page."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """Persons of these bodies with this role ("" for none) gain or lose an act. `factor_only`: only a second factor is asked for, or not.

    `when`: what is out of the ordinary then; empty if nothing needs to be.
    """

    gained: bool
    factor_only: bool
    action: str
    role: str
    bodies: tuple[str, ...]
    when: tuple[str, ...]

    @property
    def mark(self) -> str:
        """As the log names it: `+share:read/reviewer`."""
        return f"{'+' if self.gained else '-'}{self.action}/{self.role}"


@dataclass(frozen=True, slots=True)
class Answers:
    """`not_compared`: acts about which the portal that runs cannot ask both sets of rules."""

    changes: tuple[AnswerChange, ...] = ()
    not_compared: tuple[str, ...] = ()

    def told(self) -> Mapping[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        def one(change: Mapping[str, Any]) -> AnswerChange:
            lists: dict[str, Any] = {name: tuple(change[name]) for name in ("bodies", "when")}
            return AnswerChange(**{**change, **lists})

        changes: Sequence[Mapping[str, Any]] = said["changes"]
        return cls(tuple(map(one, changes)), tuple(said["not_compared"]))
