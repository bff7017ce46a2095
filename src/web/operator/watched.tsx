/** What is watched: shown as it was last read, with a word where it could not be read anew. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Loaded } from "../form/loaded.tsx";
import { useOperatorWords } from "./use-operator-words.ts";

interface Props<Data> {
  readonly query: UseQueryResult<Data>;
  readonly children: (data: Data) => ReactNode;
}

export function Watched<Data>({ query, children }: Props<Data>) {
  const words = useOperatorWords();
  return (
    <>
      {query.isRefetchError && (
        <p className="note" data-tone="warning">
          {words.stale}
        </p>
      )}
      <Loaded query={query}>{children}</Loaded>
    </>
  );
}
