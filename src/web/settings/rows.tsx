/** What one has several of, as a list. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Loaded } from "../form/loaded.tsx";

interface Props<Item> {
  readonly query: UseQueryResult<{ readonly data: readonly Item[] }>;
  readonly words: { readonly list: string; readonly none: string };
  /** @returns the row of an item, with its key. */
  readonly children: (item: Item) => ReactNode;
}

/** All there are, or that there are none. */
export function Rows<Item>({ query, words, children }: Props<Item>) {
  return (
    <Loaded query={query}>
      {({ data }) =>
        data.length === 0 ? (
          <p className="hint">{words.none}</p>
        ) : (
          <ul className="rows" aria-label={words.list}>
            {data.map(children)}
          </ul>
        )
      }
    </Loaded>
  );
}
