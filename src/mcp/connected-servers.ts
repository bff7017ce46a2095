/**
 * The MCP servers that users have connected: lists and calls their tools, each server behind its own circuit
 * breaker.
 */
import { type BreakerStatus, CircuitBreaker } from "../core/breaker.ts";
import { type Clock, timestamp } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { ToolContext, ToolResult } from "../core/tool.ts";
import { ApexError } from "../protocol/errors.ts";
import type { McpServerId, UserId } from "../protocol/ids.ts";
import type { Json } from "../protocol/json.ts";
import { type Catalog, readCatalog } from "./catalog.ts";
import type { OfferedTool } from "./connected-tool.ts";
import { McpFailure, SignInNeeded } from "./failure.ts";
import { problemSentence } from "./problems.ts";
import { readResult } from "./results.ts";
import {
  type AccessToken,
  type Session,
  type SessionPorts,
  type Target,
  visit,
} from "./session.ts";
import type { Refusable } from "./sign-in/book.ts";

/** How many failures in a row open a server's breaker, and for how many milliseconds it stays open. */
const FAILURES = 3;
const OPEN_MS = 15_000;
/** The most breakers in an isolate; beyond that, the least recently used is dropped. */
const MAX_BREAKERS = 1_000;

/**
 * In place of a secret that none of our keys decrypts any more. It differs from null, which means that there is
 * none.
 */
export const LOST_SECRET = Symbol("lost secret");

/** A connected server as it is stored, with its secret decrypted. */
export interface KnownServer {
  readonly id: McpServerId;
  readonly name: string;
  readonly url: string;
  readonly secret: string | null | typeof LOST_SECRET;
  /** The sign-in with OAuth, done or possible; null if there is a secret instead. */
  readonly signIn: (AccessToken & Refusable) | null;
  readonly enabled: boolean;
  /** What was wrong the last time it was asked; null for nothing. */
  readonly problem: string | null;
}

/** The result of asking a server for its tools. */
export interface Check {
  readonly checked_at: string;
  readonly problem: string | null;
  /** Its tools; null if it did not list them. Then those stored before are kept. */
  readonly tools: Catalog["tools"] | null;
  /** How many listed tools are not offered. */
  readonly left_out: number;
}

/** Where servers, their tools and the users' approvals are stored. */
export interface ServerBook {
  find(userId: UserId, id: McpServerId): Promise<KnownServer | null>;
  /** Stores the result of a check, unless the server's address has changed meanwhile. */
  saveCheck(userId: UserId, server: KnownServer, check: Check): Promise<void>;
  /** Stores that the user approved a tool with its present description. */
  approve(userId: UserId, offer: OfferedTool): Promise<void>;
}

interface ServersParts extends SessionPorts {
  readonly book: ServerBook;
  readonly clock: Clock;
  readonly log: Log;
  /** @returns a function to be called whenever the breaker of this server opens or closes. */
  readonly report: (id: McpServerId) => (status: BreakerStatus) => void;
}

export class ConnectedServers {
  readonly #parts: ServersParts;
  readonly #breakers = new Map<McpServerId, CircuitBreaker>();

  constructor(parts: ServersParts) {
    this.#parts = parts;
  }

