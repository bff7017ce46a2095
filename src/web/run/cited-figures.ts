/** Finds the figures of an answer in its Markdown, so that each can open its evidence. */
import type { PhrasingContent, Root, Text } from "mdast";
import { SKIP, visit } from "unist-util-visit";
import type { Grounding } from "../../protocol/entities.ts";

/** The elements that figures become, and the property that names the fact. */
export const CITED = "data";
export const UNVERIFIED = "mark";

/** Signs and brackets that stand directly before a figure, and marks directly behind it: a few, for more could not be broken. */
const BEFORE = /[([{"“‘'+−–±≈~<>=-]{1,3}$/;
const AFTER = /^[)\]}"”’'.,:;!?%]{1,3}/;

interface Figure {
  readonly start: number;
  readonly end: number;
  /** Null where no tool computed it. */
  readonly factId: string | null;
}

/**
 * A remark plugin: cuts texts at the figures that an answer states. A figure is known by its place in
 * the text alone, so nothing that a model writes can pass for one.
 */
export function citeFigures({ citations, unverified }: Grounding) {
  const figures: readonly Figure[] = [
    ...citations.map(({ offset, length, fact_id }) => figureAt(offset, length, fact_id)),
    ...unverified.map(({ offset, length }) => figureAt(offset, length, null)),
  ].toSorted((left, right) => left.start - right.start);

  return () => (tree: Root) => {
    visit(tree, "text", (node, index, parent) => {
      const pieces = cutAtFigures(node, figures);
      if (pieces === null || parent === undefined || index === undefined) return;
      parent.children.splice(index, 1, ...pieces);
      return [SKIP, index + pieces.length];
    });
  };
}

function figureAt(offset: number, length: number, factId: string | null): Figure {
  return { start: offset, end: offset + length, factId };
}

/** @returns the text in pieces, or null where it holds no figure. */
function cutAtFigures(node: Text, figures: readonly Figure[]): PhrasingContent[] | null {
  const from = node.position?.start.offset;
  const to = node.position?.end.offset;
  // Where the source escapes something, places in it are not places in the text.
  if (from === undefined || to === undefined || to - from !== node.value.length) return null;
  const inside = figures.filter(({ start, end }) => start >= from && end <= to);
  if (inside.length === 0) return null;
  const pieces: PhrasingContent[] = [];
  let at = from;
  const take = (end: number): Text => {
    const value = node.value.slice(at - from, end - from);
    at = end;
    return { type: "text", value };
  };
  const source = (start: number, end: number) => node.value.slice(start - from, end - from);
  for (const figure of inside) {
    if (figure.start < at) continue;
    const before = BEFORE.exec(source(at, figure.start))?.[0].length ?? 0;
    const after = AFTER.exec(source(figure.end, to))?.[0].length ?? 0;
    const isJoined = figure.factId !== null && before + after > 0;
    const start = isJoined ? figure.start - before : figure.start;
    if (start > at) pieces.push(take(start));
    const joined: PhrasingContent[] = [];
    if (at < figure.start) joined.push(take(figure.start));
    joined.push(elementOf(figure, take(figure.end)));
    if (isJoined && after > 0) joined.push(take(figure.end + after));
    pieces.push(...(isJoined ? [unbroken(joined)] : joined));
  }
  if (at < to) pieces.push(take(to));
  return pieces;
}

/** A button is a place where lines may break: what belongs to its figure is kept with it. */
function unbroken(children: PhrasingContent[]): PhrasingContent {
  const data = { hName: "span", hProperties: { className: ["unbroken"] } };
  return { type: "emphasis", data, children };
}

/** A node of no meaning of its own in Markdown, which becomes the element that shows a figure. */
function elementOf({ factId }: Figure, text: Text): PhrasingContent {
  const data =
    factId === null ? { hName: UNVERIFIED } : { hName: CITED, hProperties: { value: factId } };
  return { type: "emphasis", data, children: [text] };
}
