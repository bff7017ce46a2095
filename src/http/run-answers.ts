/** How the OpenAPI document describes answers that are a run: accepted, as a stream, or ended. */
import * as z from "zod";
import { AcceptedMessage } from "../protocol/api.ts";
import { Run } from "../protocol/entities.ts";
import { jsonAnswer } from "./json.ts";

/** Typed as a string on purpose, like {@link NDJSON}: the answer is no JSON. */
export const EVENT_STREAM: string = "text/event-stream";

const headers = z.object({ Location: z.string().describe("The run's address") });

/** The run, as far as the request waits for it. */
export const RUN_ANSWER = {
  description:
    "The run's events, where the request accepts an event stream; the run, where it waited for it",
  content: {
    [EVENT_STREAM]: { schema: z.string() },
    "application/json": { schema: Run },
  },
  headers,
};

export const ACCEPTED = {
  ...jsonAnswer(AcceptedMessage, "The message is stored, and its run queued"),
  headers,
};
