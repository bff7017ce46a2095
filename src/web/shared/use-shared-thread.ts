/** A shared thread, read page by page by whoever has its link. */
import { useCallback, useEffect, useState } from "react";
import type { ApexClient } from "../../client/index.ts";
import { ApexError } from "../../protocol/errors.ts";
import type { SharedMessage, SharedThread } from "../../protocol/sharing.ts";

interface SharedReading {
  /** The thread's first page; null until it is there. */
  readonly thread: SharedThread | null;
  readonly messages: readonly SharedMessage[];
  readonly pending: boolean;
  readonly problem: ApexError | null;
  /** Reads on, or again what failed; null where all is read. */
  readonly readOn: (() => void) | null;
}

export function useSharedThread(client: ApexClient, token: string): SharedReading {
  const [pages, setPages] = useState<readonly SharedThread[]>([]);
  const [pending, setPending] = useState(true);
  const [problem, setProblem] = useState<ApexError | null>(null);

  const read = useCallback(
    (cursor: string | null) => {
      setPending(true);
      setProblem(null);
      client
        .shared(token, { limit: 100, ...(cursor !== null && { cursor }) })
        .then(
          // A message that was read twice is kept once.
          (page) => setPages((now) => (cursor === null ? [page] : [...now, page])),
          (error) => setProblem(ApexError.from(error)),
        )
        .finally(() => setPending(false));
    },
    [client, token],
  );
  useEffect(() => read(null), [read]);

  const next = pages.at(-1)?.next_cursor ?? null;
  const isMore = pages.length === 0 ? problem !== null : next !== null;
  return {
    thread: pages[0] ?? null,
    messages: pages.flatMap(({ data }) => data),
    pending,
    problem,
    readOn: isMore ? () => read(next) : null,
  };
}
