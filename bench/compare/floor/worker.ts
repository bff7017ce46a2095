/** The floor: a Worker and a Durable Object that relay a model's deltas to sockets, and nothing else. */
import { DurableObject } from "cloudflare:workers";
import { EventSourceParserStream } from "eventsource-parser/stream";
import * as z from "zod";

interface FloorEnv {
  readonly RELAYS: DurableObjectNamespace<Relay>;
  readonly MODEL_URL: string;
  readonly MODEL_KEY: string;
}

const Chunk = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().optional() }) })),
});

/** Asks the model what a socket says, and gives each piece of the answer to all sockets. */
export class Relay extends DurableObject<FloorEnv> {
  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(_socket: WebSocket, question: string | ArrayBuffer) {
    const { body } = await fetch(`${this.env.MODEL_URL}/chat/completions`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${this.env.MODEL_KEY}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({
        model: "gpt-4.1-mini",
        stream: true,
        messages: [{ role: "user", content: String(question) }],
      }),
    });
    if (body === null) throw new Error("The model gave no stream.");
    for await (const { data } of body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream())) {
      if (data === "[DONE]") break;
      const text = Chunk.parse(JSON.parse(data)).choices[0]?.delta.content ?? "";
      if (text !== "") this.#broadcast({ text });
    }
    this.#broadcast({ done: true });
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  }

  #broadcast(frame: object): void {
    const text = JSON.stringify(frame);
    for (const socket of this.ctx.getWebSockets()) {
      try {
        socket.send(text);
      } catch {
        // It has gone; its close is on the way.
      }
    }
  }
}

export default {
  fetch(request, { RELAYS }) {
    return RELAYS.getByName(new URL(request.url).pathname).fetch(request);
  },
} satisfies ExportedHandler<FloorEnv>;
