/** When to dial, ping, wait, ask and give up: the connection's life as a pure machine. */
import { ApexError } from "../protocol/errors.ts";
import type { ErrorCode } from "../protocol/failures.ts";

/** How a connection is; `closed` is for good. */
export type ConnectionStatus = "connecting" | "open" | "reconnecting" | "closed";

interface Trying {
  /** Connections lost since one last proved sound by outliving a heartbeat. */
  readonly losses: number;
  /** Whether the token was renewed and no connection has opened with it yet. */
  readonly renewed: boolean;
}

export type ConnectionState =
  | ({ readonly phase: "dialing" } & Trying)
  | { readonly phase: "open"; readonly losses: number; readonly pinged: boolean }
  | ({ readonly phase: "checking" } & Trying)
  | ({ readonly phase: "waiting" } & Trying)
  | { readonly phase: "closed"; readonly error: ApexError | null };

export type ConnectionInput =
  /** `connection_ready` arrived. */
  | { readonly type: "ready" }
  /** Any other frame arrived. */
  | { readonly type: "frame" }
  /** Frames are missing, or more came than can be held: the log must be read again. */
  | { readonly type: "gap" }
  /** The socket is gone; 1006 where it failed without a close frame. */
  | { readonly type: "lost"; readonly code: number }
  /** The phase's time is over: see {@link phaseTime}. */
  | { readonly type: "timeout" }
  /** The answer to `probe` or `renew`, or why no token could be had: null where all is well. */
  | { readonly type: "checked"; readonly error: ApexError | null }
  /** The user hangs up. */
  | { readonly type: "close" };

/**
 * What the shell does: open a socket, drop it, send a ping, ask over HTTP whether the thread can be
 * had (a browser hides why an upgrade was refused), or renew the access token.
 */
export type ConnectionEffect = "dial" | "hang_up" | "ping" | "probe" | "renew";

interface Transition {
  readonly state: ConnectionState;
  readonly effects: readonly ConnectionEffect[];
}

/** From dialling to `connection_ready`, in milliseconds. */
const READY_TIMEOUT_MS = 15_000;
/** From asking why a connection failed to trying again, answered or not. */
const CHECK_TIMEOUT_MS = 5_000;
/** Between heartbeats. */
export const HEARTBEAT_MS = 20_000;
/** To the first one of a connection that came back: once it outlives that, the waits begin anew. */
const FIRST_HEARTBEAT_MS = 5_000;
/** From a ping to any frame; past it the connection is half open. */
const PONG_TIMEOUT_MS = 10_000;
/** The wait after the first loss, doubled after each further one, up to the longest. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/** Where a connection starts: the shell dials. */
export const DIALING: ConnectionState = { phase: "dialing", losses: 0, renewed: false };

/** Closes that another attempt would only meet again, and what they mean to the user. */
const FATAL_CLOSES: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  1008: ["forbidden", "The server ended the connection: it is not permitted."],
  1009: ["too_large", "The server ended the connection: a message was too large."],
  4400: ["unknown_command", "The server ended the connection: it did not understand a command."],
  4401: ["unauthenticated", "The server no longer accepts your sign-in. Please sign in again."],
  4403: ["forbidden", "You are not permitted to open this thread."],
  4404: ["not_found", "There is no such thread."],
  4409: ["unavailable", "Another connection has taken this one's place."],
};
const UNAUTHENTICATED = 4401;
const FATAL_STATUSES: readonly number[] = [401, 403, 404];

/** @returns the state after an input, and what the shell must do now. */
export function step(state: ConnectionState, input: ConnectionInput): Transition {
  if (state.phase === "closed") return stay(state);
  switch (input.type) {
    case "close":
      return closed(null);
    case "ready":
      if (state.phase !== "dialing") return stay(state);
      return stay({ phase: "open", losses: state.losses, pinged: false });
    case "frame":
      if (state.phase !== "open" || !state.pinged) return stay(state);
      return stay({ phase: "open", losses: 0, pinged: false });
    case "gap":
      return state.phase === "open" ? wait(lost(state), ["hang_up"]) : stay(state);
    case "lost":
      return afterLoss(state, input.code);
    case "timeout":
      return afterTimeout(state);
    case "checked":
      if (state.phase !== "dialing" && state.phase !== "checking") return stay(state);
      if (input.error && FATAL_STATUSES.includes(input.error.status)) return closed(input.error);
      return wait(state.phase === "dialing" ? lost(state) : state);
  }
}

/** @returns how long the phase may last, in milliseconds, or null for as long as it takes. */
export function phaseTime(state: ConnectionState, random: () => number): number | null {
  switch (state.phase) {
    case "dialing":
      return READY_TIMEOUT_MS;
    case "open":
      if (state.pinged) return PONG_TIMEOUT_MS;
      return state.losses > 0 ? FIRST_HEARTBEAT_MS : HEARTBEAT_MS;
    case "waiting": {
      const longest = Math.min(FIRST_WAIT_MS * 2 ** (state.losses - 1), LONGEST_WAIT_MS);
      // Half of it at random, so that a server's restart does not bring everyone back at once.
      return longest * (0.5 + random() / 2);
    }
    case "checking":
      return CHECK_TIMEOUT_MS;
    case "closed":
      return null;
  }
}

/** @returns what the user is told of a state. */
export function statusOf(state: ConnectionState): ConnectionStatus {
  if (state.phase === "open" || state.phase === "closed") return state.phase;
  // Until it is known why the first attempt failed, there is nothing to come back to.
  const first = state.phase === "checking" && state.losses === 1 && !state.renewed;
  return first || state.losses === 0 ? "connecting" : "reconnecting";
}

type LiveState = Exclude<ConnectionState, { phase: "closed" }>;

function afterLoss(state: LiveState, code: number): Transition {
  if (state.phase !== "dialing" && state.phase !== "open") return stay(state);
  const trying = lost(state);
  if (code === UNAUTHENTICATED && !trying.renewed) {
    return { state: { phase: "checking", ...trying, renewed: true }, effects: ["renew"] };
  }
  const fatal = FATAL_CLOSES[code];
  if (fatal) return closed(new ApexError(...fatal));
  return state.phase === "open" ? wait(trying) : check(trying);
}

function afterTimeout(state: LiveState): Transition {
  switch (state.phase) {
    case "dialing":
      return check(lost(state), ["hang_up"]);
    case "open":
      if (state.pinged) return wait(lost(state), ["hang_up"]);
      return { state: { ...state, pinged: true }, effects: ["ping"] };
    case "waiting":
      return { state: { ...state, phase: "dialing" }, effects: ["dial"] };
    case "checking":
      // A network that answers nothing says nothing about the thread: dial again instead of waiting.
      return wait(state);
  }
}

function lost(state: Extract<LiveState, { phase: "dialing" | "open" }>): Trying {
  return {
    losses: state.losses + 1,
    renewed: state.phase === "dialing" && state.renewed,
  };
}

function check({ losses, renewed }: Trying, effects: readonly ConnectionEffect[] = []): Transition {
  return { state: { phase: "checking", losses, renewed }, effects: [...effects, "probe"] };
}

function wait({ losses, renewed }: Trying, effects: readonly ConnectionEffect[] = []): Transition {
  return { state: { phase: "waiting", losses, renewed }, effects };
}

function closed(error: ApexError | null): Transition {
  return { state: { phase: "closed", error }, effects: ["hang_up"] };
}

function stay(state: ConnectionState): Transition {
  return { state, effects: [] };
}
