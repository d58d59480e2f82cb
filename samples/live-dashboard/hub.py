"""Hands each record to every connected browser."""

import asyncio
from collections import deque

HISTORY = 120
BACKLOG = 64


class Hub:
    """Keeps the latest records for newcomers; a browser that falls behind loses its own oldest ones."""

    def __init__(self) -> None:
        self.history: deque[dict] = deque(maxlen=HISTORY)
        self._listeners: set[asyncio.Queue] = set()

    def publish(self, record: dict) -> None:
        """Called on the event loop."""
        self.history.append(record)
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(record)

    def join(self) -> asyncio.Queue:
        queue: asyncio.Queue = asyncio.Queue(BACKLOG)
        self._listeners.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue) -> None:
        self._listeners.discard(queue)
