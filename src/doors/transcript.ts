/** A whole conversation, as clients without a memory send it, taken apart: the question, and what goes with it. */
import { CallerContext, type CallerTurn } from "../protocol/caller.ts";
import { MessageContent } from "../protocol/commands.ts";
import { ApexError } from "../protocol/errors.ts";
import { parseInput } from "../protocol/parse-input.ts";

/** What a client asks for. */
export interface Asked {
  readonly question: string;
  readonly caller: CallerContext;
}

/**
 * @param field where the turns are in the body, to be named in an error.
 * @throws {ApexError} `invalid_fields` if there is no question, or the rest is out of bounds.
 */
export function askedIn(
  turns: readonly CallerTurn[],
  given: {
    readonly instructions: readonly string[];
    readonly tools: readonly unknown[];
    readonly must_call?: true;
    readonly request?: string;
  },
  field: string,
): Asked {
  const last = turns.findLastIndex(({ role }) => role === "user");
  const question = turns[last];
  const end = turns.at(-1);
  if (question?.role !== "user" || end?.role === "assistant") {
    const message = "must end with a message of the user's, or with results of its tools";
    throw new ApexError("invalid_fields", `${field} ${message}.`, { errors: [{ field, message }] });
  }
  const instructions = given.instructions.filter((text) => text.trim() !== "").join("\n\n");
  return {
    question: parseInput(MessageContent, question.content, `the last message of ${field}`),
    caller: parseInput(
      CallerContext,
      {
        instructions: instructions === "" ? null : instructions,
        before: turns.slice(0, last),
        after: turns.slice(last + 1),
        tools: given.tools,
        ...(given.must_call && { must_call: true }),
        ...(given.request !== undefined && { request: given.request }),
      },
      "the conversation",
    ),
  };
}
