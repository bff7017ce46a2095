/** An example of each JSON body that the doors accept, for the OpenAPI document. A test sends every one of them. */
import type { BodyExamples } from "../http/body-examples.ts";

const QUESTION = "Which model is cheaper for summaries?";
const MODEL = "apex-supervisor";
const ASKED = { id: "message-1", role: "user", content: QUESTION };
const RUN_INPUT = { threadId: "costs", runId: "run-1", messages: [ASKED] };

/** By method and path, as the document names them. */
export const DOOR_EXAMPLES: BodyExamples = {
  "POST /v1/chat/completions": {
    model: MODEL,
    messages: [{ role: "user", content: QUESTION }],
    stream: true,
  },
  "POST /v1/responses": { model: MODEL, input: QUESTION },
  "POST /api/ai-sdk/chat": {
    id: "costs",
    messages: [{ id: "message-1", role: "user", parts: [{ type: "text", text: QUESTION }] }],
  },
  "POST /ag-ui": RUN_INPUT,
  "POST /ag-ui/agent/{id}/run": RUN_INPUT,
  "POST /ag-ui/agent/{id}/connect": RUN_INPUT,
  "POST /a2a": {
    jsonrpc: "2.0",
    id: 1,
    method: "message/send",
    params: {
      message: {
        kind: "message",
        messageId: "message-1",
        role: "user",
        parts: [{ kind: "text", text: QUESTION }],
      },
    },
  },
};
