/**
 * The problems that a connected server can have. Each is a sentence for people, models and logs. Only the
 * sentence is stored, and the problem is recognised from it.
 */
import { type McpProblem, McpProblemCode } from "../protocol/mcp-servers.ts";

/** The place in a sentence for a number or for somebody else's words. */
const GAP = "{}";

const SENTENCES: Readonly<Record<McpProblemCode, string>> = {
  unreachable: "It could not be reached, or does not speak MCP.",
  too_slow: `It did not answer within ${GAP} s.`,
  too_large: `It answered with more than ${GAP} KiB.`,
  http_status: `It answered with status ${GAP}.`,
  refused: `It refused: ${GAP}`,
  redirects: "It redirects to another address, which is not followed.",
  other_address: "Its client was led to another address.",
  address_refused: `The server's address ${GAP}.`,
  malformed_result: "Its result is not as the protocol has it.",
  secret_refused: "It refuses the secret it is shown.",
  secret_lost: "Its secret can't be opened with the keys that are here now: it must be set again.",
  sign_in_needed: "It asks you to sign in to it.",
  sign_in_too_narrow: "It asks for more than you allowed: sign in to it again.",
  sign_in_refused: "It does not take its sign-in any more: sign in to it again.",
  sign_in_over: "Its sign-in is over: sign in to it again.",
  sign_in_lost: "Its sign-in can't be opened with the keys that are here now: sign in to it again.",
  sign_in_not_renewed: "Its sign-in could not be renewed just now.",
  sign_in_token_unknown: "It was given a token of another kind.",
  sign_in_server_failed: "Its sign-in server did not answer as it should.",
  sign_in_server_refused: `Of its sign-in server: ${GAP}`,
  sign_in_address_refused: `Its sign-in server's address ${GAP}.`,
};

/**
 * @param named what is put into the sentence's gap.
 * @returns the sentence for a problem.
 */
export function problemSentence(code: McpProblemCode, named: string | number = ""): string {
  return SENTENCES[code].replace(GAP, () => String(named));
}

/** @returns the problem that a sentence describes; null if it is none of these. */
export function problemIn(sentence: string): McpProblem | null {
  for (const code of McpProblemCode.options) {
    const [before = "", after] = SENTENCES[code].split(GAP);
    if (after === undefined) {
      if (sentence === before) return { code, named: null };
    } else if (sentence.startsWith(before) && sentence.endsWith(after)) {
      const named = sentence.slice(before.length, sentence.length - after.length);
      return { code, named };
    }
  }
  return null;
}
