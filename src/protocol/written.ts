/** How much a client has of the answer that is being written, so that a resume brings the rest alone. */
import type { MessageDelta } from "./events.ts";
import type { MessageId } from "./ids.ts";

/**
 * Which answer, how long (UTF-16 code units, as offsets are), and the FNV-1a hash of so much of it: 32 bit,
 * over the text in UTF-16LE, as eight hexadecimal digits. The hash is there because text may have been
 * taken back since, and written otherwise.
 */
export const WRITTEN = /^([\w.-]{1,64})\.(\d{1,9})\.([0-9a-f]{8})$/;

/** @returns what to say for having an answer's text, as {@link WRITTEN} has it. */
export function writtenOf(messageId: MessageId, text: string): string {
  return `${messageId}.${text.length}.${hashOf(text, text.length)}`;
}

/**
 * @param snapshot the answer as far as it is written, from its beginning.
 * @param written what the client has; undefined where it did not say.
 * @returns what it lacks of it, null for nothing; all of it where it has another text, or may have.
 */
export function missing(snapshot: MessageDelta, written: string | undefined): MessageDelta | null {
  const [, messageId, digits, hash] = WRITTEN.exec(written ?? "") ?? [];
  const { message_id, text } = snapshot;
  const length = Number(digits);
  const isKnown =
    messageId === message_id && length <= text.length && hash === hashOf(text, length);
  if (!isKnown) return snapshot;
  return length === text.length ? null : { ...snapshot, offset: length, text: text.slice(length) };
}

function hashOf(text: string, length: number): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < length; at += 1) {
    const unit = text.charCodeAt(at);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
