/** What can be wrong with a connected MCP server, in the page's words. */
import type { McpProblemCode } from "../../../protocol/mcp-servers.ts";

const AGAIN = "Sign in to it again.";
const LATER = "Check it again in a while.";
const ITS_OPERATOR = "Only whoever runs it can mend that.";

/** TypeScript asks for a row as soon as the wire has another code. Each takes what the problem names. */
export const serverProblems: Readonly<Record<McpProblemCode, (named: string) => string>> = {
  unreachable: () =>
    "It could not be reached, or is no MCP server. Look whether its address is right.",
  too_slow: (seconds) => `It did not answer within ${seconds} seconds. ${LATER}`,
  too_large: (kib) => `It answered with more than the ${kib} KiB that are read. ${ITS_OPERATOR}`,
  http_status: (status) => `It answered with HTTP status ${status}. ${LATER}`,
  refused: (said) => `It refused, and says: ${said}`,
  redirects: () =>
    "It redirects to another address, which is not followed. Connect it at that address.",
  other_address: () => "It led to another address, which is not asked.",
  address_refused: () =>
    "Its address is not asked any more: it must be https, of a public host, on the usual port.",
  malformed_result: () => `What it answered is not as MCP has it. ${ITS_OPERATOR}`,
  secret_refused: () => "It refuses its bearer token. Connect it again with the right one.",
  secret_lost: () =>
    "Its bearer token cannot be read any more. Remove the server, and connect it again.",
  sign_in_needed: () => "It asks you to sign in to it.",
  sign_in_too_narrow: () => `It asks for more than you allowed. ${AGAIN}`,
  sign_in_refused: () => `It does not take your sign-in any more. ${AGAIN}`,
  sign_in_over: () => `Your sign-in to it is over. ${AGAIN}`,
  sign_in_lost: () => `Your sign-in to it cannot be read any more. ${AGAIN}`,
  sign_in_not_renewed: () => `Your sign-in to it could not be renewed just now. ${LATER}`,
  sign_in_token_unknown: () =>
    `Where one signs in to it gave a token of an unknown kind. ${ITS_OPERATOR}`,
  sign_in_server_failed: () => `Where one signs in to it did not answer as it should. ${LATER}`,
  sign_in_server_refused: () =>
    `Where one signs in to it gave an answer that is not taken. ${ITS_OPERATOR}`,
  sign_in_address_refused: () =>
    `Where one signs in to it has an address that is not asked. ${ITS_OPERATOR}`,
};
