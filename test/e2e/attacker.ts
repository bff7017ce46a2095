/** Somebody who attacks over connections, from an address of their own: what they spend is nobody else's. */
import { randomInt, randomUUID } from "node:crypto";
import { Credentials } from "../../src/protocol/api.ts";
import { Thread } from "../../src/protocol/entities.ts";
import { type Operation, pathOf } from "../hostile/operations.ts";
import { type Sent, send } from "./wire.ts";

/** A request but for its method and path. */
export type Shape = Omit<Sent, "method" | "path">;

const JSON_BODY = { "content-type": "application/json" };

export class Attacker {
  readonly #url: string;
  /** Of a network for documentation (RFC 5737), told as the platform tells it. */
  readonly #address = `203.0.${randomInt(256)}.${randomInt(256)}`;
  readonly #email = `${randomUUID()}@example.com`;
  #token: string | null = null;
  #threadId = "";

  constructor(url: string) {
    this.#url = url;
  }

  /** Sends an operation as nobody. @param id fills each of its places, as it stands. */
  asNobody(operation: Operation, id: string, { headers, ...shape }: Shape): Promise<Response> {
    const { method } = operation;
    return send(this.#url, {
      ...shape,
      method,
      path: pathOf(operation, () => id),
      headers: { "cf-connecting-ip": this.#address, ...headers },
    });
  }

  /** Sends an operation as a user; as a new one, where the last request may have ended what the user was. */
  async signedIn(
    operation: Operation,
    id: (threadId: string) => string,
    { headers, ...shape }: Shape,
  ): Promise<Response> {
    this.#token ??= await this.#settle();
    const response = await this.asNobody(operation, id(this.#threadId), {
      ...shape,
      headers: { authorization: `Bearer ${this.#token}`, ...headers },
    });
    if (operation.method === "DELETE" || response.status === 204) this.#token = null;
    return response;
  }

  /** Signs in, and begins a thread. @returns the access token. */
  async #settle(): Promise<string> {
    const signIn = { email: this.#email, tier: "enterprise" };
    const credentials = await this.#post("/api/auth/dev-login", signIn, {});
    const { access_token } = Credentials.parse(credentials);
    const authorization = `Bearer ${access_token}`;
    this.#threadId = Thread.parse(await this.#post("/api/threads", {}, { authorization })).id;
    return access_token;
  }

  async #post(path: string, body: object, headers: Record<string, string>): Promise<unknown> {
    const address = { "cf-connecting-ip": this.#address };
    const response = await send(this.#url, {
      ...{ method: "POST", path, body: JSON.stringify(body) },
      headers: { ...JSON_BODY, ...address, ...headers },
    });
    return await response.json();
  }
}
