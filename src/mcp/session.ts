/** One connection to a connected server, within limits of time and size. Nothing of it continues afterwards. */
import * as z from "zod";
import { DeadlineExceeded, withDeadline } from "../core/deadline.ts";
import type { TraceContext } from "../core/trace.ts";
import { traceHeaders } from "../core/trace-context.ts";
import { judgedAddress } from "./address.ts";
import { boundedFetch, type Fetch } from "./bounded-fetch.ts";
import { type Challenge, McpFailure, quoted, SignInNeeded } from "./failure.ts";
import { problemSentence } from "./problems.ts";

/** The most of one answer of a server or an authorization server, in bytes. */
export const MAX_ANSWER_BYTES = 1024 * 1024;
/** How long connecting and listing the tools may take together, in milliseconds. */
const LIST_MS = 5_000;
/** How long one call may take, in milliseconds. */
const CALL_MS = 30_000;
/** How long to wait for a server to end its session, in milliseconds. */
const END_MS = 1_000;
/** The most pages of a list of tools. */
const MAX_PAGES = 8;

/** The longest that one connection can take, in milliseconds. */
export const VISIT_MS = LIST_MS + CALL_MS;

/** A server's address and its decrypted secret. */
export interface Target {
  readonly url: string;
  /** A bearer token that the user entered; with it nobody signs in. */
  readonly secret: string | null;
  readonly signIn: AccessToken | null;
  /** The trace that the call belongs to. The server is only told its id. */
  readonly trace?: TraceContext | null;
}

/** The access token of a sign-in, which may be renewed during a connection. Both methods throw {@link McpFailure}. */
export interface AccessToken {
  /** @returns the token, renewed if it is about to expire; null if nobody signed in. */
  current(): Promise<string | null>;
  /** @returns a new token in place of one that the server refused. */
  renew(refused: string): Promise<string>;
}

export interface SessionPorts {
  readonly fetch: Fetch;
  /** Whether servers on this machine may be connected. */
  readonly isDevelopment: boolean;
  readonly listMs?: number;
  readonly callMs?: number;
}

/** What can be asked over a connection. Both methods throw {@link McpFailure}. */
export interface Session {
  /** @returns the tools as listed, not validated. */
  listTools(): Promise<readonly unknown[]>;
  /** @returns the result as received, not validated. */
  callTool(name: string, args: Record<string, unknown>): Promise<unknown>;
}

/**
 * Connects, does the work, and disconnects. The address is checked again each time, because the rules may have
 * become stricter. The client finds out which version of the protocol the server speaks.
 * @throws {McpFailure}, what the work threw, or the signal's reason if it aborts.
 */
