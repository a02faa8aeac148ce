"""From the queue into the tree: no gap, nothing twice, and a crash between any two steps heals."""

import threading

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from portal.audit import sequencer as steps
from portal.audit.checkpoint import FILE, read_checkpoint
from portal.audit.integrity import integrity
from portal.audit.models import AuditEvent, AuditLeaf, AuditPending
from portal.audit.sequencer import Inconsistent, take_batch
from portal.audit.tiles import published_entries
from portal.kernel.database import Database
from tests.rooms.audit.stage import Stage, independent_root, reading


def entries(stage: Stage) -> list[bytes]:
    return [bytes(entry) for (entry,) in stage.sql("SELECT entry FROM audit_leaf ORDER BY leaf_index")]  # type: ignore[call-overload]


def assert_whole(stage: Stage, events: int) -> None:
    """Every event has its leaf, indices have no gap, nothing waits, everything published fits and verifies."""
    indices = [index for (index,) in stage.sql("SELECT leaf_index FROM audit_leaf ORDER BY leaf_index")]
    assert indices == list(range(len(indices)))
    assert len(indices) % 16 == 0
    assert stage.sql("SELECT count(DISTINCT event_id), count(event_id) FROM audit_leaf") == [(events, events)]
    assert stage.sql("SELECT count(*) FROM audit_pending") == [(0,)]
    assert stage.sql("SELECT size FROM log_head") == [(len(indices),)]
    head = read_checkpoint((stage.log_dir / FILE).read_text(), stage.key.verifier)
    assert (head.size, head.root) == (len(indices), independent_root(entries(stage)))
    assert stage.sql("SELECT root FROM audit_checkpoint WHERE size = ?", head.size) == [(head.root,)]
    assert [entry for number in range(-(-head.size // 256)) for entry in published_entries(stage.log_dir, number) or []] == entries(stage)
    assert stage.verify().findings == ()


def test_an_empty_log_is_signed_as_the_empty_tree(stage: Stage) -> None:
    assert stage.batch() is None
    checkpoint = stage.publish()
    assert (checkpoint.size, checkpoint.root) == (0, independent_root([]))
    assert stage.store(checkpoint)
    assert_whole(stage, 0)


@pytest.mark.parametrize(("events", "leaves"), [(1, 16), (15, 16), (16, 16), (17, 32)])
def test_a_batch_is_filled_up_to_a_multiple_of_sixteen(stage: Stage, events: int, leaves: int) -> None:
    stage.happen(*[reading(number) for number in range(events)])
    stage.sequence()
    assert stage.sql("SELECT count(*), count(event_id), count(blank) FROM audit_leaf") == [(leaves, events, leaves - events)]
    assert stage.batch() is None
    assert_whole(stage, events)


def test_blank_leaves_look_like_any_other_and_stand_anywhere(stage: Stage) -> None:
    places = set()
    for number in range(20):
        stage.happen(reading(number))
        batch = stage.batch()
        assert batch is not None
        places.add(stage.sql("SELECT leaf_index FROM audit_leaf WHERE event_id IS NOT NULL ORDER BY leaf_index DESC")[0][0] % 16)  # type: ignore[operator]
    assert len(places) > 3
    for entry in entries(stage):
        assert len(entry) == 49
        assert entry[0] == 1
        assert entry[7] >> 4 == 4  # the version of a random UUID
        assert entry[9] >> 6 == 2
    stage.sequence()
    assert_whole(stage, 20)


def test_leaves_are_not_in_the_order_of_ids_or_times(stage: Stage) -> None:
    ids = stage.happen(*[reading(number) for number in range(64)])
    stage.sequence()
    order = [event_id for (event_id,) in stage.sql("SELECT event_id FROM audit_leaf ORDER BY leaf_index")]
    assert sorted(order) == sorted(event_id.hex for event_id in ids)
    assert order != sorted(order)
    assert order != [event_id.hex for event_id in ids]


def test_the_oldest_go_first_when_a_batch_is_full(stage: Stage) -> None:
    ids = stage.happen(*[reading(number) for number in range(40)])
    batch = stage.batch(limit=32)
    assert batch is not None
    assert (batch.first, batch.size, batch.events) == (0, 32, 32)
    left = {event_id for (event_id,) in stage.sql("SELECT event_id FROM audit_pending")}
    assert left == {event_id.hex for event_id in ids[32:]}
    stage.sequence()
    assert_whole(stage, 40)


def test_appenders_and_sequencers_side_by_side_leave_no_gap_and_no_double(stage: Stage) -> None:
    done = threading.Event()
    failures: list[BaseException] = []

    def guarded(work: object, *arguments: object) -> None:
        try:
            work(*arguments)  # type: ignore[operator]
        except BaseException as error:
            failures.append(error)

    def append(start: int) -> None:
        for number in range(start, start + 25):
            stage.happen(reading(number))

    def sequence(own: Database, helper: steps.Sequencer) -> None:
        while True:
            last = done.is_set()
            with own.write() as session:
                take_batch(session, 7)
                session.commit()
            with own.read() as session:
                checkpoint = helper.publish(session, at=stage.at)
            with own.write() as session:
                steps.store_checkpoint(session, checkpoint)
                session.commit()
            if last:
                return

    databases = [Database(stage.url) for _ in range(2)]
    helpers = [steps.Sequencer(stage.log_dir, stage.guard, stage.key) for _ in databases]
    sequencing = [threading.Thread(target=guarded, args=(sequence, *pair)) for pair in zip(databases, helpers, strict=True)]
    appending = [threading.Thread(target=guarded, args=(append, start)) for start in range(0, 100, 25)]
    for thread in [*sequencing, *appending]:
        thread.start()
    for thread in appending:
        thread.join()
    done.set()
    for thread in sequencing:
        thread.join()
    for database in databases:
        database.close()
    assert failures == []
    while stage.batch() is not None:
        pass
    stage.sequence()
    assert_whole(stage, 100)


class PowerCut(Exception):
    pass


#: The steps of one round, as places in the module where power may fail before the step.
STEPS = ("write_tile", "Guard.advance", "sign_checkpoint", "publish_checkpoint", "drop_partials", "store")


@pytest.mark.parametrize("more", [0, 3], ids=["nothing new after the cut", "events after the cut"])
@pytest.mark.parametrize("restarted", [True, False], ids=["new process", "same process"])
@pytest.mark.parametrize("step", STEPS)
def test_a_power_cut_before_any_step_heals(stage: Stage, monkeypatch: pytest.MonkeyPatch, step: str, restarted: bool, more: int) -> None:
    stage.happen(*[reading(number) for number in range(230)])
    stage.sequence()
    stage.happen(*[reading(number) for number in range(20)])
    stage.batch()

    def cut(*arguments: object, **keywords: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patch:
        if step == "store":
            stage.publish()
        else:
            patch.setattr(steps.Guard if "." in step else steps, step.removeprefix("Guard."), cut)
            with pytest.raises(PowerCut):
                stage.publish()
    if restarted:
        stage.restart()
    stage.store(stage.publish())
    stage.happen(*[reading(number) for number in range(more)])
    if more:
        stage.sequence()
    assert_whole(stage, 250 + more)
    partial = [file for file in stage.log_dir.rglob("*.p") if (file.with_suffix("")).exists()]
    assert partial == [] or not restarted


@pytest.mark.parametrize("written", range(6))
def test_a_power_cut_between_two_tiles_heals(stage: Stage, monkeypatch: pytest.MonkeyPatch, written: int) -> None:
    stage.happen(*[reading(number) for number in range(300)])
    stage.batch()
    real, count = steps.write_tile, 0

    def cut(*arguments: object) -> None:
        nonlocal count
        if count == written:
            raise PowerCut
        count += 1
        real(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(steps, "write_tile", cut)
        if written < 5:
            with pytest.raises(PowerCut):
                stage.publish()
            assert not (stage.log_dir / FILE).exists()
    stage.sequence()
    assert_whole(stage, 300)


def test_a_batch_that_is_not_committed_never_was(stage: Stage) -> None:
    stage.happen(reading())
    with stage.database.write() as session:
        take_batch(session)
        session.rollback()
    assert stage.sql("SELECT count(*) FROM audit_leaf") == [(0,)]
    stage.sequence()
    assert_whole(stage, 1)


def test_a_lost_or_damaged_tile_is_written_anew_at_the_next_start(stage: Stage) -> None:
    stage.happen(*[reading(number) for number in range(300)])
    stage.sequence()
    (stage.log_dir / "tile/0/000").unlink()
    (stage.log_dir / "tile/entries/000").write_bytes(b"damage")
    stage.restart()
    stage.sequence()
    assert_whole(stage, 300)


def test_a_heartbeat_signs_the_same_size_again_and_adds_no_row(stage: Stage) -> None:
    stage.happen(reading())
    first = stage.sequence()
    again = stage.publish()
    assert again.note == first.note
    assert again.at > first.at
    assert not stage.store(again)
    assert stage.sql("SELECT count(*) FROM audit_checkpoint") == [(1,)]


def test_each_round_reads_only_what_is_new(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.happen(*[reading(number) for number in range(256)])
    stage.sequence()
    asked: list[tuple[int, int]] = []
    real = steps.leaf_entries

    def watched(session: object, start: int, end: int) -> object:
        asked.append((start, end))
        return real(session, start, end)  # type: ignore[arg-type]

    monkeypatch.setattr(steps, "leaf_entries", watched)
    stage.happen(reading())
    stage.sequence()
    assert [span for span in asked if span[0] != span[1]] == [(256, 272)]


def test_publishing_on_an_old_snapshot_is_a_programming_error(stage: Stage) -> None:
    with stage.database.read() as session:
        session.scalar(select(AuditPending.event_id))
        with pytest.raises(RuntimeError, match="session of its own"):
            stage.sequencer.publish(session, at=stage.at)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_head SET size = 32",
        "UPDATE log_head SET size = 0",
        "DELETE FROM log_head",
        "DELETE FROM audit_leaf WHERE leaf_index = 15",
        "UPDATE audit_leaf SET leaf_index = 99 WHERE leaf_index = 15",
    ],
)
def test_nothing_is_sequenced_onto_a_log_that_contradicts_itself(stage: Stage, statement: str) -> None:
    stage.happen(reading())
    stage.sequence()
    stage.sql(statement)
    stage.happen(reading())
    with pytest.raises(Inconsistent):
        stage.batch()


def test_a_stored_checkpoint_that_says_something_else_is_an_alarm(stage: Stage) -> None:
    stage.happen(reading())
    checkpoint = stage.sequence()
    stage.sql("UPDATE audit_checkpoint SET root = ?", bytes(32))
    with pytest.raises(Inconsistent, match="16"):
        stage.store(checkpoint)


def test_an_event_that_has_its_leaf_is_not_sequenced_twice(stage: Stage) -> None:
    (event_id,) = stage.happen(reading())
    stage.sequence()
    stage.sql("INSERT INTO audit_pending VALUES (?)", event_id.hex)
    assert stage.batch() is None
    assert stage.kinds() == ["queue_wrong"]


def test_the_state_of_the_log_at_a_glance(stage: Stage) -> None:
    with stage.database.read() as session:
        assert integrity(session, stage.at).checkpoint is None
    stage.happen(reading())
    checkpoint = stage.sequence()
    stage.happen(reading(), reading())
    with stage.database.read() as session:
        state = integrity(session, stage.at)
    assert (state.size, state.pending) == (16, 2)
    assert state.checkpoint is not None
    assert (state.checkpoint.size, state.checkpoint.root, state.checkpoint.at) == (checkpoint.size, checkpoint.root, checkpoint.at)
    assert state.oldest_pending is not None
    assert state.oldest_pending.total_seconds() == pytest.approx(0.01)


def test_our_own_connections_cannot_remove_an_event_that_is_in_the_tree(stage: Stage) -> None:
    """The foreign keys of leaf and queue hold events fast."""
    stage.happen(reading())
    stage.sequence()
    with stage.database.write() as session, pytest.raises(DBAPIError):
        session.execute(delete(AuditEvent))
    with stage.database.read() as session:
        assert len(session.scalars(select(AuditLeaf.leaf_index)).all()) == 16
