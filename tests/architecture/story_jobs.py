"""A house in which something is due for every job of the background loop: each is done once, and what it wrote is looked at."""

from dataclasses import dataclass, field
from datetime import timedelta

from tests.architecture.story_documents import well
from tests.architecture.watched import newest, written_since
from tests.cases.test_deputies import named
from tests.cases.test_sweep import key_of, lose
from tests.common import tus
from tests.common.house import House, shared


@dataclass
class Rounds:
    """The jobs of the loop by their names. `done`: each that was done, with the events that it wrote, in their order."""

    house: House
    done: list[tuple[str, list[str]]] = field(default_factory=list)

    def do(self, name: str) -> None:
        before = newest(self.house)
        next(job for job in self.house.worker.jobs if job.name == name).do()
        checking = self.house.worker.checks._thread
        if checking is not None:  # it does not wait for what it begins
            checking.join(30)
        wrote = written_since(self.house, before)
        assert all(written.outcome == "done" for written in wrote)
        self.done.append((name, [written.event for written in wrote]))


def begun(house: House) -> None:
    """A share, a deputy, an upload and a reading that will be over."""
    _, share = shared(house, until=house.clock.now().date().isoformat())
    reader, ada = house.guest("omar"), house.guest("ada")
    well(*(reader.get(f"/received/{share}/pages/1") for _ in range(2)))
    named(house, "elena")
    tus.begin(ada, ada.register("CTED/2026/XSM/7"), 5000)


def tell(house: House) -> list[tuple[str, list[str]]]:
    """The whole story: each job that was done, with what it wrote."""
    rounds = Rounds(house)
    begun(house)
    for _ in range(3):
        house.stranger().get("/documents")
    well(house.guest("farid").post("/audit/integrity/verify"))
    for name in ("mind the clock", "sequence the log", "check the log", "send the log"):
        rounds.do(name)
    house.clock.advance(timedelta(days=8))
    for name in ("sum refusals", "close shares", "end deputies", "end uploads", "tidy"):
        rounds.do(name)
    named = house.objects()
    house.parts.vault.seal([b"left by a crash"], 15, house.parts.recovery["CTED"])
    house.age_objects(timedelta(hours=2))
    lose(house, key_of(house))
    rounds.do("look after objects")
    assert house.objects() < named
    house.clock.advance(timedelta(days=60))
    object.__setattr__(house.parts.config.log, "erase_after_days", 0)
    for name in ("finish erasures", "finish shreddings"):
        rounds.do(name)
    house.clock.advance(timedelta(days=-70))  # to before the first look
    rounds.do("mind the clock")
    return rounds.done
