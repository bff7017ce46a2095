/** The floor: a Worker and a Durable Object that relay a model's deltas to sockets, and nothing else. */
import { DurableObject } from "cloudflare:workers";
import { EventSourceParserStream } from "eventsource-parser/stream";
import * as z from "zod";

interface FloorEnv {
  readonly RELAYS: DurableObjectNamespace<Relay>;
  readonly PROMISING: DurableObjectNamespace<PromisingRelay>;
  readonly ACCOUNTS: DurableObjectNamespace<FloorAccount>;
  readonly MODEL_URL: string;
  readonly MODEL_KEY: string;
}

const Chunk = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().optional() }) })),
});

/** How far ahead an alarm stands while a question is answered, in milliseconds. */
const ALARM_MS = 5_000;

/** Asks the model what a socket says, and gives each piece of the answer to all sockets. */
export class Relay extends DurableObject<FloorEnv> {
  override fetch(_request: Request): Response | Promise<Response> {
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

/** What a promise costs the platform alone: before the model is asked, another object is, and the question is durable. */
export class PromisingRelay extends Relay {
  constructor(ctx: DurableObjectState, env: FloorEnv) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS questions (question TEXT)");
  }

  /** Keeps what is posted; what is not opens a socket. */
  override async fetch(request: Request): Promise<Response> {
    if (request.method !== "POST") return await super.fetch(request);
    this.#keep(await request.text());
    return new Response(null, { status: 204 });
  }

  override async webSocketMessage(socket: WebSocket, question: string | ArrayBuffer) {
    const { storage } = this.ctx;
    await this.env.ACCOUNTS.getByName("everybody").admit();
    this.#keep(String(question));
    this.ctx.waitUntil(storage.setAlarm(Date.now() + ALARM_MS));
    await super.webSocketMessage(socket, question);
    await storage.deleteAlarm();
  }

  /** Nothing is ever left to do. */
  override alarm(): void {}

  #keep(question: string): void {
    this.ctx.storage.sql.exec("INSERT INTO questions VALUES (?)", question);
  }
}

/** Lets everybody in. */
export class FloorAccount extends DurableObject {
  admit(): boolean {
    return true;
  }
}

export default {
  fetch(request, { PROMISING, RELAYS }) {
    const { pathname } = new URL(request.url);
    const relays = pathname.startsWith("/promising/") ? PROMISING : RELAYS;
    return relays.getByName(pathname).fetch(request);
  },
} satisfies ExportedHandler<FloorEnv>;