export async function visit<Value>(
  { url, secret, signIn, trace }: Target,
  ports: SessionPorts,
  signal: AbortSignal,
  work: (session: Session) => Promise<Value>,
): Promise<Value> {
  const broken = new AbortController();
  const within = AbortSignal.any([signal, broken.signal]);
  const address = judgedAddress(url, ports.isDevelopment);
  // Half a megabyte of code, loaded only for users who have connected a server.
  const sdk = await import("@modelcontextprotocol/client");
  let shown = secret ?? (await signIn?.current()) ?? null;
  let refusal: Refusal = null;
  const provider = {
    token: () => Promise.resolve(shown ?? undefined),
    onUnauthorized: async () => {
      if (signIn !== null && shown !== null) shown = await signIn.renew(shown);
    },
  };
  const transport = new sdk.StreamableHTTPClientTransport(address, {
    fetch: boundedFetch({
      address,
      fetch: ports.fetch,
      maxBytes: MAX_ANSWER_BYTES,
      fault: (failure) => broken.abort(failure),
      refused: (answer) => {
        const { resourceMetadataUrl, scope, error } = sdk.extractWWWAuthenticateParams(answer);
        const resourceMetadata = resourceMetadataUrl?.href ?? null;
        refusal = { resourceMetadata, scope: scope ?? null, error: error ?? null };
      },
    }),
    // Without a sign-in no token is sent, so a refusal is not retried.
    ...(signIn !== null && shown !== null && { authProvider: provider }),
    requestInit: {
      headers: {
        ...traceHeaders(trace),
        ...(secret !== null && { authorization: `Bearer ${secret}` }),
      },
    },
    onInsufficientScope: "throw",
  });
  const client = new sdk.Client(
    { name: "apex-edge", version: "1.0.0" },
    {
      versionNegotiation: { mode: "auto" },
      inputRequired: { autoFulfill: false },
      listMaxPages: MAX_PAGES,
      jsonSchemaValidator: UNCHECKED,
    },
  );
  const { listMs = LIST_MS, callMs = CALL_MS } = ports;
  const listBy = Date.now() + listMs;
  // The client's own timeout is a little longer, so that ours decides the error.
  const inTime = async <Answer>(ms: number, ask: (time: ClientTime) => Promise<Answer>) => {
    try {
      return await withDeadline(ms, () => ask({ timeout: ms + END_MS }), within);
    } catch (error) {
      within.throwIfAborted();
      throw failureOf(error, ms, signIn && { refusal, wasSignedIn: shown !== null });
    }
  };
  try {
    await inTime(listMs, (options) => client.connect(transport, options));
    const value = await work({
      listTools: () =>
        inTime(Math.max(1, listBy - Date.now()), async (options) => {
          return (await client.listTools(undefined, options)).tools;
        }),
      callTool: (name, args) =>
        inTime(callMs, (options) => client.callTool({ name, arguments: args }, options)),
    });
    await withDeadline(END_MS, () => transport.terminateSession()).catch(() => undefined);
    return value;
  } finally {
    await client.close().catch(() => undefined);
  }
}

/** What the client's errors say of themselves. */
const Told = z
  .object({
    name: z.string().catch(""),
    message: z.string().catch(""),
    status: z.number().optional().catch(undefined),
  })
  .catch({ name: "", message: "", status: undefined });

interface ClientTime {
  readonly timeout: number;
}

/**
 * Replaces the client's validation of results by the server's own schemas. Running patterns of strangers is a
 * risk, and gains nothing, as no result is trusted anyway.
 */
const UNCHECKED = {
  getValidator<Value>() {
    return (data: unknown) =>
      isTaken<Value>(data)
        ? { valid: true as const, data, errorMessage: undefined }
        : { valid: false as const, data: undefined, errorMessage: "is not taken" };
  },
};

function isTaken<Value>(_: unknown): _ is Value {
  return true;
}

/** What the last refusal said about its reason; null if there was none. */
type Refusal = (Challenge & { readonly error: string | null }) | null;

/** What is known about signing in; null if the server is not signed in to. */
type SignInState = { readonly refusal: Refusal; readonly wasSignedIn: boolean } | null;

function failureOf(error: unknown, ms: number, signIn: SignInState): McpFailure {
  if (error instanceof McpFailure) return error;
  const options = { cause: error };
  const { name, message, status } = Told.parse(error);
  if (error instanceof DeadlineExceeded) {
    return new McpFailure(problemSentence("too_slow", ms / 1_000), options);
  }
  if (signIn !== null && (status === 401 || signIn.refusal?.error === "insufficient_scope")) {
    const { resourceMetadata = null, scope = null } = signIn.refusal ?? {};
    return new SignInNeeded(wordsOf(signIn), { resourceMetadata, scope });
  }
  if (status === 401 || status === 403) {
    return new McpFailure(problemSentence("secret_refused"), { ...options, alive: true });
  }
  if (status !== undefined) return new McpFailure(problemSentence("http_status", status), options);
  if (name === "ProtocolError") {
    const reason = problemSentence("refused", quoted(message));
    return new McpFailure(reason, { ...options, alive: true });
  }
  return new McpFailure(problemSentence("unreachable"), options);
}

function wordsOf({ refusal, wasSignedIn }: NonNullable<SignInState>): string {
  if (!wasSignedIn) return problemSentence("sign_in_needed");
  const isTooNarrow = refusal?.error === "insufficient_scope";
  return problemSentence(isTooNarrow ? "sign_in_too_narrow" : "sign_in_refused");
}
