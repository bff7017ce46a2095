/** The floor's protocol: a question as it stands, and frames of text. It remembers and resumes nothing. */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Chat, Protocol } from "../chat.ts";

const Frame = z.union([z.object({ text: z.string() }), z.object({ done: z.literal(true) })]);

/** @returns a client of a relay. */
export function floorChat(path: string): Chat {
  let answer = "";
  let over = false;
  return {
    dial: () => ({ path, protocols: [] }),
    greeting: () => null,
    say(question) {
      answer = "";
      return question;
    },
    hear(text) {
      const frame = Frame.parse(JSON.parse(text));
      if ("done" in frame) {
        over = true;
        return { text: "", ended: true, reply: null };
      }
      answer = over ? frame.text : answer + frame.text;
      over = false;
      return { text: frame.text, ended: false, reply: null };
    },
    ready: true,
    get answer() {
      return answer;
    },
  };
}

export const FLOOR: Protocol = {
  async begin() {
    const path = `/${randomUUID()}`;
    return { newChat: () => floorChat(path) };
  },
};
