from alerts import Thresholds, summary

LIMITS = Thresholds(cpu_percent=90, memory_percent=80)


def window(**figures):
    return {"start": 0, "end": 10_000, **figures}


def test_quiet_windows_have_no_alerts():
    row = summary(window(cpu_percent=12.3456, memory_percent=40.0), b"m1", LIMITS)
    assert row == {
        "machine": "m1", "start": 0, "end": 10_000,
        "cpu_percent": 12.35, "memory_percent": 40.0, "alerts": [],
    }


def test_each_limit_that_is_reached_is_named():
    row = summary(window(cpu_percent=90.0, memory_percent=95.5), "m1", LIMITS)
    assert row["alerts"] == ["CPU at 90 % (limit 90 %)", "memory at 96 % (limit 80 %)"]


def test_missing_figures_are_left_out():
    assert "memory_percent" not in summary(window(cpu_percent=1.0, memory_percent=None), "m1", LIMITS)
