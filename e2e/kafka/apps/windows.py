"""Sums the values of INPUT by key over windows of ten seconds of event time and writes each closed window to OUTPUT."""

import os
from datetime import timedelta

from quixstreams import Application
from quixstreams.dataframe.windows import Count, Sum

app = Application(
    broker_address=os.environ["BROKER"],
    consumer_group=os.environ["GROUP"],
    processing_guarantee=os.environ["GUARANTEE"],
    auto_offset_reset="earliest",
    commit_interval=0.3,
    state_dir=os.environ["STATE"],
    # A killed application's successor goes on when its session and its transaction have ended.
    consumer_extra_config={"session.timeout.ms": 6000, "heartbeat.interval.ms": 500},
    producer_extra_config={"transaction.timeout.ms": 10000},
)
source = app.topic(os.environ["INPUT"], value_deserializer="json")
target = app.topic(os.environ["OUTPUT"], value_serializer="json")
windows = app.dataframe(source).tumbling_window(timedelta(seconds=10)).agg(sum=Sum(), count=Count()).final()
windows.to_topic(target)
app.run()
