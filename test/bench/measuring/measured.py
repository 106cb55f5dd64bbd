"""Runs a command as a child and writes what it took, as only its parent can know: `measured.py RESULT COMMAND...`.
RESULT becomes {"wallMs", "userMs", "systemMs", "peakBytes"} of the whole process. SIGINT is passed on; SIGTERM kills
the child, so that whoever gives up on it leaves nothing behind."""

import json
import os
import signal
import sys
import time

_, result, *command = sys.argv

start = time.monotonic()
child = os.posix_spawnp(command[0], command, os.environ)
signal.signal(signal.SIGINT, lambda *_: os.kill(child, signal.SIGINT))
signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGKILL))
_, status, usage = os.wait4(child, 0)
wall = time.monotonic() - start

# Linux counts in KiB, macOS in bytes.
unit = 1 if sys.platform == "darwin" else 1024
with open(result, "w") as file:
    json.dump(
        {
            "wallMs": wall * 1000,
            "userMs": usage.ru_utime * 1000,
            "systemMs": usage.ru_stime * 1000,
            "peakBytes": usage.ru_maxrss * unit,
        },
        file,
    )
code = os.waitstatus_to_exitcode(status)
sys.exit(code if code >= 0 else 128 - code)
