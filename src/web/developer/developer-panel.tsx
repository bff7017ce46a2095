/** What came over the open thread's connection, frame by frame: lazily loaded, so a default export. */
import "./developer.css";
import { useDeferredValue, useEffect, useRef, useState } from "react";
import { CloseIcon, CopyIcon } from "../design/icons.tsx";
import { useToasts } from "../design/toasts.tsx";
import { useWords } from "../words/words.ts";
import { FrameList } from "./frame-list.tsx";
import type { Wire } from "./frame-log.ts";
import { asJson, type FrameRecord, filtered, medianLatency } from "./read-frame.ts";
import { useWire } from "./use-wire.ts";

const TONES = { connecting: "warning", open: "success", closed: "danger" } as const;

/** Lies at the foot of the page, beside which everything goes on. Escape closes it. */
export default function DeveloperPanel({ onClose }: { readonly onClose: () => void }) {
  const words = useWords().developer;
  const wire = useWire();
  const [filter, setFilter] = useState("");
  const wanted = useDeferredValue(filter);
  const frames = filtered(wire.arrivals, wanted);
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => box.current?.focus(), []);

  return (
    <aside
      className="developer"
      aria-label={words.title}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <header>
        <h2>{words.title}</h2>
        <input
          ref={box}
          type="search"
          aria-label={words.filter}
          placeholder={words.filter}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <CopyButton wire={wire} frames={frames} />
        <button type="button" className="icon" aria-label={words.close} onClick={onClose}>
          <CloseIcon />
        </button>
      </header>
      <Facts wire={wire} frames={frames} />
      {frames.length === 0 ? (
        <p className="empty">{wire.threadId === null ? words.noThread : words.noFrames}</p>
      ) : (
        <FrameList frames={frames} />
      )}
    </aside>
  );
}

interface Props {
  readonly wire: Wire;
  readonly frames: readonly FrameRecord[];
}

function Facts({ wire, frames }: Props) {
  const words = useWords().developer;
  const { state, threadId, closeCode, reconnects, arrivals } = wire;
  const latency = medianLatency(frames);
  const facts = [
    threadId !== null && words.thread(threadId),
    words.reconnects(reconnects),
    closeCode !== null && words.closeCode(closeCode),
    words.shown(frames.length, arrivals.length),
    latency !== null && words.latency(latency),
  ];
  return (
    <p className="facts hint">
      <span className="badge" data-tone={TONES[state]}>
        {words.states[state]}
      </span>
      {facts.map((fact) => fact && <span key={fact}>{fact}</span>)}
    </p>
  );
}

/** Browsers let secure origins alone write to the clipboard. */
function CopyButton({ wire, frames }: Props) {
  const words = useWords().developer;
  const show = useToasts();
  async function copy() {
    try {
      await navigator.clipboard.writeText(asJson(wire, frames));
      show({ text: words.copied(frames.length) });
    } catch {
      show({ text: words.notCopied });
    }
  }
  return (
    <button type="button" className="copy" onClick={() => void copy()}>
      <CopyIcon />
      <span>{words.copy}</span>
    </button>
  );
}
