"""Runs a command as a child and writes what it took, as only its parent can know: `measured.py RESULT COMMAND...`.
RESULT becomes {"wallMs", "userMs", "systemMs", "peakBytes"} of the whole process. SIGINT and SIGTERM are passed on."""

import json
import os
import signal
import sys
import time

_, result, *command = sys.argv

start = time.monotonic()
child = os.posix_spawnp(command[0], command, os.environ)
for name in (signal.SIGINT, signal.SIGTERM):
    signal.signal(name, lambda number, _: os.kill(child, number))
_, status, usage = os.wait4(child, 0)
wall = time.monotonic() - start

with open(result, "w") as file:
    json.dump(
        {
            "wallMs": wall * 1000,
            "userMs": usage.ru_utime * 1000,
            "systemMs": usage.ru_stime * 1000,
            "peakBytes": usage.ru_maxrss * 1024,
        },
        file,
    )
code = os.waitstatus_to_exitcode(status)
sys.exit(code if code >= 0 else 128 - code)
