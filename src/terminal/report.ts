/** The report of a conversation, as it is printed. */
import type { ApexClient } from "../client/index.ts";
import { ApexError } from "../protocol/errors.ts";
import type { ThreadView } from "../protocol/thread-view.ts";
import { plain } from "./plain-text.ts";

/**
 * @returns the newest report that is known of, or that of the newest answer: what was said before
 *   this connection may have made one too.
 * @throws {ApexError} what asking for it failed with.
 */
export async function reportLines(client: ApexClient, view: ThreadView): Promise<string[]> {
  const known = Object.values(view.runs).findLast(({ report }) => report !== null);
  const id = known?.id ?? view.messages.findLast(({ role }) => role === "assistant")?.runId;
  if (id === undefined) return ["Nothing was answered yet."];
  try {
    return plain(await client.runs.reportMarkdown(id)).split("\n");
  } catch (error) {
    if (ApexError.from(error).code !== "not_found") throw error;
    return ["The last run made no report: ask what could be saved."];
  }
}
