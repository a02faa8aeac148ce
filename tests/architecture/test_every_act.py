"""Whatever discloses or changes something leaves the event it names: every door, every command and every job is gone through."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from portal.kernel.actions import OPEN_ACTIONS
from portal.kernel.events import Event
from tests.architecture import story_documents, story_people
from tests.architecture.watched import Act, Door, Watch, doors
from tests.cases.forged import with_forger
from tests.common.house import open_house
from tests.common.s3server import S3Server


@dataclass(frozen=True)
class Otherwise:
    """What a door also leaves, or leaves instead of what it names, in a case of which `why` tells."""

    door: Door
    left: tuple[Event, ...]
    why: str


#: Each of them happens on the walk, and nothing else that is not as its door names it.
OTHERWISE = (
    Otherwise(("entrance.callback", "GET"), (Event.SESSION_CONFIRMED,), "back from the provider comes also who was asked to confirm"),
    Otherwise(("integrity.verify", "POST"), (Event.INTEGRITY_READ,), "who asks for a check while one waits is shown that one"),
    Otherwise(("documents.deposit", "POST"), (Event.VERSION_DEPOSITED, Event.UPLOAD_ENDED), "what was on its way knew of no new version"),
    Otherwise(("documents.register", "POST"), (Event.DOCUMENT_REGISTERED, Event.REQUEST_RECORDED), "a State asked about the whole visit"),
    Otherwise(("documents.record", "POST"), (Event.REQUEST_RECORDED, Event.REQUEST_RECORDED), "of a visit, with two documents"),
    Otherwise(("documents.record", "POST"), (Event.REQUEST_RECORDED, Event.SHARE_CLOSED), "what was shared is closed by it"),
    Otherwise(("approvals.recall", "POST"), (Event.SHARE_RECALLED, Event.SHARE_CLOSED, Event.SHARE_CLOSED), "it, and what was passed on"),
    Otherwise(("received.page", "GET"), (), "a view of a page that was seen before is counted; the end of the reading tells the sum"),
    Otherwise(("received.find", "POST"), (Event.SHARE_SEARCHED, Event.SHARE_PAGE_READ), "found on a page that was not seen before"),
    Otherwise(("transfers.receive", "POST"), (Event.TRANSFER_RECEIVED, Event.TRANSFER_DIFFERS), "what arrived is not what went"),
    Otherwise(("ends.review", "POST"), (Event.DOCUMENT_REVIEWED, Event.LOWERING_PROPOSED), "the review finds its level too high"),
)


def test_every_door_leaves_the_event_it_names(entity_template: Path, tmp_path: Path, house_s3: S3Server | None) -> None:
    with with_forger(open_house(entity_template, tmp_path / "portal", s3=house_s3, change=with_local_accounts)) as (house, forger):
        watch = Watch(house)
        story_documents.tell(house)
        story_people.tell(house, forger)
        every = doors(house)
        house.close()
    assert [fault for act in watch.acts for fault in faults(act)] == []
    assert every - {act.door for act in watch.acts if set(act.promised) <= set(act.events)} == set(), "nobody goes through these"
    assert set(OTHERWISE) - {one for one in OTHERWISE for act in watch.acts if (act.door, act.events) == (one.door, one.left)} == set()


def faults(act: Act) -> Iterator[str]:
    """What is wrong with what this act left."""
    otherwise: Sequence[tuple[Event, ...]] = [one.left for one in OTHERWISE if one.door == act.door]
    if act.status >= 400 or act.events not in (act.promised, *otherwise):
        yield f"{act}; it names {', '.join(act.promised) or 'nothing'}"
    if any(written.outcome != "done" for written in act.left):
        yield f"{act}: not done"
    if act.guard.action not in OPEN_ACTIONS and not all(written.actor for written in act.left):
        yield f"{act}: of nobody"
    if act.left and act.where.get("document_id") not in (None, act.left[0].document):
        yield f"{act}: of another document"
    if act.left and act.where.get("share_id") not in (None, act.left[0].share):
        yield f"{act}: of another share"


def with_local_accounts(folder: Path) -> None:
    with (folder / "config.toml").open("a") as file:
        file.write('\n[local]\nenabled = true\nbodies = ["CTED"]\n')
