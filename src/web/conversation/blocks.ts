/** Cuts Markdown into its top-level blocks, so that only the one being written is parsed again. */

/** A piece of the text, and where it begins in it. */
export interface Block {
  readonly start: number;
  readonly text: string;
}

/**
 * Where code begins or ends, and whether in a quote, a list item or indented; marks with more of them
 * behind are inline code.
 */
const FENCE = /^((?:\s|>|[-*+]\s|\d{1,9}[.)]\s)*)(`{3,}(?!.*`)|~{3,})/;
/** Markup has ends of its own. */
const HTML = /^\s*</;
/** Also one of which only the beginning has come. */
const LIST_ITEM = /^(?:[-*+]|\d{1,9}[.)]?)(?:\s|$)/;
const FOOTNOTE = /\[\^[^\]\s]+\]/;
const DEFINITION = /^ {0,3}\[(?!\^)[^\]]+\]:[ \t]*\S.*$/gm;

/**
 * Cuts only where nothing that follows could change what stands before: at a line that begins anew
 * after a blank one, outside of code and lists. Not cutting is always right, only slower.
 * @returns blocks that make up the text: while it grows, all but the last stay as they are.
 */
export function blocksOf(text: string): readonly Block[] {
  if (FOOTNOTE.test(text)) return [{ start: 0, text }];
  const blocks: Block[] = [];
  let start = 0;
  let fence: Fence | null = null;
  let isAfterBlank = false;
  let isList = false;
  for (const { line, at } of linesOf(text)) {
    const isBlank = line.trim() === "";
    if (isAfterBlank && !isBlank && fence === null && beginsAnew(line, isList)) {
      blocks.push({ start, text: text.slice(start, at) });
      start = at;
    }
    // After indented lines, too, a parser may not take what looks like an item for one.
    if (!isBlank) isList = (at !== start && isList) || LIST_ITEM.test(line) || /^[ \t]/.test(line);
    const after = fenceAfter(line, fence);
    if (after === "unsure") break;
    fence = after;
    isAfterBlank = isBlank;
  }
  if (start < text.length) blocks.push({ start, text: text.slice(start) });
  return blocks;
}

/** @returns the addresses that links anywhere in the text may refer to by a name. */
export function definitionsOf(text: string): string {
  return text.includes("]:") ? (text.match(DEFINITION) ?? []).join("\n") : "";
}

function* linesOf(text: string) {
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf("\n", at);
    const next = end === -1 ? text.length : end + 1;
    yield { line: text.slice(at, end === -1 ? text.length : end), at };
    at = next;
  }
}

/** What is indented may belong to the block before, and so may another item of its list. */
function beginsAnew(line: string, isList: boolean): boolean {
  return !/^[ \t]/.test(line) && !(isList && LIST_ITEM.test(line));
}

/** The marks of code that is open, and what stands before them: nothing, or a quote's or an item's. */
interface Fence {
  readonly before: string;
  readonly marks: string;
}

/** @returns the code that is open after a line; "unsure" where only the parser can tell. */
function fenceAfter(line: string, fence: Fence | null): Fence | null | "unsure" {
  if (fence === null && HTML.test(line)) return "unsure";
  if (fence !== null && line.trim() !== "" && endsAround(line, fence)) return "unsure";
  const [, before = "", marks = ""] = FENCE.exec(line) ?? [];
  if (marks === "") return fence;
  if (fence === null) return { before, marks };
  const isEnd = marks.startsWith(fence.marks) && line.trim() === before.trim() + marks;
  if (!isEnd) return fence;
  if (fence.before === "") return /^ {0,3}$/.test(before) ? null : fence;
  const isAlike = before.replace(/ {0,3}$/, "") === fence.before.replace(/[^>]/g, " ").trimEnd();
  return isAlike && before.length >= fence.before.length ? null : "unsure";
}

/** @returns whether the quote or the item that code stands in may end with a line. */
function endsAround(line: string, { before }: Fence): boolean {
  if (before === "") return false;
  return before.includes(">") ? !line.startsWith(">") : !/^[ \t]/.test(line);
}
