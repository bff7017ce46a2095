/** A plugin of remark's: marks the row of the runbooks' tables that tells of an event. */
import type { Root } from "mdast";
import { visit } from "unist-util-visit";

/** @param current the event whose row is the one that was asked for. */
export function markEvents(current: string) {
  return () => (tree: Root) => {
    visit(tree, "tableRow", (row) => {
      const named = row.children[0]?.children.filter((each) => each.type === "inlineCode") ?? [];
      if (!named.some(({ value }) => value === current)) return;
      row.data = { hProperties: { "aria-current": "true", tabIndex: -1 } };
    });
  };
}
