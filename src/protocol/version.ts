/** The protocol's version, and what each one changed. A test holds the schemas to this history. */

interface Version {
  readonly version: string;
  readonly released: string;
  readonly changes: string;
  /** Fingerprint of every wire schema; the test prints the new one when they no longer agree. */
  readonly fingerprint: string;
}

/** Oldest first. A wire change that old clients can ignore raises the minor number. */
export const PROTOCOL_HISTORY: readonly [Version, ...Version[]] = [
  {
    version: "1.0",
    released: "2026-11-21",
    changes: "The first wire: runs with five events, deltas with offsets, resume by epoch and seq.",
    fingerprint: "a0cd141bae29867e174b0de5afc79586dd5e7f7fe4b0533c3bf263ffccc36616",
  },
];

/** The version that a server speaks, sent in `connection_ready`. */
export const PROTOCOL_VERSION = (PROTOCOL_HISTORY.at(-1) ?? PROTOCOL_HISTORY[0]).version;
