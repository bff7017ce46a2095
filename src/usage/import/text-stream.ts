/** Bytes as text: of the stated charset, or UTF-8, and never guessed. */
import { ApexError } from "../../protocol/errors.ts";
import { Utf8Text } from "./utf8-text.ts";

/** Charsets that are decoded where they are stated. */
const CHARSETS: ReadonlySet<string> = new Set(["utf-8", "utf-16le", "utf-16be", "windows-1252"]);

/** @returns the charset that a label stands for; UTF-8 for none. @throws {ApexError} `unsupported_media_type`. */
export function charsetOf(label: string | null): string {
  let name = "utf-8";
  try {
    name = label === null ? name : new TextDecoder(label).encoding;
  } catch {
    name = "unknown";
  }
  if (CHARSETS.has(name)) return name;
  const detail = `The charset ${label} is not read here. Send one of: ${[...CHARSETS].join(", ")}.`;
  throw new ApexError("unsupported_media_type", detail);
}

/** A decoder of one file. */
interface TextReader {
  /** @returns the text of a piece, as far as its characters are whole. */
  take(piece: Uint8Array): string;
  /** @returns what is left. */
  end(): string;
}

/**
 * In UTF-8 an {@link UNDECODED} stands for each sequence of bytes that is none: its row is broken, and no other.
 * @param bytes cut anywhere, in the middle of a character too; a byte order mark is left out.
 * @throws {ApexError} `malformed_body` where they are not of another charset that is stated: it names the line.
 */
export async function* decoded(
  bytes: AsyncIterable<Uint8Array>,
  charset: string,
): AsyncGenerator<string> {
  const reader: TextReader = charset === "utf-8" ? new Utf8Text() : new StrictText(charset);
  let first = true;
  for await (const piece of bytes) {
    if (piece.length === 0) continue;
    const text = reader.take(piece);
    // Text of UTF-16 without its mark is valid UTF-8, every other character of it a NUL.
    if (first && text.slice(0, 4).includes("\u0000")) {
      throw new ApexError(
        "malformed_body",
        "The text looks like UTF-16. State its charset in Content-Type.",
      );
    }
    first = first && text === "";
    if (text !== "") yield text;
  }
  const rest = reader.end();
  if (rest !== "") yield rest;
}

/** @returns why a file is not read of which not even the beginning is of the charset. */
export function notOfCharset(line: number, charset: string, cause?: unknown): ApexError {
  const detail = `In or after line ${line} the text is not valid ${charset}. State its charset in Content-Type.`;
  return new ApexError("malformed_body", detail, { cause });
}

/** Text of a charset whose broken bytes leave no way to find the next character. */
class StrictText implements TextReader {
  readonly #decoder: TextDecoder;
  readonly #charset: string;
  #lines = 1;

  constructor(charset: string) {
    this.#decoder = new TextDecoder(charset, { fatal: true, ignoreBOM: false });
    this.#charset = charset;
  }

  take(piece: Uint8Array): string {
    return this.#decode(() => this.#decoder.decode(piece, { stream: true }));
  }

  end(): string {
    return this.#decode(() => this.#decoder.decode());
  }

  #decode(decode: () => string): string {
    try {
      const text = decode();
      for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#lines += 1;
      return text;
    } catch (cause) {
      throw notOfCharset(this.#lines, this.#charset, cause);
    }
  }
}
