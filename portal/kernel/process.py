"""How a process that holds keys and carries files is set up, whatever started it."""

import ctypes
import os
import resource

#: glibc, `mallopt(3)`: what is larger comes from the kernel and goes back at once; what is freed at the top stays up to so much; bytes.
_MMAP_THRESHOLD, _MMAP_FROM = -3, 4 * 1024 * 1024
_TRIM_THRESHOLD, _TRIM_FROM = -1, 32 * 1024 * 1024


def settle_process() -> None:
    """For a process that serves: no core dump, as memory holds keys; files closed to others; memory as in `keep_buffers`."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    keep_buffers()


def keep_buffers() -> None:
    """Memory for buffers of up to a few MiB stays with the process when it is freed.

    Untuned, glibc gives it back to the kernel, which hands out fresh pages for the next: carrying a file costs several times what sealing
    it does. Other C libraries have no such setting, and need none.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _MMAP_FROM)
        mallopt(_TRIM_THRESHOLD, _TRIM_FROM)
