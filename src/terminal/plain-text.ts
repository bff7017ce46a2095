/** Makes untrusted text safe to print: nothing in it may move the cursor, recolour or retitle. */

const ESC = "\u001b";
const CSI = "\u009b";

/**
 * Whole escape sequences (ECMA-48): a control sequence, a control string (a window title, a link)
 * of bounded length, or any other escape.
 */
const ESCAPES = new RegExp(
  `(?:${ESC}\\[|${CSI})[0-?]*[ -/]*[@-~]` +
    `|${ESC}[\\]PX^_][^${ESC}\\n]{0,256}?(?:\\u0007|${ESC}\\\\)` +
    `|${ESC}[ -/]*[0-~]`,
  "g",
);

/** The beginning of an escape sequence that the text's end has cut, as the parts of a stream do. */
const CUT_ESCAPE = new RegExp(
  `(?:(?:${ESC}\\[|${CSI})[0-?]*[ -/]*|${ESC}[\\]PX^_][^${ESC}\\n]{0,256}|${ESC}[ -/]*)${ESC}?$`,
);

/** Control characters but tab and line feed, and those that turn the direction of writing. */
const CONTROLS = /[^\P{Cc}\t\n]|\p{Bidi_Control}/gu;

/** @returns the text without escape sequences and control characters. */
export function plain(text: string): string {
  return text.replace(ESCAPES, "").replace(CONTROLS, "");
}

/** @returns what may be printed of a text that goes on: a beginning of every later answer. */
export function plainSoFar(text: string): string {
  return plain(text.replace(CUT_ESCAPE, ""));
}

/** @returns the text on one line, cut where it is longer than so many characters. */
export function oneLine(text: string, most = Number.POSITIVE_INFINITY): string {
  const flat = plain(text).replace(/\s+/gu, " ").trim();
  return flat.length <= most ? flat : `${flat.slice(0, most - 1)}…`;
}
