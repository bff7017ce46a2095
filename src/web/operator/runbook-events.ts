/** A plugin of remark's: gives each event that the runbooks' tables name an address of its own. */
import type { Root } from "mdast";
import { visit } from "unist-util-visit";

/** @param current the event whose row is the one that was asked for. */
export function markEvents(current: string) {
  return () => (tree: Root) => {
    visit(tree, "tableRow", (row) => {
      const named = row.children[0]?.children.filter((each) => each.type === "inlineCode") ?? [];
      for (const code of named) code.data = { hProperties: { id: code.value } };
      if (!named.some(({ value }) => value === current)) return;
      row.data = { hProperties: { "aria-current": "true", tabIndex: -1 } };
    });
  };
}
