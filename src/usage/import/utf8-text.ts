/**
 * UTF-8 that may be broken in places. What a TextDecoder puts there, U+FFFD, is a character that text may
 * hold by itself; so a lone surrogate stands there, as in Python's PEP 383: no text that is decoded has one.
 */
import { rowReason } from "../row-reasons.ts";

/** Stands for bytes that are no UTF-8. Text that has one is not well-formed. */
export const UNDECODED = "\udc80";
/** Why a row is set aside whose text has an {@link UNDECODED}. */
export const NOT_UTF8 = rowReason("not_utf8");

const REPLACEMENT = "\ufffd";
/** In UTF-8, {@link REPLACEMENT}. */
const REPLACEMENT_BYTES = [0xef, 0xbf, 0xbd] as const;
const BYTE_ORDER_MARK = "\ufeff";

/** Decodes one file, piece by piece. */
export class Utf8Text {
  readonly #decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
  /** The beginning of a character whose end has not come yet: three bytes at most. */
  #begun = new Uint8Array();
  #isFirst = true;

  /** @returns the text up to the end of the last whole character. */
  take(piece: Uint8Array): string {
    const bytes = joined(this.#begun, piece);
    const whole = bytes.length - begunLength(bytes);
    this.#begun = bytes.slice(whole);
    return this.#decode(bytes.subarray(0, whole));
  }

  /** @returns what is left: a character that has no end. */
  end(): string {
    return this.#decode(this.#begun);
  }

  #decode(bytes: Uint8Array): string {
    const text = this.#decoder.decode(bytes);
    const marked = text.includes(REPLACEMENT) ? this.#marked(bytes) : text;
    if (!this.#isFirst || marked === "") return marked;
    this.#isFirst = false;
    return marked.startsWith(BYTE_ORDER_MARK) ? marked.slice(1) : marked;
  }

  /** Between those that are written there, each U+FFFD is the decoder's. */
  #marked(bytes: Uint8Array): string {
    const parts: string[] = [];
    for (let from = 0; ; ) {
      const at = indexOfReplacement(bytes, from);
      const part = this.#decoder.decode(bytes.subarray(from, at < 0 ? bytes.length : at));
      parts.push(part.replaceAll(REPLACEMENT, UNDECODED));
      if (at < 0) return parts.join(REPLACEMENT);
      from = at + REPLACEMENT_BYTES.length;
    }
  }
}

function joined(begun: Uint8Array, piece: Uint8Array): Uint8Array {
  if (begun.length === 0) return piece;
  const bytes = new Uint8Array(begun.length + piece.length);
  bytes.set(begun);
  bytes.set(piece, begun.length);
  return bytes;
}

/** @returns how many bytes at the end begin a character that needs more of them. */
function begunLength(bytes: Uint8Array): number {
  for (let length = 1; length <= 3; length += 1) {
    const byte = bytes[bytes.length - length];
    if (byte === undefined) return 0;
    const isContinuation = byte >= 0x80 && byte < 0xc0;
    if (!isContinuation) return length < lengthBy(byte) ? length : 0;
  }
  return 0;
}

/** @returns the bytes of a character, by its first. */
function lengthBy(lead: number): number {
  if (lead < 0xc0) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

/** Its first byte begins a character wherever it stands, so no other is cut by it. */
function indexOfReplacement(bytes: Uint8Array, from: number): number {
  const [lead, second, third] = REPLACEMENT_BYTES;
  for (let at = bytes.indexOf(lead, from); at >= 0; at = bytes.indexOf(lead, at + 1)) {
    if (bytes[at + 1] === second && bytes[at + 2] === third) return at;
  }
  return -1;
}
