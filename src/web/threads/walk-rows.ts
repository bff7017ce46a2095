/** Arrow keys through the list of threads, from the search box to the last of them. */
import type { KeyboardEvent } from "react";
import type { ThreadId } from "../../protocol/ids.ts";
import { pathOf } from "../paths.ts";

/** Moves the focus among the rows of the list that the event comes from. */
export function walkRows(event: KeyboardEvent<HTMLElement>): void {
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-row]")];
  const at = rows.findIndex((row) => row.matches(":focus"));
  if (at < 0) return;
  const to = rowAt(event, at, rows);
  if (to === undefined) return;
  event.preventDefault();
  to.focus();
}

function rowAt(
  { key }: KeyboardEvent,
  at: number,
  rows: readonly HTMLElement[],
): HTMLElement | undefined {
  if (key === "ArrowDown") return rows[at + 1];
  if (key === "ArrowUp") return rows[at - 1];
  // In the search box these move in its words.
  if (at === 0) return undefined;
  if (key === "Home") return rows[1];
  return key === "End" ? rows.at(-1) : undefined;
}

/** Moves the focus from a thread that is about to leave the list to the one beside it. */
export function leaveRow(id: ThreadId): void {
  const list = document.activeElement?.closest(".threads");
  const rows = [...(list?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
  const at = rows.findIndex((row) => row.getAttribute("href") === pathOf(id));
  if (at >= 0) (rows[at + 1] ?? rows[at - 1])?.focus();
}
