"""Asks a question over a WebSocket, hangs up in the middle, and resumes without a gap. Needs `websockets`."""

import asyncio
import json
import os
import sys
import urllib.request

import websockets

APEX = os.environ.get("APEX", "http://127.0.0.1:8787")
question = sys.argv[1] if len(sys.argv) > 1 else "Where does our money go?"


def post(path, body, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(APEX + path, json.dumps(body).encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


async def main():
    token = post("/api/auth/dev-login", {"email": "ada@example.com"})["access_token"]
    thread = post("/api/threads", {}, token)["id"]
    address = f"{APEX.replace('http', 'ws', 1)}/api/threads/{thread}/socket"
    protocols = ["apex-edge", f"bearer.{token}"]
    epoch, seq, seen = None, 0, []

    # The first connection is left at the first thought; the run goes on without it.
    async with websockets.connect(address, subprotocols=protocols) as socket:
        await socket.send(json.dumps({"type": "user_message", "content": question}))
        async for text in socket:
            frame = json.loads(text)
            if frame["type"] == "connection_ready":
                epoch = frame["data"]["epoch"]
            if isinstance(frame.get("seq"), int):
                seq = frame["seq"]
                seen.append(seq)
            if frame["type"] == "agent_thinking":
                break

    # The second one begins after the last event that the first one had.
    async with websockets.connect(f"{address}?after={seq}&epoch={epoch}", subprotocols=protocols) as socket:
        async for text in socket:
            frame = json.loads(text)
            if isinstance(frame.get("seq"), int):
                seen.append(frame["seq"])
            if frame["type"] == "agent_completed":
                print(frame["data"]["final_response"])
                break

    assert seen == list(range(1, len(seen) + 1)), seen


asyncio.run(main())
