/** What of a run is degraded: said in plain words, with what to do and when it should be back. */
import "./asking.css";
import type { RunView } from "../../protocol/thread-view.ts";
import { useNow } from "../design/use-now.ts";
import { useWords } from "../words/words.ts";
import { type Fallback, useFallbackWords } from "./fallback-words.ts";
import { useFormats } from "./formats.ts";

/** So many stand beside the fold; all of them are in the timeline. */
const SHOWN = 3;

/** Each of them once, however often it was told. */
export function Degradations({ run }: { readonly run: RunView }) {
  const { run: words } = useWords();
  const told = new Map<string, Fallback>();
  for (const entry of run.timeline) {
    if (entry.kind === "fallback") told.set(`${entry.part} ${entry.reason}`, entry);
  }
  if (told.size === 0) return null;
  return (
    <ul className="degradations">
      {[...told.values()].slice(0, SHOWN).map((entry) => (
        <li key={entry.seq}>
          <FallbackNote entry={entry} />
        </li>
      ))}
      {told.size > SHOWN && <li className="hint">{words.moreDegraded(told.size - SHOWN)}</li>}
    </ul>
  );
}

export function FallbackNote({ entry }: { readonly entry: Fallback }) {
  const { run: words } = useWords();
  const tell = useFallbackWords();
  return (
    <div className="note" data-tone="warning">
      <b>{words.degraded[entry.part]}</b>
      <p>{tell(entry)}</p>
      <p className="advice">
        {words.degradedAdvice[entry.part]} <BackAt until={entry.until} />
      </p>
    </div>
  );
}

function BackAt({ until }: { readonly until: string | null }) {
  const { run: words } = useWords();
  const { time } = useFormats();
  const now = useNow(null);
  if (until === null) return null;
  return (
    <time dateTime={until}>
      {now < Date.parse(until) ? words.backAt(time(until)) : words.backBy(time(until))}
    </time>
  );
}
