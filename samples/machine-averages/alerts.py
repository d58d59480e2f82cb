"""What a window of telemetry says, and when it is worth an alert."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    cpu_percent: float
    memory_percent: float


def summary(window: dict, key: object, thresholds: Thresholds) -> dict:
    """One output record: the averages of a closed window, rounded, with its alerts in words."""
    machine = key.decode() if isinstance(key, bytes) else str(key)
    figures = {
        name: round(value, 2)
        for name, value in window.items()
        if name not in ("start", "end") and value is not None
    }
    return {
        "machine": machine,
        "start": window["start"],
        "end": window["end"],
        **figures,
        "alerts": alerts(figures, thresholds),
    }


def alerts(figures: dict, thresholds: Thresholds) -> list[str]:
    limits = {"cpu_percent": ("CPU", thresholds.cpu_percent), "memory_percent": ("memory", thresholds.memory_percent)}
    return [
        f"{label} at {figures[name]:.0f} % (limit {limit:.0f} %)"
        for name, (label, limit) in limits.items()
        if figures.get(name, 0) >= limit
    ]
