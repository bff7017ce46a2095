/** How something stands, as a small mark beside the words that say it. */
import type { ToolEntry } from "./team-parts.ts";

type State = "working" | "done" | "failed" | "stopped" | ToolEntry["status"];

const SHAPES = {
  working: null,
  executing: null,
  waiting: "M8 4.5v4.2m0 2.6v.2",
  done: "M4.5 8.4l2.4 2.4 4.6-5.2",
  succeeded: "M4.5 8.4l2.4 2.4 4.6-5.2",
  failed: "M5.4 5.4l5.2 5.2m0-5.2l-5.2 5.2",
  timed_out: "M8 4.6v3.6l2.2 1.6",
  stopped: "M5.6 5.6h4.8v4.8h-4.8z",
  cancelled: "M5.6 5.6h4.8v4.8h-4.8z",
  unknown: "M6.2 6.2a1.8 1.8 0 1 1 2.6 1.7c-.6.3-.8.6-.8 1.1m0 2v.2",
} as const satisfies Record<State, string | null>;

/** Nothing that its neighbours do not say in words. */
export function StateMark({ state }: { readonly state: State }) {
  const shape = SHAPES[state];
  return (
    <svg className="state-mark" data-state={state} viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="7" />
      {shape !== null && <path d={shape} />}
    </svg>
  );
}
