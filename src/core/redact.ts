/** Takes out of a text what looks like a secret. */

const REDACTED = "[redacted]";

/** Names of fields whose text is secret, whatever it looks like. */
const SECRET_NAME = /password|passwd|token|secret|authorization|cookie|api_?key|ticket/i;

/**
 * Signed tokens (`eyJ…`), our own keys and tokens (`apx_…`, which are base64url), keys of model endpoints
 * (`sk-…`), and whatever follows a scheme of the Authorization header.
 */
const SECRET_TEXT =
  /\beyJ[\w-]{8,}(?:\.[\w-]*)*|\bapx_[\w-]{8,}|\bsk-[\w-]{8,}|\b(?:Bearer|Basic)[ =:]+[^\s"',;]{8,}/gi;

/** @param name of the field the text stands in. @returns the text without the secrets in it. */
export function redact(name: string, text: string): string {
  return SECRET_NAME.test(name) ? REDACTED : text.replace(SECRET_TEXT, REDACTED);
}
