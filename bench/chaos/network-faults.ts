/** What may become of a connection: decided by chance before its first byte. */
import type { Random } from "./random.ts";

/** Whose bytes: those that the client sends, or those that the server does. */
export type Side = "client" | "server";

/**
 * A cut ends a connection. A silence makes it half-open: one side's bytes vanish while the other's
 * arrive, until it is cut as well. A stall holds both sides back, and then lets everything pass.
 */
export type NetworkFaultKind = "cut" | "silence" | "stall";

export interface NetworkFault {
  readonly kind: NetworkFaultKind;
  /** Whose bytes are counted; of a silence, also whose vanish. */
  readonly side: Side;
  /** It strikes in the middle of the piece that goes beyond so many bytes. */
  readonly afterBytes: number;
  /** How long a silence or a stall lasts, in milliseconds. */
  readonly lastsMs: number;
}

export interface Fate {
  /** What each piece waits on its way, in milliseconds. */
  readonly delayMs: number;
  /** Null: the connection is left alone. */
  readonly fault: NetworkFault | null;
}

/** A silence that only the client's patience ends: its heartbeat and pong time-out make 30 s. */
export const LONG_MS = 31_000;
const LONGEST_MS = 45_000;
const SHORTEST_MS = 300;
const SHORT_MS = 6_000;

/** What each side sends, in bytes, from its first frame to the middle of a busy minute. */
const BYTES: Readonly<Record<Side, number>> = { client: 1_000, server: 3_000 };

/** @param share of all connections that are hurt. */
export function drawFate(random: Random, share: number): Fate {
  const delayMs = random.chance(0.3) ? random.between(1, 80) : 0;
  if (!random.chance(share)) return { delayMs, fault: null };
  const kind = random.pick<NetworkFaultKind>(["cut", "cut", "cut", "silence", "stall"]);
  const side = random.pick<Side>(["server", "server", "client"]);
  const afterBytes = random.between(1, BYTES[side]);
  const lastsMs = random.chance(0.2)
    ? random.between(LONG_MS, LONGEST_MS)
    : random.between(SHORTEST_MS, SHORT_MS);
  return { delayMs, fault: { kind, side, afterBytes, lastsMs } };
}
