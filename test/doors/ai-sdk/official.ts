/** The AI SDK's own transport, signed in as somebody, and what a page shows of it. */
import { randomUUID } from "node:crypto";
import { DefaultChatTransport, readUIMessageStream, type UIMessage, type UIMessageChunk } from "ai";
import type { Person } from "../../e2e/person.ts";

/** @returns a message of the person. */
export const asked = (text: string): UIMessage => ({
  id: randomUUID(),
  role: "user",
  parts: [{ type: "text", text }],
});

/** @returns what `useChat` sends and reads by. */
export function transportOf({ url, credentials }: Person) {
  return new DefaultChatTransport({
    api: `${url}/api/ai-sdk/chat`,
    headers: { authorization: `Bearer ${credentials.access_token}` },
  });
}

/** @returns the message that a page shows in the end. */
export async function shown(stream: ReadableStream<UIMessageChunk>): Promise<UIMessage> {
  let last: UIMessage | null = null;
  for await (const message of readUIMessageStream({ stream, terminateOnError: true })) {
    last = message;
  }
  if (last === null) throw new Error("Nothing was shown.");
  return last;
}

/** @returns a message's text. */
export function textOf({ parts }: UIMessage): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}
