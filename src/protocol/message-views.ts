/** The messages of a view: each once, changed in place, and gone for good where an edit took its place. */
import type { MessageId, RunId } from "./ids.ts";
import type { MessageView, ThreadView } from "./thread-view.ts";

/**
 * @returns the view with a message at its end, but for one that is there or does not count: an answer
 * counts where its question does, which a history that leaves out what was superseded may not show.
 */
export function addMessage(view: ThreadView, message: MessageView): ThreadView {
  const counts =
    message.role === "user"
      ? !view.superseded.includes(message.runId)
      : view.messages.some(({ runId }) => runId === message.runId);
  if (!counts || view.messages.some(({ id }) => id === message.id)) return view;
  return { ...view, messages: [...view.messages, message] };
}

/** @returns the view with one of its messages changed, where it shows that one. */
export function updateMessage(
  view: ThreadView,
  id: MessageId,
  change: (message: MessageView) => MessageView,
): ThreadView {
  return {
    ...view,
    messages: view.messages.map((message) => (message.id === id ? change(message) : message)),
  };
}

/**
 * @returns the runs whose exchange began between two places of the log. An answer stays with its
 * question: one that was begun there, but to a question from before, is not among them.
 */
export function exchangesBetween(view: ThreadView, from: number, until: number): RunId[] {
  const before = new Set(view.messages.filter(({ seq }) => seq < from).map(({ runId }) => runId));
  return view.messages
    .filter(({ seq, runId }) => seq >= from && seq < until && !before.has(runId))
    .map(({ runId }) => runId);
}

/** @returns the view without the messages of these runs, which nothing they still tell brings back. */
export function supersede(view: ThreadView, runs: readonly RunId[]): ThreadView {
  const superseded = new Set([...view.superseded, ...runs]);
  return {
    ...view,
    superseded: [...superseded],
    messages: view.messages.filter(({ runId }) => !superseded.has(runId)),
  };
}
