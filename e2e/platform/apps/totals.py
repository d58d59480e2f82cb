"""Sums `n` by key over tumbling windows of a second, with state."""

import os
from datetime import timedelta

from quixstreams import Application
from quixstreams.dataframe.windows import Count, Sum

app = Application(
    consumer_group=os.environ["GROUP"],
    auto_offset_reset="earliest",
    processing_guarantee=os.environ["GUARANTEE"],
    commit_interval=0.5,
)
source = app.topic(os.environ["INPUT"], value_deserializer="json")
target = app.topic(os.environ["OUTPUT"], value_serializer="json")
rows = app.dataframe(source).tumbling_window(timedelta(seconds=1)).agg(sum=Sum("n"), count=Count()).final()
rows.to_topic(target)
app.run()
