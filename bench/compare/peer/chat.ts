/**
 * The peer's protocol as its own client speaks it (`agents/chat/react`): each question carries the whole
 * transcript, and a reconnect asks for the stream and begins the answer anew where it is played again.
 */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Chat, Heard, Protocol } from "../chat.ts";

const Part = z.looseObject({ type: z.string(), text: z.string().optional() });
const Message = z.looseObject({ id: z.string(), role: z.string(), parts: z.array(Part) });
type Message = z.infer<typeof Message>;

/** A frame; those of other types mean nothing to the answer. */
const Frame = z.looseObject({
  type: z.string(),
  id: z.string().optional(),
  body: z.string().optional(),
  done: z.boolean().optional(),
  error: z.boolean().optional(),
  messages: z.array(Message).optional(),
});

/** What a response's body holds: a chunk of the AI SDK's stream. */
const Chunk = z.looseObject({
  type: z.string(),
  messageId: z.string().optional(),
  delta: z.string().optional(),
});

const NOTHING: Heard = { text: "", ended: false, reply: null };

/** @returns a client of an agent. */
export function peerChat(path: string): Chat {
  let transcript: Message[] = [];
  let answer = "";
  let answerId = "";
  let ready = false;
  let live = false;
  let acknowledged = "";

  function hearChunk(body: string): Heard {
    const chunk = Chunk.parse(JSON.parse(body));
    if (chunk.type === "start") {
      // Said again where the stream is played again: its client then begins the message anew.
      answer = "";
      answerId = chunk.messageId ?? "";
    }
    if (chunk.type !== "text-delta" || chunk.delta === undefined) return NOTHING;
    answer += chunk.delta;
    return { ...NOTHING, text: chunk.delta };
  }

  /** What the server has stored stands above what was streamed. */
  function showTranscript(messages: Message[]): void {
    transcript = messages;
    const last = messages.at(-1);
    if (last?.role === "assistant") answer = last.parts.map(({ text = "" }) => text).join("");
  }

  function keepAnswer(): void {
    const parts = [{ type: "step-start" }, { type: "text", text: answer, state: "done" }];
    const others = transcript.filter(({ id }) => id !== answerId);
    transcript = [...others, { id: answerId, role: "assistant", parts }];
  }

  return {
    dial() {
      ready = false;
      acknowledged = "";
      return { path, protocols: [] };
    },
    greeting: () =>
      live
        ? JSON.stringify({ type: "cf_agent_stream_resume_request", probeId: randomUUID() })
        : null,
    say(question) {
      answer = "";
      live = true;
      transcript.push({
        id: randomUUID(),
        role: "user",
        parts: [{ type: "text", text: question }],
      });
      return JSON.stringify({
        id: randomUUID(),
        init: {
          method: "POST",
          body: JSON.stringify({ messages: transcript, trigger: "submit-message" }),
        },
        type: "cf_agent_use_chat_request",
      });
    },
    hear(text) {
      const frame = Frame.parse(JSON.parse(text));
      switch (frame.type) {
        case "cf_agent_identity":
          ready = true;
          return NOTHING;
        case "cf_agent_chat_messages":
          showTranscript(frame.messages ?? transcript);
          return NOTHING;
        case "cf_agent_stream_resuming":
          // It is told twice, and acknowledged once.
          if (frame.id === undefined || acknowledged === frame.id) return NOTHING;
          acknowledged = frame.id;
          return {
            ...NOTHING,
            reply: JSON.stringify({ type: "cf_agent_stream_resume_ack", id: frame.id }),
          };
        case "cf_agent_stream_resume_none": {
          live = false;
          return { ...NOTHING, ended: true };
        }
        case "cf_agent_use_chat_response": {
          if (frame.error) throw new Error(`The peer failed: ${frame.body}`);
          const heard = frame.body?.trim() ? hearChunk(frame.body) : NOTHING;
          if (!frame.done) return heard;
          live = false;
          keepAnswer();
          return { ...heard, ended: true };
        }
        default:
          return NOTHING;
      }
    },
    get ready() {
      return ready;
    },
    get answer() {
      return answer;
    },
  };
}

export const PEER: Protocol = {
  async begin() {
    const path = `/agents/chat-agent/${randomUUID()}`;
    return { newChat: () => peerChat(path) };
  },
};
