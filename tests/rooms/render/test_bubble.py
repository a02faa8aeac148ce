"""A program in a bubble gets one document and nothing else of this machine; what it does there ends with it."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from portal.confidentiality.render.bubble import Bubble, Program, _judged, missing
from portal.confidentiality.render.refusal import FileRefused, NotInstalled, Reason, RenderFailed
from portal.confidentiality.render.remote import Content, OnDemand

SMALL = Bubble(seconds=20, max_input=4 << 20, max_output=1 << 20, processes=16)


def run(script: str, content: Content = (b"a document",), bubble: Bubble = SMALL, **more: object) -> str:
    program = Program(argv=("/bin/sh", "-c", script), **more)  # type: ignore[arg-type]
    return bubble.run(program, content).decode()


def refused(script: str, content: Content = (b"a document",), bubble: Bubble = SMALL, **more: object) -> Reason:
    with pytest.raises(FileRefused) as caught:
        run(script, content, bubble, **more)
    return caught.value.reason


def processes_with(mark: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                said = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if mark.encode() in said:
                found.append(int(entry.name))
    return found


def gone(mark: str) -> bool:
    for _ in range(100):
        if not processes_with(mark):
            return True
        time.sleep(0.1)
    return False


def test_the_document_comes_in_and_the_result_goes_out() -> None:
    assert run("cat /in/document") == "a document"
    assert run("cat /in/document.odt /own/ours", document="/in/document.odt", files={"/own/ours": b" and ours"}) == "a document and ours"


@pytest.mark.parametrize("on_demand", [False, True])
def test_a_document_larger_than_a_pipe_comes_in_whole(on_demand: bool) -> None:
    whole = bytes(range(256)) * 12_000
    content = OnDemand(len(whole), lambda at, length: whole[at : at + length]) if on_demand else [whole[:1_000_000], b"", whole[1_000_000:]]
    assert int(run("wc -c </in/document", content)) == len(whole)


def test_no_file_of_this_machine_is_there_but_the_systems_own(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a key")
    seen = run(f"ls /; ls /etc 2>&1; cat {tmp_path}/secret /etc/passwd /etc/hostname {sys.executable} 2>/dev/null; true")
    assert "a key" not in seen
    assert "root:" not in seen
    assert not {"root", "var", "srv", "run", "sys", "etc"} & set(seen.split())
    assert "bin" in seen.split()


def test_nothing_but_three_small_folders_can_be_written_to() -> None:
    tried = "for f in /x /in/x /usr/x /usr/bin/x /proc/x /tmp/x /own/x /out/x; do touch $f 2>/dev/null && echo $f; done; true"
    assert run(tried).split() == ["/tmp/x", "/own/x", "/out/x"]
    held = run("for f in tmp own out; do head -c 9000000 /dev/zero >/$f/x 2>/dev/null; wc -c </$f/x; done")
    assert all(int(size) <= SMALL.max_output for size in held.split())
    assert run("ls /tmp /own /out") == "/out:\n\n/own:\n\n/tmp:\n"


def test_it_has_no_secret_in_its_environment_and_no_descriptor_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_SECRET", "a key")
    assert set(run("env").split()) == {"PATH=/usr/bin", "HOME=/own", "LC_ALL=C.UTF-8", "PWD=/own"}
    assert run("echo /proc/self/fd/*").split() == [f"/proc/self/fd/{number}" for number in range(4)]  # the last one reads the folder


def test_it_is_nobody_alone_and_without_rights() -> None:
    assert run("id -u; hostname") == "65534\nbubble\n"
    status = dict(line.split(":\t") for line in run("cat /proc/self/status").splitlines() if ":\t" in line)
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert [line.split(":")[0].strip() for line in run("cat /proc/net/dev").splitlines()[2:]] == ["lo"]
    assert len(run("cd /proc; ls -d [0-9]*").split()) <= 3
    inside = {run(f"readlink /proc/self/ns/{kind}").strip() for kind in ("net", "pid", "ipc", "uts", "user", "mnt", "cgroup")}
    ours = {os.readlink(f"/proc/self/ns/{kind}") for kind in ("net", "pid", "ipc", "uts", "user", "mnt", "cgroup")}
    assert not inside & ours


def test_system_calls_that_lead_out_are_denied() -> None:
    for tried in ("unshare -U true", "unshare -n true", "mount -t tmpfs none /tmp", "nsenter -t 1 -n true", "setarch -R true"):
        assert run(f"{tried} 2>/dev/null || echo denied") == "denied\n", tried


@pytest.mark.parametrize(
    ("call", "denied"),
    [
        ("socket.socket(socket.AF_UNIX)", False),
        ("socket.socket(socket.AF_INET)", True),
        ("socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)", True),
        ("threading.Thread(target=int).start()", False),
        ("os.fork() or os._exit(0)", False),
        ("ctypes.CDLL(None).syscall(56, 0x10000011, 0, 0, 0, 0) >= 0 or denied()", True),
        ("ctypes.CDLL(None).syscall(0x40000000 + 39) >= 0 or denied()", True),
        ("ctypes.CDLL(None).syscall(425, 8, 0) >= 0 or denied()", True),
        ("ctypes.CDLL(None).syscall(101, 0, 0, 0, 0) >= 0 or denied()", True),
    ],
)
def test_a_program_can_work_but_not_reach_out(call: str, denied: bool) -> None:
    if not Path("/usr/bin/python3").exists() or os.uname().machine != "x86_64":
        call, denied = "", False  # numbers of one architecture, and no program to try them with
        assert run("true") == ""
        return
    script = f"import ctypes, os, socket, threading\ndef denied(): raise PermissionError\n{call}\n"
    said = run(f"/usr/bin/python3 -I -S - 2>/dev/null <<'X' && echo done || echo denied\n{script}\nX\n")
    assert said == ("denied\n" if denied else "done\n")


def test_what_is_too_large_is_refused_on_the_way_in_and_on_the_way_out() -> None:
    assert refused("cat >/dev/null", [b"x" * (1 << 20)] * 5) is Reason.TOO_LARGE
    assert refused("cat >/dev/null", OnDemand(5 << 20, lambda at, length: bytes(length))) is Reason.TOO_LARGE
    assert refused("yes") is Reason.TOO_HEAVY


@pytest.mark.parametrize("script", ["sleep 1000", "while :; do :; done", "exec >&-; sleep 1000", "(sleep 1000 &)"])
def test_what_takes_too_long_is_ended_with_all_that_it_started(script: str) -> None:
    began, mark = time.monotonic(), f"mark-{os.getpid()}-{time.monotonic_ns()}"
    if script.startswith("("):
        run(f": {mark}; {script}")  # it ends at once; what it left behind ends with it
    else:
        assert refused(f": {mark}; {script}", bubble=Bubble(seconds=1)) is Reason.TOO_SLOW
    assert time.monotonic() - began < 15
    assert gone(mark)


def test_memory_and_processes_have_an_end() -> None:
    assert refused("head -c 300000000 /dev/zero | sort -S 250M >/dev/null", bubble=Bubble(memory_bytes=100 << 20)) is Reason.BROKEN
    assert refused("for n in $(seq 50); do sleep 5 & done") is Reason.BROKEN


def test_how_the_program_ends_tells_why() -> None:
    assert refused("exit 3") is Reason.BROKEN
    assert refused("exit 3", refusal=Reason.NOT_PDF) is Reason.NOT_PDF
    assert refused("kill -KILL $$") is Reason.TOO_HEAVY
    assert refused("kill -XCPU $$") is Reason.TOO_SLOW
    assert run("true") == ""  # and the next one runs


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = Program(argv=("/usr/bin/no-such-program",), needs=("no-such-program",))
    assert missing(program) == "no-such-program"
    with pytest.raises(NotInstalled, match="no-such-program"):
        SMALL.run(program, [b""])
    assert missing(Program(argv=("/bin/sh",), needs=("sh",))) == ""


def test_without_a_bubble_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that grants no namespaces is not the document's fault, and the program does not run outside."""
    monkeypatch.setattr("portal.confidentiality.render.bubble._BWRAP", "false")
    with pytest.raises(RenderFailed, match="bubble"):
        run("echo ran")


