"""Work done ahead of whoever consumes it, on two threads: results come in order, failures where their result would have come.

The tasks are taken in the consumer's own thread, so a source need not bear threads. However the consumer ends, the threads end with it.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")

#: Two keep both a reader and a cipher busy. More gain nothing: the bytes have to be written, or sent, by one.
THREADS = 2


def ahead(tasks: Iterable[Callable[[], Result]]) -> Iterator[Result]:
    """The results of the tasks, in their order. At most `THREADS` + 1 are begun and not yet consumed."""
    under_way: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="ahead") as pool:
        for task in tasks:
            under_way.append(pool.submit(task))
            if len(under_way) > THREADS:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
