/** One visit to a connected server: within its time and bounds, and nothing of it goes on afterwards. */
import * as z from "zod";
import { DeadlineExceeded, withDeadline } from "../core/deadline.ts";
import type { TraceContext } from "../core/trace.ts";
import { traceHeaders } from "../core/trace-context.ts";
import { judgedAddress } from "./address.ts";
import { boundedFetch, type Fetch } from "./bounded-fetch.ts";
import { type Challenge, McpFailure, quoted, SignInNeeded } from "./failure.ts";
import { problemSentence } from "./problems.ts";

/** One answer of a server, or of where one signs in to it, in bytes. */
export const MAX_ANSWER_BYTES = 1024 * 1024;
/** To connect and to list the tools may take so long together, in milliseconds. */
const LIST_MS = 5_000;
/** One call may take so long, in milliseconds. */
const CALL_MS = 30_000;
/** How long one waits for a server to end its session, in milliseconds. */
const END_MS = 1_000;
/** Pages that a list of tools may have. */
const MAX_PAGES = 8;

/** All that one visit can take, in milliseconds. */
export const VISIT_MS = LIST_MS + CALL_MS;

/** Where a server is, and what it is shown; the secret is in the clear. */
export interface Target {
  readonly url: string;
  /** A bearer token that its user gave; then nobody signs in to it. */
  readonly secret: string | null;
  readonly signIn: AccessToken | null;
  /** Where the visit stands in its trace: its id is all that the server is told of that. */
  readonly trace?: TraceContext | null;
}

/** What a sign-in gives, which may change in the middle of a visit. Both throw {@link McpFailure}. */
export interface AccessToken {
  /** @returns the token to show, renewed where its time is nearly over; null where nobody signed in. */
  current(): Promise<string | null>;
  /** @returns another in place of one that the server refused. */
  renew(refused: string): Promise<string>;
}

export interface SessionPorts {
  readonly fetch: Fetch;
  /** Whether servers of this machine itself may be connected. */
  readonly isDevelopment: boolean;
  readonly listMs?: number;
  readonly callMs?: number;
}

/** What can be asked in a visit. Both throw {@link McpFailure}. */
export interface Session {
  /** @returns the tools as they are listed, unread. */
  listTools(): Promise<readonly unknown[]>;
  /** @returns the result as it came, unread. */
  callTool(name: string, args: Record<string, unknown>): Promise<unknown>;
}

/**
 * Connects, works, and leaves. The address is judged anew each time, because rules may have become
 * stricter. Whichever era of the protocol the server speaks is found out first.
 * @throws {McpFailure}, what the work threw, or the signal's reason where that aborts.
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
  // Half a megabyte of code, which only who has connected a server ever needs.
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
    // A server that nobody signed in to is shown nothing, and what is refused then is not tried again.
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
  // The client's own time is a little longer: whichever ends, it is ours that is told.
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
 * Stands in for the check of results against schemas of the server's own: to run a stranger's patterns
 * would cost more than the check is worth, as no result is believed anyway.
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

/** What the last answer that refused said of why; null where there was none. */
type Refusal = (Challenge & { readonly error: string | null }) | null;

/** What is known of signing in; null where nobody does. */
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
