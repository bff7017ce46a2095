/** The failures of a connected server, in our own words. */

/** The most characters of a server's words that are quoted. */
const MAX_QUOTED = 300;
/** Characters that are invisible or change how others are shown: control, format, private-use and lone surrogates. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]+/gu;

export class McpFailure extends Error {
  override readonly name = "McpFailure";
  /** Whether the server answered, that is, refused rather than failed. */
  readonly alive: boolean;

  /** @param reason a sentence for people and models. */
  constructor(
    reason: string,
    options: { readonly alive?: boolean; readonly cause?: unknown } = {},
  ) {
    super(reason, { cause: options.cause });
    this.alive = options.alive ?? false;
  }
}

/** What a server says about signing in to it (RFC 6750, section 3; RFC 9728, section 5.1). */
export interface Challenge {
  /** The address of its metadata; null if it does not say. */
  readonly resourceMetadata: string | null;
  /** The OAuth scopes that it asks for, separated by spaces; null if it does not say. */
  readonly scope: string | null;
}

/** The server works, but its user has to sign in. */
export class SignInNeeded extends McpFailure {
  readonly challenge: Challenge | null;

  /** @param challenge what the server said about signing in; null if it was not asked. */
  constructor(reason: string, challenge: Challenge | null) {
    super(reason, { alive: true });
    this.challenge = challenge;
  }
}

/** @returns foreign text on one line, without invisible characters. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, " ").trim();
}

/** @returns foreign text, made visible and shortened, to be quoted in a sentence. */
export function quoted(text: string): string {
  const seen = visible(text);
  return seen.length > MAX_QUOTED ? `${seen.slice(0, MAX_QUOTED).toWellFormed()}…` : seen;
}
