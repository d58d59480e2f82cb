"""A job: ends at once, or when SIGUSR1 tells it to."""

import os
import signal
import sys

signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
print("the batch begins", flush=True)
if os.environ.get("waits") == "yes":
    signal.sigwait([signal.SIGUSR1])
print("the batch is done", flush=True)
sys.exit(int(os.environ.get("ends", "0")))
