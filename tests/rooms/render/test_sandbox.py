"""The child can do nothing but its job, and the parent believes nothing it says."""

import ctypes
import os
import platform
import socket
import tempfile
import time
from pathlib import Path

import pytest

from portal.confidentiality.render.refusal import FileRefused, Reason, RenderFailed
from portal.confidentiality.render.sandbox import Sandbox

PROBES = "tests.rooms.render.probes:"
SHORT = Sandbox(seconds=2)


def run(job: str, *parts: bytes, sandbox: Sandbox = SHORT, **header: object) -> list[bytes]:
    with sandbox.run(PROBES + job, header, *([part] for part in parts)) as answers:
        frames = []
        while (frame := answers.next(GOOD=1 << 20, PROB=1 << 20)) is not None:
            frames.append(frame.payload)
        return frames


def refused(job: str, **options: object) -> Reason:
    with pytest.raises(FileRefused) as caught:
        run(job, **options)  # type: ignore[arg-type]
    assert caught.value.faults["file"] == caught.value.public
    return caught.value.reason


@pytest.mark.parametrize("job", ["spin", "sleep"])
def test_an_endless_child_is_killed_when_its_time_is_over(job: str) -> None:
    began = time.monotonic()
    assert refused(job, sandbox=Sandbox(seconds=1)) is Reason.TOO_SLOW
    assert time.monotonic() - began < 8


def test_a_child_whose_processor_time_is_over_dies_without_the_parent() -> None:
    with Sandbox(seconds=1).run(PROBES + "spin", {}) as answers:
        assert (answers._process.wait(timeout=20) or 0) < 0


def test_a_child_that_dies_is_the_files_fault_and_one_that_leaves_is_ours() -> None:
    assert refused("die") is Reason.TOO_HEAVY
    with pytest.raises(RenderFailed):
        run("leave")


def test_a_child_that_asks_for_too_much_memory_is_refused() -> None:
    assert refused("hog") is Reason.TOO_HEAVY


def test_an_exception_in_the_child_tells_nothing_of_the_file() -> None:
    with pytest.raises(RenderFailed) as caught:
        run("fail", b"a sentence from the file")
    assert "sentence" not in str(caught.value) + caught.value.public + caught.value.detail


def test_what_a_library_prints_does_not_reach_the_frames() -> None:
    assert run("shout", b"one", b"two") == [b"onetwo"]


def test_large_input_passes_whole_and_too_large_input_is_refused() -> None:
    content = os.urandom(1 << 20)
    assert run("shout", content) == [content]
    with pytest.raises(FileRefused) as caught:
        run("shout", content, sandbox=Sandbox(seconds=2, max_input=1 << 16))
    assert caught.value.reason is Reason.TOO_LARGE


def test_more_output_than_allowed_ends_the_job() -> None:
    with pytest.raises(RenderFailed):
        run("flood", sandbox=Sandbox(seconds=5, max_output=100_000))


@pytest.mark.parametrize(
    "frames",
    [
        [["EVIL", "unexpected kind"]],
        [["NOPE", "no such reason"]],
        [["NOPE", "x" * 65]],
        [["DONE", "not empty"]],
        [["????", ""]],
    ],
)
def test_a_frame_that_was_not_expected_ends_the_job(frames: list[list[str]]) -> None:
    with pytest.raises(RenderFailed):
        run("answer", frames=frames)


def test_a_frame_longer_than_its_limit_is_refused() -> None:
    with SHORT.run(PROBES + "answer", {"frames": [["GOOD", "12345"]]}) as answers, pytest.raises(RenderFailed):
        answers.next(GOOD=4)


def test_a_frame_of_another_length_than_declared_is_refused() -> None:
    for text in ("1234", "123456"):
        with SHORT.run(PROBES + "answer", {"frames": [["GOOD", text]]}) as answers, pytest.raises(RenderFailed):
            answers.exactly("GOOD", 5)


def test_a_child_has_no_secrets_no_files_no_network_and_no_descendants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_TEST_SECRET", "known to the parent only")
    with socket.create_server(("127.0.0.1", 0)) as server, tempfile.TemporaryFile() as secret:
        os.set_inheritable(secret.fileno(), True)
        port = server.getsockname()[1]
        with SHORT.run(PROBES + "probe", {"port": port, "parent": os.getpid()}) as answers:
            report = answers.expect("PROB", 1 << 16).json()
            layers = set(answers.layers)
    assert report["environment"] == {"OPENBLAS_NUM_THREADS": "1"}
    assert report["environment at start"] == ""
    assert report["descriptors"] == [0, 1, 2, 3]
    assert {"process", "limits", "no_new_privs", "undumpable"} <= layers
    assert report["write"] != 0
    assert report["uid"] == (65534 if "uid" in layers else os.getuid())
    stopped_by = {
        "open": {"landlock", "seccomp"}, "list": {"landlock", "seccomp"}, "connect": {"network", "landlock", "seccomp"},
        "socket": {"seccomp"}, "fork": {"uid", "seccomp"}, "exec": {"landlock", "seccomp"}, "signal": {"uid", "landlock", "seccomp"},
    }  # fmt: skip
    assert {act for act, stops in stopped_by.items() if report[act] == 0 and stops & layers} == set()


def test_the_kernel_says_the_same_of_a_child_as_the_sandbox() -> None:
    with SHORT.run(PROBES + "sleep", {}) as answers:
        lines = Path(f"/proc/{answers._process.pid}/status").read_text().splitlines()
        status = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
        layers = answers.layers
    nobody = ["65534"] * 4
    if "uid" in layers:
        assert (status["Uid"], status["Gid"], status["Groups"]) == (nobody, nobody, [])
    assert status["NoNewPrivs"] == ["1"]
    assert int(status["CapEff"][0], 16) == int(status["CapPrm"][0], 16) == 0
    assert (status["Seccomp"] == ["2"]) == ("seccomp" in layers)
    assert status["Threads"] == ["1"]


def test_every_layer_that_this_kernel_has_is_in_force() -> None:
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    expected = {"process", "limits", "no_new_privs", "undumpable"}
    if os.getuid() == 0:
        expected.add("uid")
    if int(status["CapEff"], 16) >> 21 & 1:  # CAP_SYS_ADMIN: may have a network of its own
        expected.add("network")
    if "Seccomp_filters" in status and platform.machine() in ("x86_64", "aarch64"):
        expected.add("seccomp")
    if ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1) >= 1:
        expected.add("landlock")
    layers = Sandbox().layers()
    assert len(layers) == len(set(layers))
    assert expected <= set(layers)


@pytest.mark.parametrize("job", ["die", "spin", "shout"])
def test_nothing_temporary_is_left_and_the_child_is_gone(job: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Sandbox(seconds=0.5).run(PROBES + job, {}) as answers:
        process = answers._process
        assert not list(tmp_path.iterdir())  # gone before the first byte of a file is read
        with pytest.raises((FileRefused, RenderFailed)):
            answers.expect("NONE", 10)
    assert process.wait(timeout=1) is not None
    assert not Path(f"/proc/{process.pid}").exists()
    assert not list(tmp_path.iterdir())