  /**
   * Asks a server for its tools, and stores the answer or what went wrong. This happens even while its breaker is
   * open, because a person asked for it.
   * @returns false if the user has no such server.
   */
  async check(userId: UserId, id: McpServerId, signal: AbortSignal): Promise<boolean> {
    const { book } = this.#parts;
    const server = await book.find(userId, id);
    if (server === null) return false;
    const leave = this.#breakerOf(id).enter() ?? (() => undefined);
    try {
      const catalog = await this.#visit(server, signal, leave, (session) => list(server, session));
      await book.saveCheck(userId, server, this.#checked(catalog));
    } catch (error) {
      if (!(error instanceof McpFailure)) throw error;
      await book.saveCheck(userId, server, this.#failed(error));
    }
    return true;
  }

  /**
   * Calls a tool, if the server still describes it as when it was offered. If the description changed, it may do
   * something else, so its user has to approve it again.
   * @throws {ApexError} `tool_failed`, or the signal's reason.
   */
  async call(
    offer: OfferedTool,
    args: Record<string, Json>,
    { userId, signal, trace = null }: ToolContext,
  ): Promise<ToolResult> {
    const { book, log } = this.#parts;
    const { server_id: id, server: name, tool } = offer;
    const server = await book.find(userId, id);
    if (server === null || !server.enabled) {
      throw new ApexError("tool_failed", `The server "${name}" is not connected any more.`);
    }
    if (!offer.approved) await book.approve(userId, offer);
    const breaker = this.#breakerOf(id);
    const leave = breaker.enter();
    if (leave === null) throw paused(name, breaker.wait);
    try {
      const asked = { ...server, trace };
      const output = await this.#visit(asked, signal, leave, async (session) => {
        const catalog = await list(server, session);
        const now = catalog.tools.find((each) => each.tool === tool);
        if (now?.fingerprint !== offer.fingerprint || server.problem !== null) {
          await book.saveCheck(userId, server, this.#checked(catalog));
        }
        if (now?.fingerprint !== offer.fingerprint) throw changed(offer.name);
        return readResult(await session.callTool(tool, args), { server: name, tool });
      });
      return { output, findings: [] };
    } catch (error) {
      if (!(error instanceof McpFailure)) throw error;
      if (!error.alive || error instanceof SignInNeeded) {
        await book
          .saveCheck(userId, server, this.#failed(error))
          .catch((lost: unknown) => log.error("mcp.unsaved", lost, { server_id: id }));
      }
      const detail = `The connected server "${name}" did not do it. ${error.message}`;
      throw new ApexError("tool_failed", detail, { cause: error });
    }
  }

  /** Connects once, and reports the outcome to the breaker. */
  async #visit<Value>(
    server: KnownServer & Pick<Target, "trace">,
    signal: AbortSignal,
    leave: (verdict: "success" | "failure" | "none") => void,
    work: (session: Session) => Promise<Value>,
  ): Promise<Value> {
    try {
      const { url, secret, signIn, trace = null } = server;
      if (secret === LOST_SECRET) throw lost();
      const value = await visit({ url, secret, signIn, trace }, this.#parts, signal, work);
      leave("success");
      return value;
    } catch (error) {
      if (error instanceof SignInNeeded) await server.signIn?.refused(error.challenge);
      if (error instanceof McpFailure) leave(error.alive ? "success" : "failure");
      else leave(signal.aborted ? "none" : "success");
      throw error;
    }
  }

  #checked({ tools, leftOut }: Catalog): Check {
    const checked_at = timestamp(this.#parts.clock.now());
    return { checked_at, problem: null, tools, left_out: leftOut };
  }

  #failed({ message }: McpFailure): Check {
    const checked_at = timestamp(this.#parts.clock.now());
    return { checked_at, problem: message, tools: null, left_out: 0 };
  }

  #breakerOf(id: McpServerId): CircuitBreaker {
    const { clock, report } = this.#parts;
    const onChange = report(id);
    const breaker =
      this.#breakers.get(id) ??
      new CircuitBreaker({ clock, failures: FAILURES, openMs: OPEN_MS, onChange });
    this.#breakers.delete(id);
    this.#breakers.set(id, breaker);
    const [oldest] = this.#breakers.keys();
    if (this.#breakers.size > MAX_BREAKERS && oldest !== undefined) this.#breakers.delete(oldest);
    return breaker;
  }
}

async function list({ name }: KnownServer, session: Session): Promise<Catalog> {
  return readCatalog(name, await session.listTools());
}

/** Never ask without the secret: the server may treat an anonymous client differently. */
function lost(): McpFailure {
  return new McpFailure(problemSentence("secret_lost"), { alive: true });
}

function paused(name: string, waitMs: number): ApexError {
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1_000));
  const detail = `The connected server "${name}" failed several times in a row, so it is left alone for ${retryAfter} s. Go on without it.`;
  return new ApexError("tool_failed", detail, { retryAfter });
}

function changed(name: string): ApexError {
  const detail = `The server describes ${name} otherwise than when it was offered, or no longer has it. It was not called; from the next message on it is offered as it is now, and has to be approved again.`;
  return new ApexError("tool_failed", detail);
}
