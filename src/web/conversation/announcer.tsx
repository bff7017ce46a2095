/** What a screen reader hears of an answer: that it is worked on, and that it is there. Not each word. */
import { useEffect, useEffectEvent, useRef, useState } from "react";
import type { RunView, ThreadView } from "../../protocol/thread-view.ts";
import { useWords } from "../words/words.ts";

interface Props {
  readonly runs: ThreadView["runs"];
  readonly live: RunView | undefined;
}

/** What is over sooner need not be told: a thread that opens tells its past in a moment. */
const SETTLED_AFTER_MS = 400;

export function Announcer({ runs, live }: Props) {
  const { conversation } = useWords();
  const [words, setWords] = useState("");
  const before = useRef<RunView["id"]>(undefined);

  const announce = useEffectEvent(() => {
    const ended = before.current && runs[before.current];
    before.current = live?.id;
    const isOver = ended && ended.status !== "running" && ended.status !== "queued";
    const parts = [isOver && conversation.ended[ended.status], live && conversation.working];
    setWords(parts.filter(Boolean).join(" "));
  });
  const liveId = live?.id;
  useEffect(() => {
    if (liveId === before.current) return;
    const timer = setTimeout(announce, SETTLED_AFTER_MS);
    return () => clearTimeout(timer);
  }, [liveId]);

  return (
    <p className="visually-hidden" role="status">
      {words}
    </p>
  );
}
