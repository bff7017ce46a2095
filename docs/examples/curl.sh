#!/usr/bin/env bash
# From sign-in to report with curl alone: docs/examples/curl.sh "question".
set -euo pipefail
APEX="${APEX:-http://127.0.0.1:8787}"
QUESTION="${1:-Cut our AI costs by 30 % without hurting latency.}"
# One field of a JSON object on standard input.
field() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' | head -n 1; }

TOKEN=$(curl -fsS "$APEX/api/auth/dev-login" --json '{"email":"ada@example.com"}' | field access_token)
auth=(-H "Authorization: Bearer $TOKEN")
THREAD=$(curl -fsS "$APEX/api/threads" "${auth[@]}" --json '{}' | field id)

# The message is taken at once; its run is followed to the end.
curl -fsSN "$APEX/api/threads/$THREAD/messages" "${auth[@]}" -H "Accept: text/event-stream" \
  --json "{\"content\":\"$QUESTION\",\"client_message_id\":\"from-curl\"}" | grep '^event:' | sort | uniq -c

# The same message again is the same run.
RUN=$(curl -fsS "$APEX/api/threads/$THREAD/messages" "${auth[@]}" \
  --json "{\"content\":\"$QUESTION\",\"client_message_id\":\"from-curl\"}" | field run_id)
curl -fsS "$APEX/api/runs/$RUN/report?format=markdown" "${auth[@]}"
