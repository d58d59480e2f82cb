"""A web page that shows a topic live: records arrive by WebSocket as they are published."""

import asyncio
import json
import logging
import os
import threading
from pathlib import Path

from aiohttp import WSMsgType, web
from quixstreams import Application

from hub import Hub

STATIC = Path(__file__).parent / "static"

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
logging.getLogger("httpx").setLevel(logging.WARNING)
log = logging.getLogger("live-dashboard")


def consume(publish) -> None:
    """Reads the topic on the main thread, which quixstreams needs for its signal handling."""
    app = Application(consumer_group="live-dashboard", auto_offset_reset="latest", loglevel="WARNING")
    topic = app.topic(os.environ["input"], value_deserializer="json")
    app.dataframe(topic).update(publish)
    log.info("CONNECTED! showing %s", topic.name)
    app.run()


async def page(_: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html")


async def latest(request: web.Request) -> web.Response:
    return web.json_response(list(request.app["hub"].history))


async def live(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(heartbeat=20)
    await socket.prepare(request)
    hub: Hub = request.app["hub"]
    queue = hub.join()

    async def send() -> None:
        await socket.send_str(json.dumps(list(hub.history)))
        while True:
            await socket.send_str(json.dumps([await queue.get()]))

    sender = asyncio.create_task(send())
    try:
        async for message in socket:
            if message.type is WSMsgType.ERROR:
                break
    finally:
        sender.cancel()
        hub.leave(queue)
    return socket


def serve(hub: Hub, loop: asyncio.AbstractEventLoop, ready: threading.Event) -> None:
    asyncio.set_event_loop(loop)
    site = web.Application()
    site["hub"] = hub
    site.add_routes([web.get("/", page), web.get("/latest", latest), web.get("/live", live)])
    site.router.add_static("/static", STATIC)

    async def start() -> None:
        runner = web.AppRunner(site, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "80"))).start()
        ready.set()

    loop.run_until_complete(start())
    loop.run_forever()


def main() -> None:
    hub, loop, ready = Hub(), asyncio.new_event_loop(), threading.Event()
    threading.Thread(target=serve, args=(hub, loop, ready), daemon=True).start()
    if not ready.wait(30):
        raise SystemExit("the web server did not start")
    consume(lambda record: loop.call_soon_threadsafe(hub.publish, record))


if __name__ == "__main__":
    main()
