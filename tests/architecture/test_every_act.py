"""Whatever discloses or changes something leaves the event it names: every door, every command and every job is gone through."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from portal.cli.commands import parser
from portal.kernel.actions import OPEN_ACTIONS
from portal.kernel.events import Event
from tests.architecture import story_commands, story_documents, story_jobs, story_people
from tests.architecture.watched import Act, Door, Watch, doors
from tests.cases.forged import with_forger
from tests.common import rsyslog
from tests.common.certificates import new_authority
from tests.common.house import House, open_house
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


@dataclass(frozen=True)
class Told:
    """What a command or a job leaves in the log. `why` it is nothing, or so much."""

    what: str
    left: tuple[Event, ...] = ()
    why: str = ""


#: In the order in which they are given.
COMMANDS = (
    Told("init", (), "the log is made by it; the first start writes the log's first event"),
    Told("serve", (Event.POLICY_ADOPTED, Event.PORTAL_INITIALISED)),
    Told("identity first-officers", (Event.FIRST_OFFICERS_NAMED,)),
    Told("migrate", (), "into older tables no event can be written; the next start tells"),
    Told("serve", (Event.PORTAL_MIGRATED,)),
    Told("audit verify", (), "changes nothing, and shows digests, counts, and what is not in order"),
    Told("audit publish", (), "copies what is published: digests and signatures"),
    Told("doctor", (), "changes nothing, and shows no content"),
    Told("identity explain", (), "changes nothing, and opens no sealed word"),
    Told("policy what-if", (Event.POLICY_SIMULATED,)),
    Told("policy diff", (Event.POLICY_SIMULATED,)),
    Told("policy propose", (Event.POLICY_PROPOSED,)),
    Told("networks show", (), "changes nothing, and shows a file of the rules' folder"),
    Told("networks import", (Event.NETWORKS_IMPORTED,)),
    Told("recover export", (Event.RECOVERY_EXPORTED, Event.RECOVERY_EXPORTED), "for each body"),
    Told("restore reconcile", (Event.RESTORE_CLOSED, *[Event.RESTORE_RECONCILED] * 3, Event.SHARE_CLOSED), "for all, and for each body"),
    Told("restore settle", (Event.RESTORE_SETTLED,)),
    Told("restore discard", (Event.RESTORE_DISCARDED,)),
)
#: They know of no installation, so there is none whose log could tell of them.
APART = {
    "passages": "reads a file of whoever types it",
    "render": "reads a file of whoever types it, and writes another",
    "recover verify": "reads an export and a copy of the store, when there is no portal",
    "recover combine": "reads key shares that are typed in",
    "witness init": "makes a folder for a program of others",
    "witness serve": "signs what others publish",
}
#: In the order in which they are done.
JOBS = (
    Told("mind the clock", (), "there is nothing to do while the clock goes on"),
    Told("sequence the log", (), "gives events their leaves"),
    Told("check the log", (Event.CHECK_ENDED,)),
    Told("send the log", (Event.LOG_SENDING_BEGAN,)),
    Told("sum refusals", (Event.REFUSALS_SUMMED,)),
    Told("close shares", (Event.SHARE_CLOSED,)),
    Told("end deputies", (Event.DEPUTY_ENDED,)),
    Told("end uploads", (Event.UPLOAD_EXPIRED,)),
    Told("tidy", (Event.READING_ENDED,)),
    Told("look after objects", (Event.STORE_OBJECT_MISSING,), "what no row names goes as well: an event told it, or it was nothing yet"),
    Told("finish erasures", (Event.NAMES_EXPIRED,)),
    Told("finish shreddings", (), "destroys what is left of what an event told already"),
    Told("mind the clock", (Event.SESSION_ENDED,)),
)


def test_every_door_leaves_the_event_it_names(entity_template: Path, tmp_path: Path, house_s3: S3Server | None) -> None:
    opened = open_house(entity_template, tmp_path / "portal", s3=house_s3, change=with_local_accounts)
    with closing(opened), with_forger(opened) as (house, forger):
        watch = Watch(house)
        story_people.come(house)
        story_documents.tell(house)
        story_people.tell(house, forger)
        every = doors(house)
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


def test_what_leaves_nothing_says_why() -> None:
    assert [told.what for told in (*COMMANDS, *JOBS) if not told.left and not told.why] == []


def test_every_command_leaves_the_event_it_names(house: House, tmp_path: Path) -> None:
    assert set(story_commands.leaves(parser())) - {told.what for told in COMMANDS} - set(APART) == set(), "nobody gives these"
    given = story_commands.tell(house, tmp_path / "new")
    assert given == [(told.what, sorted(told.left)) for told in COMMANDS]


def test_every_job_leaves_the_event_it_names(template: Path, tmp_path: Path, house_s3: S3Server | None) -> None:
    authority = new_authority(tmp_path / "authority")
    with rsyslog.serving(tmp_path / "rsyslog", authority) as receiver:
        entry = f'name = "watch"\nbody = "OCT"\nhost = "127.0.0.1"\nport = {receiver.port}\nca_file = "{authority.file}"\n'
        opened = open_house(template, tmp_path / "portal", s3=house_s3, change=lambda folder: added(folder, f"[[log.syslog]]\n{entry}"))
        with closing(opened) as house:
            assert {job.name for job in house.worker.jobs} - {told.what for told in JOBS} == set(), "nobody does these"
            done = story_jobs.tell(house)
    assert done == [(told.what, list(told.left)) for told in JOBS]


def with_local_accounts(folder: Path) -> None:
    added(folder, '[local]\nenabled = true\nbodies = ["CTED"]\n')


def added(folder: Path, lines: str) -> None:
    with (folder / "config.toml").open("a") as file:
        file.write(f"\n{lines}")
