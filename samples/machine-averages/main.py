"""Averages machine telemetry over hopping windows and raises alerts."""

import logging
import os
from datetime import timedelta

from quixstreams import Application
from quixstreams.dataframe.windows import Max, Mean

from alerts import Thresholds, summary

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
logging.getLogger("httpx").setLevel(logging.WARNING)
log = logging.getLogger("machine-averages")


def main() -> None:
    window = timedelta(seconds=float(os.environ.get("window_seconds") or 10))
    step = timedelta(seconds=float(os.environ.get("step_seconds") or 2))
    thresholds = Thresholds(
        cpu_percent=float(os.environ.get("cpu_alert_percent") or 90),
        memory_percent=float(os.environ.get("memory_alert_percent") or 90),
    )

    app = Application(
        consumer_group="machine-averages",
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_interval=1.0,
        loglevel="WARNING",
    )
    source = app.topic(os.environ["input"], value_deserializer="json")
    target = app.topic(os.environ["output"], value_serializer="json")

    averages = (
        app.dataframe(source)
        .hopping_window(window, step)
        .agg(
            cpu_percent=Mean("cpu_percent"),
            cpu_percent_max=Max("cpu_percent"),
            memory_percent=Mean("memory_percent"),
            network_received_bytes_per_second=Mean("network_received_bytes_per_second"),
            network_sent_bytes_per_second=Mean("network_sent_bytes_per_second"),
            disk_written_bytes_per_second=Mean("disk_written_bytes_per_second"),
        )
        .final()
        .apply(lambda value, key, timestamp, headers: summary(value, key, thresholds), metadata=True)
    )
    averages.filter(lambda row: row["alerts"]).update(
        lambda row: log.warning("ALERT on %s: %s", row["machine"], "; ".join(row["alerts"]))
    )
    averages.to_topic(target)

    log.info("CONNECTED! averaging %s into %s", source.name, target.name)
    app.run()


if __name__ == "__main__":
    main()
