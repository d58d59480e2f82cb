"""The figures of one machine."""

import socket
import time

import psutil


class Machine:
    """Samples the machine it runs on; rates are averages since the sample before."""

    def __init__(self) -> None:
        self.name = socket.gethostname()
        psutil.cpu_percent()  # the first call has nothing to compare with
        self._before = self._counters()

    def sample(self) -> dict:
        now = self._counters()
        before, self._before = self._before, now
        seconds = max(now["at"] - before["at"], 1e-6)

        def rate(counter: str) -> float:
            return round(max(now[counter] - before[counter], 0) / seconds, 1)

        memory = psutil.virtual_memory()
        return {
            "time": time.time_ns() // 1_000_000,
            "machine": self.name,
            "cpu_percent": psutil.cpu_percent(),
            "memory_percent": memory.percent,
            "memory_used_bytes": memory.used,
            "disk_read_bytes_per_second": rate("disk_read"),
            "disk_written_bytes_per_second": rate("disk_written"),
            "network_received_bytes_per_second": rate("received"),
            "network_sent_bytes_per_second": rate("sent"),
        }

    @staticmethod
    def _counters() -> dict:
        disk, network = psutil.disk_io_counters(), psutil.net_io_counters()
        return {
            "at": time.monotonic(),
            "disk_read": disk.read_bytes if disk else 0,
            "disk_written": disk.write_bytes if disk else 0,
            "received": network.bytes_recv if network else 0,
            "sent": network.bytes_sent if network else 0,
        }
