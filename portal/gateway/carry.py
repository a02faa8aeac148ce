"""What a stream does between its two transactions."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from portal.cases.uow import Parts, UnitOfWork
from portal.kernel.permit import Permit

T = TypeVar("T")
Act = Callable[[UnitOfWork, Permit, Any], T]


@dataclass(frozen=True, slots=True)
class Carry:
    """The middle of a stream: what to gather under the snapshot, and the work to do without a transaction.

    `counts`: gathering counts an attempt, which is committed before the work begins, and stays counted whatever comes of it.
    """

    gather: Act[Any]
    work: Callable[[Parts, Any], AbstractContextManager[Any]]
    counts: bool = False


@contextmanager
def as_gathered(parts: Parts, gathered: Any) -> Iterator[Any]:
    """No work between: what was gathered is all there is."""
    yield gathered
