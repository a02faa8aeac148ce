"""What a child gives up before it reads the first byte of a file. Linux, through ctypes: no further dependency.

Limits that fail to set stop the child. A layer that this kernel refuses is left out and not reported, so that `Sandbox.layers()` tells
the truth. Order matters: the uid goes after Landlock and the network, the system-call filter last.
"""

import ctypes
import os
import resource
import signal
import struct
from collections.abc import Iterator

from portal.confidentiality.render import syscalls

NOBODY = 65534
_PDEATHSIG, _DUMPABLE, _NO_NEW_PRIVS, _SECCOMP = 1, 4, 38, 22
_NEWUSER, _NEWNET = 0x10000000, 0x40000000
_CREATE_RULESET, _RESTRICT_SELF = 444, 446  # the same on every architecture
_CAPSET_VERSION = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def confine(*, memory_bytes: int, cpu_seconds: int) -> tuple[str, ...]:
    """Give up everything the job does not need; returns the names of the layers in force. Raises OSError if a limit cannot be set."""
    return tuple(_layers(memory_bytes, cpu_seconds))


def _layers(memory_bytes: int, cpu_seconds: int) -> Iterator[str]:
    if _libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        yield "no_new_privs"
    if _own_network():
        yield "network"
    _limits(memory_bytes, cpu_seconds)
    yield "limits"
    if _landlock():
        yield "landlock"
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        yield "uid"
    _drop_capabilities()
    if _libc.prctl(_DUMPABLE, 0, 0, 0, 0) == 0:  # after the change of uid, which sets it anew
        yield "undumpable"
    _libc.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # likewise cleared by the change of uid
    program = syscalls.program()
    if program is not None and _filter(program):
        yield "seccomp"


def _own_network() -> bool:
    if _libc.unshare(_NEWNET) == 0:
        return True
    return os.getuid() != 0 and _libc.unshare(_NEWUSER | _NEWNET) == 0


def _limits(memory_bytes: int, cpu_seconds: int) -> None:
    for name, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 8),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_AS, memory_bytes),
    ):
        resource.setrlimit(name, (value, value))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))  # SIGXCPU first: it tells slow from heavy


def _landlock() -> bool:
    """A ruleset without a rule: from here on no path can be opened, no TCP port bound or reached, nobody outside signalled."""
    abi = _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if abi < 1:
        return False
    files = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF}.get(abi, 0xFFFF)
    fields = [files] + ([3] if abi >= 4 else []) + ([3] if abi >= 6 else [])
    rules = struct.pack(f"={len(fields)}Q", *fields)
    handle = _libc.syscall(_CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0)
    if handle < 0:
        return False
    done = _libc.syscall(_RESTRICT_SELF, handle, 0) == 0
    os.close(handle)
    return bool(done)


def _drop_capabilities() -> None:
    """An own user namespace grants capabilities inside it: none of them is wanted."""
    header = struct.pack("=Ii", _CAPSET_VERSION, 0)
    _libc.capset(header, bytes(24))


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def _filter(program: bytes) -> bool:
    loaded = _Program(len(program) // 8, program)
    return bool(_libc.prctl(_SECCOMP, 2, ctypes.byref(loaded), 0, 0) == 0)
