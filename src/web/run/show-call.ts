/** The way from a figure to the tool call that it came from. */
import type { CallId, RunId } from "../../protocol/ids.ts";

/** @returns the id of the element that shows a call; calls of two runs never share one. */
export function callElementId(runId: RunId, callId: CallId): string {
  return `call-${runId}-${callId}`;
}

/**
 * Unfolds everything around a call and the call itself, and brings it into sight and focus. Nothing
 * happens where its run is not on the page.
 */
export function showCall(runId: RunId, callId: CallId): void {
  const call = document.getElementById(callElementId(runId, callId));
  let fold = call?.closest("details");
  while (fold) {
    fold.open = true;
    fold = fold.parentElement?.closest("details");
  }
  call?.querySelector("summary")?.focus({ preventScroll: true });
  call?.scrollIntoView({ block: "center" });
}
