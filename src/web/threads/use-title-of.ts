/** What a thread is called, also while it has no title. */
import { useCallback } from "react";
import type { Thread } from "../../protocol/entities.ts";
import { useWords } from "../words/words.ts";

/** @returns the function that names a thread. */
export function useTitleOf(): (thread: Pick<Thread, "title">) => string {
  const { threads } = useWords();
  return useCallback(({ title }) => title ?? threads.untitled, [threads]);
}
