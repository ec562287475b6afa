"""A gateway as the Socket.IO library's documentation has it: read a record, emit it. For comparison in fanout.py."""

import asyncio
import json
import sys
from contextlib import asynccontextmanager

import socketio
import uvicorn
from confluent_kafka import Consumer, TopicPartition
from fastapi import FastAPI


def main(bootstrap: str, topic: str, port: str) -> None:
    server = socketio.AsyncServer(async_mode="asgi", namespaces=["/parking"])
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "plain", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic, 0, 0)])

    async def forward() -> None:
        while True:
            for record in await asyncio.to_thread(consumer.consume, 500, 0.05):
                if record.error() is None:
                    await server.emit("parking_update", json.loads(record.value()), namespace="/parking")

    @asynccontextmanager
    async def lifespan(_: FastAPI):  # noqa: ANN202
        task = asyncio.create_task(forward())
        yield
        task.cancel()

    web = FastAPI(lifespan=lifespan)

    @web.get("/readyz")
    async def readyz() -> str:
        return "ready"

    config = uvicorn.Config(
        socketio.ASGIApp(server, web), port=int(port), log_level="warning", timeout_graceful_shutdown=1
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
