"""Memory that training frees stays with the process that asked for that, and with no other."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import ctypes, resource, sys
from zoo.transfer.allocator import keep_freed_memory

if sys.argv[1] == "keep":
    assert keep_freed_memory()
library = ctypes.CDLL(None)
library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
library.free.argtypes = [ctypes.c_void_p]
size = 64 << 20


def faults():
    block = library.malloc(size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    ctypes.memset(block, 1, size)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    library.free(block)
    return after - before


faults()
print(faults())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator")
def test_a_block_that_was_freed_comes_back_without_page_faults() -> None:
    found = {
        word: int(subprocess.run([sys.executable, "-c", SCRIPT, word], capture_output=True, check=True).stdout)
        for word in ("keep", "default")
    }
    pages = (64 << 20) // 4096
    assert found["keep"] < pages // 100
    # Whole blocks of 2 MiB may be faulted in at once, so the default is held to that.
    assert found["default"] >= (64 << 20) // (2 << 20)
