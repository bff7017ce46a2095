/** The words in the message box, kept for each thread over reloads. */
import { useMemo, useState } from "react";
import type { ThreadId } from "../../protocol/ids.ts";
import { useSignedIn } from "../client-context.ts";
import { keptWords } from "./kept-words.ts";

export interface Draft {
  readonly text: string;
  write(text: string): void;
  /** Puts words back under those that are there: nothing written since is lost. */
  putBack(text: string): void;
}

/** @param threadId null for a thread that is yet to begin. */
export function useDraft(threadId: ThreadId | null): Draft {
  const { user } = useSignedIn();
  const kept = useMemo(() => keptWords(user.id, threadId), [user.id, threadId]);
  const [text, setText] = useState(kept.readDraft);

  function write(now: string) {
    setText(now);
    kept.keepDraft(now);
  }
  return {
    text,
    write,
    putBack: (words) => write(text.trim() === "" ? words : `${text}\n${words}`),
  };
}
