/** The tool calls that wait for the person at the terminal. */
import type { CallId } from "../protocol/ids.ts";
import type { ThreadView } from "../protocol/thread-view.ts";

export class Undecided {
  /** What was decided here, though the server has not said so yet. */
  readonly #decided = new Set<CallId>();

  isAny(view: ThreadView): boolean {
    return this.#first(view) !== undefined;
  }

  /** @returns the oldest, which is decided about now; null where none waits. */
  take(view: ThreadView): CallId | null {
    const first = this.#first(view);
    if (first === undefined) return null;
    this.#decided.add(first);
    return first;
  }

  #first({ runs }: ThreadView): CallId | undefined {
    return Object.values(runs)
      .filter(({ status }) => status === "running")
      .flatMap(({ timeline }) => timeline)
      .filter((entry) => entry.kind === "tool")
      .filter(({ status, approval }) => status === "waiting" && approval?.decision === null)
      .find(({ callId }) => !this.#decided.has(callId))?.callId;
  }
}
