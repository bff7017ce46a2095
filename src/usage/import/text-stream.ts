/** Bytes as text: of the stated charset, or UTF-8, and never guessed. */
import { ApexError } from "../../protocol/errors.ts";

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

/**
 * @param bytes cut anywhere, in the middle of a character too; a byte order mark is left out.
 * @throws {ApexError} `malformed_body` where they are not of the charset: it names the line.
 */
export async function* decoded(
  bytes: AsyncIterable<Uint8Array>,
  charset: string,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(charset, { fatal: true, ignoreBOM: false });
  let lines = 1;
  let first = true;
  function decode(piece?: Uint8Array): string {
    try {
      const text = piece ? decoder.decode(piece, { stream: true }) : decoder.decode();
      for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines += 1;
      return text;
    } catch (cause) {
      const detail = `In or after line ${lines} the text is not valid ${charset}. State its charset in Content-Type.`;
      throw new ApexError("malformed_body", detail, { cause });
    }
  }
  for await (const piece of bytes) {
    if (piece.length === 0) continue;
    const text = decode(piece);
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
  const rest = decode();
  if (rest !== "") yield rest;
}
