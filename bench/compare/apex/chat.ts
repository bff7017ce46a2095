/** Apex Edge's own protocol: a position in the log, and deltas with their offsets. */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import { MessageId } from "../../../src/protocol/ids.ts";
import { applyDelta } from "../../../src/protocol/projection.ts";
import { writtenOf } from "../../../src/protocol/written.ts";
import { newPerson } from "../../../test/e2e/person.ts";
import type { Chat, Protocol } from "../chat.ts";

/** As much of a frame as a client must read to show an answer. */
const Frame = z.object({
  type: z.string(),
  seq: z.number().nullable().default(null),
  message_id: z.string().optional(),
  offset: z.number().default(0),
  text: z.string().default(""),
  data: z
    .object({ epoch: z.string(), final_response: z.string(), status: z.string() })
    .partial()
    .default({}),
});

/** @returns a client of a thread. @param bearer its access token. */
export function apexChat(path: string, bearer: string): Chat {
  let answer = "";
  let messageId = "";
  let ready = false;
  let epoch = "";
  let lastSeq = 0;
  return {
    dial() {
      ready = false;
      const written =
        answer === "" ? "" : `&written=${writtenOf(MessageId.parse(messageId), answer)}`;
      const position = epoch === "" ? "" : `?after=${lastSeq}&epoch=${epoch}${written}`;
      return { path: `${path}${position}`, protocols: ["apex-edge", `bearer.${bearer}`] };
    },
    greeting: () => null,
    say(content) {
      answer = "";
      const client_message_id = randomUUID();
      return JSON.stringify({ type: "user_message", client_message_id, content });
    },
    hear(text) {
      const frame = Frame.parse(JSON.parse(text));
      lastSeq = Math.max(lastSeq, frame.seq ?? 0);
      switch (frame.type) {
        case "connection_ready":
          ready = true;
          epoch = frame.data.epoch ?? "";
          break;
        case "error":
          throw new Error(`Apex Edge said: ${text}`);
        case "message_delta":
          if (frame.message_id !== undefined && frame.message_id !== messageId) {
            messageId = frame.message_id;
            answer = "";
          }
          answer = applyDelta(answer, frame);
          return { text: frame.text, ended: false, reply: null };
        case "agent_completed":
          if (frame.data.status !== "completed") throw new Error(`A run ended so: ${text}`);
          answer = frame.data.final_response ?? "";
          return { text: "", ended: true, reply: null };
      }
      return { text: "", ended: false, reply: null };
    },
    get ready() {
      return ready;
    },
    get answer() {
      return answer;
    },
  };
}

export const APEX: Protocol = {
  async begin(url) {
    const person = await newPerson(url);
    const path = `/api/threads/${await person.newThread()}/socket`;
    const { access_token: bearer } = person.credentials;
    return { newChat: () => apexChat(path, bearer) };
  },
};
