"""The system calls that a child may still make: read, write and close what is open, memory, clocks, and its own end. All others: EPERM.

A classic BPF program for seccomp (kernel: `seccomp_filter.rst`), numbers of `asm/unistd.h`. An unknown architecture gets none.
"""

import platform
import struct

_X86 = {
    "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12,
    "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "pread64": 17, "readv": 19, "writev": 20, "sched_yield": 24,
    "mremap": 25, "madvise": 28, "getpid": 39, "exit": 60, "gettimeofday": 96, "getrusage": 98, "getuid": 102, "sigaltstack": 131,
    "gettid": 186, "time": 201, "futex": 202, "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229,
    "clock_nanosleep": 230, "exit_group": 231, "newfstatat": 262, "getrandom": 318,
}  # fmt: skip
_ARM = {
    "close": 57, "lseek": 62, "read": 63, "write": 64, "readv": 65, "writev": 66, "pread64": 67, "ppoll": 73, "newfstatat": 79,
    "fstat": 80, "exit": 93, "exit_group": 94, "futex": 98, "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115,
    "restart_syscall": 128, "sched_yield": 124, "sigaltstack": 132, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139,
    "getrusage": 165, "gettimeofday": 169, "getpid": 172, "getuid": 174, "gettid": 178, "brk": 214, "munmap": 215, "mremap": 216,
    "mmap": 222, "mprotect": 226, "madvise": 233, "getrandom": 278,
}  # fmt: skip
_MACHINES = {"x86_64": (0xC000003E, _X86), "aarch64": (0xC00000B7, _ARM)}

LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
NUMBER_AT, ARCH_AT = 0, 4
ALLOW, EPERM, KILL = 0x7FFF0000, 0x00050001, 0x80000000


def program() -> bytes | None:
    """The filter for this machine, or None where it is not known."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return None
    arch, calls = machine
    steps = [step(LOAD, ARCH_AT), step(EQUAL, arch, yes=1), step(RETURN, KILL), step(LOAD, NUMBER_AT)]
    for number in sorted(calls.values()):
        steps += [step(EQUAL, number, no=1), step(RETURN, ALLOW)]
    return b"".join([*steps, step(RETURN, EPERM)])


def step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    """One instruction; `yes` and `no`: how many are passed over after a comparison."""
    return struct.pack("=HBBI", code, yes, no, value)
