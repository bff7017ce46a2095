"""Asks a question over plain HTTP, and follows its run as server-sent events. Needs `requests`."""

import json
import os
import sys

import requests

APEX = os.environ.get("APEX", "http://127.0.0.1:8787")
question = sys.argv[1] if len(sys.argv) > 1 else "Where does our money go?"

session = requests.Session()
token = os.environ.get("APEX_KEY")
if token is None:
    answer = session.post(f"{APEX}/api/auth/dev-login", json={"email": "ada@example.com"}, timeout=30)
    answer.raise_for_status()
    token = answer.json()["access_token"]
    session.cookies.clear()
session.headers["Authorization"] = f"Bearer {token}"

thread = session.post(f"{APEX}/api/threads", json={}, timeout=30).json()
with session.post(
    f"{APEX}/api/threads/{thread['id']}/messages",
    json={"content": question},
    headers={"Accept": "text/event-stream"},
    stream=True,
    timeout=60,
) as run:
    run.raise_for_status()
    run.encoding = "utf-8"
    for line in run.iter_lines(decode_unicode=True):
        if not line.startswith("data: "):
            continue
        frame = json.loads(line[len("data: ") :])
        if frame["type"] == "agent_thinking":
            print("·", frame["data"]["reasoning"], file=sys.stderr)
        if frame["type"] == "agent_completed":
            print(frame["data"]["final_response"])
