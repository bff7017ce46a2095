/** Which of the caller's functions may, or must, be called. */
import type { CallerTool } from "../../protocol/caller.ts";
import { ApexError } from "../../protocol/errors.ts";

/** A choice in one shape, whichever endpoint it came by: a mode, or the name of the one function to call. */
export type ToolChoice = "auto" | "none" | "required" | { readonly name: string };

/**
 * A function that is named is the only one that is offered, and one of those offered has to be called: none
 * of ours is, then.
 * @returns what the agent is offered.
 * @throws {ApexError} `invalid_fields` where nothing is there that could be called.
 */
export function chosenTools(
  tools: readonly CallerTool[],
  choice: ToolChoice,
): { readonly tools: readonly CallerTool[]; readonly must_call?: true } {
  if (choice === "auto") return { tools };
  if (choice === "none") return { tools: [] };
  const chosen =
    choice === "required" ? tools : tools.filter(({ name }) => name === choice.name).slice(0, 1);
  if (chosen.length > 0) return { tools: chosen, must_call: true };
  const message = choice === "required" ? "needs tools" : "must name one of the tools";
  throw new ApexError("invalid_fields", `tool_choice ${message}.`, {
    errors: [{ field: "tool_choice", message }],
  });
}
