/** How a connected server fails: in words of ours, and whether it is alive all the same. */

/** Foreign words in a sentence of ours take up no more than this. */
const MAX_QUOTED = 300;
/** What nobody sees, or what makes the rest be seen otherwise: control, format, private and torn characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]+/gu;

export class McpFailure extends Error {
  override readonly name = "McpFailure";
  /** Whether the server answered: it refused, rather than failed. */
  readonly alive: boolean;

  /** @param reason a sentence that people and models read. */
  constructor(
    reason: string,
    options: { readonly alive?: boolean; readonly cause?: unknown } = {},
  ) {
    super(reason, { cause: options.cause });
    this.alive = options.alive ?? false;
  }
}

/** What a server says of signing in to it (RFC 6750, section 3; RFC 9728, section 5.1). */
export interface Challenge {
  /** Where its metadata is; null where it does not say. */
  readonly resourceMetadata: string | null;
  /** What it asks for, as OAuth scopes; null where it does not say. */
  readonly scope: string | null;
}

/** The server is well, and wants its user to sign in. */
export class SignInNeeded extends McpFailure {
  readonly challenge: Challenge | null;

  /** @param challenge what the server said of it; null where it was not asked. */
  constructor(reason: string, challenge: Challenge | null) {
    super(reason, { alive: true });
    this.challenge = challenge;
  }
}

/** @returns foreign text as it is seen: on one line, without characters that hide or turn it. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, " ").trim();
}

/** @returns foreign words as one sentence of ours quotes them. */
export function quoted(text: string): string {
  const seen = visible(text);
  return seen.length > MAX_QUOTED ? `${seen.slice(0, MAX_QUOTED).toWellFormed()}…` : seen;
}
