/** The frames, one line each, newest last; a line unfolds to the frame itself. */
import { memo, useLayoutEffect, useRef, useState } from "react";
import { useWords } from "../words/words.ts";
import type { FrameRecord } from "./read-frame.ts";

/** How near the end counts as being there, in pixels. */
const NEAR = 24;

/** Stays at the end while one is there. What is out of sight is not laid out, by `content-visibility`. */
export function FrameList({ frames }: { readonly frames: readonly FrameRecord[] }) {
  const words = useWords().developer;
  const list = useRef<HTMLOListElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    if (list.current && follows.current) list.current.scrollTop = list.current.scrollHeight;
  });
  return (
    <>
      <p className="frame columns" aria-hidden="true">
        {words.columns.map((column) => (
          <span key={column}>{column}</span>
        ))}
      </p>
      <ol
        ref={list}
        className="frames"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region takes focus (WCAG 2.1.1)
        tabIndex={0}
        aria-label={words.frames}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          follows.current = scrollHeight - scrollTop - clientHeight < NEAR;
        }}
      >
        {frames.map((frame) => (
          <FrameItem key={frame.number} frame={frame} />
        ))}
      </ol>
    </>
  );
}

const FrameItem = memo(function FrameItem({ frame }: { readonly frame: FrameRecord }) {
  const { developer, locale } = useWords();
  const [isOpen, setOpen] = useState(false);
  const { seq, epoch, type, arrived_at, latency_ms, bytes } = frame;
  return (
    <li>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary className="frame">
          <span>{seq ?? "–"}</span>
          <span>{epoch?.slice(0, 8) ?? "–"}</span>
          <span>{type}</span>
          <span>{arrived_at.slice(11, 23)}</span>
          <span>{latency_ms === null ? "–" : developer.milliseconds(latency_ms)}</span>
          <span>{bytes.toLocaleString(locale)}</span>
        </summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region takes focus (WCAG 2.1.1) */}
        {isOpen && <pre tabIndex={0}>{JSON.stringify(frame.frame, null, 2)}</pre>}
      </details>
    </li>
  );
});
