/** A receiver of webhooks: a real HTTP server that keeps what it was sent, and answers as told. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How one misbehaves: without an answer, without an end to it, or with a length that it does not have. */
type Misbehaviour = "silent" | "endless" | { readonly status: number; readonly claims: number };

/** How one request is answered. */
export type Answer = { readonly status: number; readonly location?: string } | Misbehaviour;

export class Receiver {
  readonly received: Received[] = [];
  readonly url: string;
  readonly close: () => Promise<void>;

  private constructor(url: string, received: Received[], close: () => Promise<void>) {
    this.url = url;
    this.received = received;
    this.close = close;
  }

  /** @param answers one a request, in order; the last one stays. */
  static async open(...answers: readonly Answer[]): Promise<Receiver> {
    const received: Received[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const answer = answers[received.length] ?? answers.at(-1) ?? { status: 204 };
        const { url: path = "", headers } = request;
        received.push({ path, headers, body: Buffer.concat(chunks).toString() });
        if (answer === "silent") return;
        if (answer === "endless") return flood(response);
        if ("claims" in answer) {
          // It says so much, sends a word of it, and no more.
          response.writeHead(answer.status, { "content-length": String(answer.claims) });
          return void response.write("thanks");
        }
        const { status, location } = answer;
        response.writeHead(status, location === undefined ? {} : { location });
        response.end(status === 204 ? undefined : "thanks");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = addressOf(server.address());
    const close = async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    return new Receiver(`http://127.0.0.1:${port}/hook`, received, close);
  }
}

/** Sends 100 MB, as fast as they are taken, and goes on where somebody still reads. */
function flood(response: ServerResponse): void {
  response.writeHead(200);
  Readable.from(megabytes())
    .on("error", () => undefined)
    .pipe(response);
}

function* megabytes(): Generator<Buffer, never, void> {
  const piece = Buffer.alloc(1024 * 1024, "x");
  for (;;) yield piece;
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return address;
}
