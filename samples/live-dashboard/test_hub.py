import asyncio

from hub import BACKLOG, HISTORY, Hub


def test_slow_listeners_lose_their_own_oldest():
    async def scenario():
        hub = Hub()
        slow, fast = hub.join(), hub.join()
        seen = []
        for i in range(BACKLOG + 10):
            hub.publish({"i": i})
            seen.append(fast.get_nowait()["i"])
        assert seen == list(range(BACKLOG + 10))
        assert slow.qsize() == BACKLOG
        assert slow.get_nowait() == {"i": 10}

    asyncio.run(scenario())


def test_history_is_bounded_and_leavers_get_nothing():
    async def scenario():
        hub = Hub()
        queue = hub.join()
        hub.leave(queue)
        for i in range(HISTORY * 2):
            hub.publish({"i": i})
        assert len(hub.history) == HISTORY
        assert queue.empty()

    asyncio.run(scenario())
