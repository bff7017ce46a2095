/** A client connected to a scripted server, with everything it tells on record. */
import { vi } from "vitest";
import {
  ApexClient,
  type ClientOptions,
  type ConnectionStatus,
  type ThreadConnection,
} from "../../../src/client/index.ts";
import type { ServerFrame } from "../../../src/protocol/events.ts";
import type { ThreadId } from "../../../src/protocol/ids.ts";
import { ready, THREAD, thread } from "./frames.ts";
import { ScriptedServer } from "./scripted-server.ts";

/** Lets everything happen that is due within so many milliseconds of the faked clock. */
export async function pass(milliseconds = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

export class Stage {
  readonly server = new ScriptedServer();
  /** What the handlers were told: frames, statuses, and how often of another view. */
  readonly frames: ServerFrame[] = [];
  readonly statuses: ConnectionStatus[] = [];
  views = 0;

  constructor() {
    this.server.routes.set(`GET /api/threads/${THREAD}`, () => ({
      status: 200,
      body: thread(THREAD, null),
    }));
  }

  /** @returns a connection whose first socket waits for the server. */
  async connect(
    threadId: ThreadId | null = THREAD,
    options: Partial<ClientOptions> = {},
  ): Promise<ThreadConnection> {
    const { fetch, WebSocket } = this.server;
    const client = new ApexClient({ baseUrl: "http://server.test", fetch, WebSocket, ...options });
    await client.devLogin({ email: "developer@example.com" });
    const connection = client.connect(threadId, {
      onFrame: (frame) => this.frames.push(frame),
      onChange: () => this.views++,
      onStatus: (status) => this.statuses.push(status),
    });
    await pass();
    return connection;
  }

  /** @returns a connection whose first socket is open. */
  async open(): Promise<ThreadConnection> {
    const connection = await this.connect();
    this.server.socket.accept(ready());
    return connection;
  }

  async loseAndReopen(...replayed: ServerFrame[]): Promise<void> {
    this.server.socket.drop();
    await pass(5_000);
    this.server.socket.accept(ready(), ...replayed);
  }

  /** @returns the position that the newest socket asked for. */
  search(): Record<string, string> {
    return Object.fromEntries(this.server.socket.url.searchParams);
  }
}
