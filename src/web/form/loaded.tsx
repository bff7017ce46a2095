/** What a query gave: the wait for it, why there is nothing, or the view of it. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApexError } from "../../protocol/errors.ts";
import { Loading } from "../loading.tsx";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";

interface Props<Data> {
  readonly query: UseQueryResult<Data>;
  readonly children: (data: Data) => ReactNode;
}

export function Loaded<Data>({ query, children }: Props<Data>) {
  const { form: words } = useWords();
  if (query.data !== undefined) return children(query.data);
  if (query.error === null) return <Loading />;
  return (
    <div className="unloaded">
      <ProblemNote problem={ApexError.from(query.error)} />
      <button type="button" onClick={() => void query.refetch()}>
        {words.tryAgain}
      </button>
    </div>
  );
}
