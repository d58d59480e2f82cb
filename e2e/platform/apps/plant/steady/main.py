"""Counts its lines, five a second, some of them louder; ends at once when it is broken."""

import itertools
import os
import time

print(os.environ.get("greeting", "hello"), flush=True)
if os.environ.get("mood") == "broken":
    raise SystemExit("the scale does not answer")
for tick in itertools.count(1):
    level = "ERROR" if tick % 50 == 0 else "WARNING" if tick % 15 == 0 else "INFO"
    print(f"{level} tick {tick} of the scale", flush=True)
    time.sleep(0.2)
