"""The published log holds digests and nothing else."""

from tests.rooms.audit.stage import ADA, ORIGIN, REPORT, Stage, probe, reading


def test_nothing_but_digests_is_published(stage: Stage) -> None:
    hidden = probe({"object": "8f14e45f-ceea-467f-a0e6-0d2b0b3b6a3b"}, "CTED")
    stage.happen(*[reading(number) for number in range(280)], *[hidden] * 14)
    stage.sequence()
    files = {str(file.relative_to(stage.log_dir)): file.read_bytes() for file in stage.log_dir.rglob("*") if file.is_file()}
    everything = b"".join([*files.values(), *[name.encode() for name in files]])
    words = ["share", "page_read", "refused", "done", "CTED", "OCT", "reviewer", "recipient", "Ada", "Nordmark", "192.0.2.7", "8f14e45f"]
    for word in words:
        assert word.encode() not in everything
    for identity in (ADA, REPORT):
        assert identity.bytes not in everything
        assert identity.hex.encode() not in everything
        assert str(identity).encode() not in everything
    salts = [salt for (salt,) in stage.sql("SELECT salt FROM audit_event UNION SELECT blank FROM audit_leaf WHERE blank IS NOT NULL")]
    assert not any(salt in everything for salt in salts if isinstance(salt, bytes))
    assert set(files) == {"checkpoint", "tile/0/000", "tile/0/001.p/48", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/48"}
    assert files["checkpoint"].decode().split("\n")[:2] == [ORIGIN, "304"]


def test_a_probe_adds_the_same_bytes_whether_the_thing_exists_or_not(stage: Stage) -> None:
    sizes = []
    for record in (probe({"object": "a-hidden-share"}, "CTED"), probe({}, "CTED"), probe({}, "")):
        stage.happen(record)
        stage.sequence()
        (leaves,) = (stage.log_dir / "tile/0/000.p").glob(str(16 * len(sizes) + 16))
        (entries,) = (stage.log_dir / "tile/entries/000.p").glob(leaves.name)
        sizes.append((leaves.stat().st_size / int(leaves.name), entries.stat().st_size / int(leaves.name)))
    assert sizes == [(32, 51)] * 3