@pytest.mark.parametrize("said", [b"", b'{"child-pid": 7}\n', b'{"exit-code": 0}\n{"exit-code": 0}\n'])
def test_only_bubblewraps_own_word_makes_a_result_of_it(said: bytes) -> None:
    with pytest.raises(RenderFailed, match="namespaces"):
        _judged(Program(argv=("/bin/true",)), b"a result", said)
    assert _judged(Program(argv=("/bin/true",)), b"a result", b'{"child-pid": 7}\n{"exit-code": 0}\n') == b"a result"


def test_a_portal_that_is_killed_leaves_no_process() -> None:
    mark = f"mark-{os.getpid()}-{time.monotonic_ns()}"
    script = f"""
        from portal.confidentiality.render.bubble import Bubble, Program
        Bubble().run(Program(argv=("/bin/sh", "-c", ": {mark}; echo begun; sleep 1000; true")), [b"x"])
    """
    portal = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)])
    try:
        for _ in range(200):
            if len([pid for pid in processes_with(mark) if pid != portal.pid]) >= 3:  # the bubble, its first process, the shell
                break
            time.sleep(0.1)
        else:
            pytest.fail("it did not begin")
    finally:
        portal.send_signal(signal.SIGKILL)
        portal.wait()
    assert gone(mark)
