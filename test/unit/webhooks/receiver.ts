/** A receiver of webhooks: a real HTTP server that keeps what it was sent, and answers as told. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How one request is answered; `silent` never is. */
export type Answer = { readonly status: number; readonly location?: string } | "silent";

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

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return address;
}
