"""The system calls that a program in a bubble may not make: it is none of ours, so that we name what it cannot need, not what it does.

Denied: other namespaces and mounts (the way out of a bubble), tracing and reading other processes, keys of the kernel, BPF, io_uring and
whatever else is seldom used and often broken, and every socket but a Unix one. Numbers of `asm/unistd.h`; see `syscalls`.
"""

import platform

from portal.confidentiality.render.syscalls import ALLOW, ARCH_AT, EPERM, EQUAL, KILL, LOAD, NUMBER_AT, RETURN, step

#: The same on every architecture: numbers from 424 on.
_NEW = {
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428, "move_mount": 429, "fsopen": 430,
    "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442,
}  # fmt: skip
_X86 = {
    "ptrace": 101, "syslog": 103, "personality": 135, "vhangup": 153, "modify_ldt": 154, "pivot_root": 155, "chroot": 161, "acct": 163,
    "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169, "iopl": 172, "ioperm": 173,
    "init_module": 175, "delete_module": 176, "quotactl": 179, "clock_settime": 227, "kexec_load": 246, "add_key": 248,
    "request_key": 249, "keyctl": 250, "unshare": 272, "perf_event_open": 298, "name_to_handle_at": 303, "open_by_handle_at": 304,
    "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "finit_module": 313, "kexec_file_load": 320,
    "bpf": 321, "userfaultfd": 323,
}  # fmt: skip
_ARM = {
    "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "vhangup": 58, "quotactl": 60, "acct": 89, "personality": 92,
    "unshare": 97, "kexec_load": 104, "init_module": 105, "delete_module": 106, "clock_settime": 112, "syslog": 116, "ptrace": 117,
    "reboot": 142, "settimeofday": 170, "add_key": 217, "request_key": 218, "keyctl": 219, "swapon": 224, "swapoff": 225,
    "perf_event_open": 241, "name_to_handle_at": 264, "open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270,
    "process_vm_writev": 271, "kcmp": 272, "finit_module": 273, "bpf": 280, "userfaultfd": 282, "kexec_file_load": 294,
}  # fmt: skip
#: Architecture, denied calls, and the numbers of `clone` and `socket`.
_MACHINES = {"x86_64": (0xC000003E, _X86, 56, 41), "aarch64": (0xC00000B7, _ARM, 220, 198)}
_CLONE3, _ENOSYS = 435, 0x00050026
_AT_LEAST, _ANY_OF, _FIRST_ARGUMENT = 0x35, 0x45, 16
_OTHER_ABI, _NAMESPACES, _AF_UNIX = 0x40000000, 0x7E020000, 1


def program() -> bytes | None:
    """The filter for this machine, or None where it is not known."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return None
    arch, calls, clone, socket = machine
    steps = [step(LOAD, ARCH_AT), step(EQUAL, arch, yes=1), step(RETURN, KILL), step(LOAD, NUMBER_AT)]
    steps += [step(_AT_LEAST, _OTHER_ABI, no=1), step(RETURN, EPERM)]  # x32 has numbers of its own
    for number in sorted({*calls.values(), *_NEW.values()}):
        steps += [step(EQUAL, number, no=1), step(RETURN, EPERM)]
    steps += [step(EQUAL, _CLONE3, no=1), step(RETURN, _ENOSYS)]  # its flags cannot be looked at; libraries then call clone
    steps += [step(EQUAL, clone, no=3), step(LOAD, _FIRST_ARGUMENT), step(_ANY_OF, _NAMESPACES, no=4), step(RETURN, EPERM)]
    steps += [step(EQUAL, socket, no=2), step(LOAD, _FIRST_ARGUMENT), step(EQUAL, _AF_UNIX, yes=0, no=1)]
    return b"".join([*steps, step(RETURN, ALLOW), step(RETURN, EPERM)])
