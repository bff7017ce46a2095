/** The deployment that is looked at, and the ways a check reaches it: plain HTTP and plain sockets. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type * as z from "zod";
import { Credentials } from "../../src/protocol/api.ts";
import { Thread } from "../../src/protocol/entities.ts";
import { Problem } from "../../src/protocol/problem.ts";

/** How long any answer may take, in milliseconds. */
const DEADLINE_MS = 15_000;

interface Asked {
  readonly method?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A user who is created for the checks, and deleted by the last of them. */
export interface Guest extends Credentials {
  readonly password: string;
}

export class Live {
  readonly url: string;
  readonly #guests: Guest[] = [];

  /** @param url the origin, as `https://apex.example.com`. */
  constructor(url: string) {
    this.url = url.replace(/\/+$/, "");
  }

  /** All users that were created and not deleted yet. */
  get guests(): readonly Guest[] {
    return this.#guests;
  }

  ask(path: string, { method, body, token, headers }: Asked = {}): Promise<Response> {
    return fetch(this.url + path, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      redirect: "manual",
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
  }

  /**
   * @returns the body of a successful answer.
   * @throws if the answer is another.
   */
  async read<Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    asked: Asked = {},
  ): Promise<z.output<Schema>> {
    const answer = await this.ask(path, asked);
    const body: unknown = await answer.json();
    assert.ok(answer.ok, `${path} answered ${answer.status}: ${JSON.stringify(body)}`);
    return schema.parse(body);
  }

  /**
   * @returns the problem details (RFC 9457) of an answer.
   * @throws if it has another status, or no problem details.
   */
  async refusal(status: number, path: string, asked: Asked = {}): Promise<Problem> {
    const answer = await this.ask(path, asked);
    assert.equal(answer.status, status, `${path} answered ${answer.status}`);
    assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
    return Problem.parse(await answer.json());
  }

  async register(): Promise<Guest> {
    const password = randomBytes(18).toString("base64url");
    const email = `smoke-${randomBytes(8).toString("hex")}@example.com`;
    const body = { email, password, name: "Smoke test" };
    const guest = { ...(await this.read(Credentials, "/api/auth/register", { body })), password };
    this.#guests.push(guest);
    return guest;
  }

  /** Deletes somebody's account, with all that is in it. */
  async remove(guest: Guest): Promise<Response> {
    const { access_token: token, user } = guest;
    const answer = await this.ask("/api/account", {
      method: "DELETE",
      token,
      body: { email: user.email },
    });
    if (answer.ok) this.#guests.splice(this.#guests.indexOf(guest), 1);
    return answer;
  }

  newThread({ access_token: token }: Guest): Promise<Thread> {
    return this.read(Thread, "/api/threads", { token, body: { title: "Smoke test" } });
  }

  /** @returns the status that an upgrade to a socket is answered with, before there is a socket. */
  upgrade(path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const send = this.url.startsWith("https:") ? httpsRequest : httpRequest;
    const asked = send(this.url + path, {
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": randomBytes(16).toString("base64"),
        ...headers,
      },
      timeout: DEADLINE_MS,
    });
    asked.once("upgrade", (_, socket) => {
      socket.destroy();
      resolve(101);
    });
    asked.once("response", (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.once("timeout", () => asked.destroy(new Error("no answer to the upgrade")));
    asked.once("error", reject);
    asked.end();
    return promise;
  }
}
