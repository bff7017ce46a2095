/** Checks the address of a connected server: the same rules hold as for the addresses of webhooks. */
import { ApexError } from "../protocol/errors.ts";
import { readWebhookUrl } from "../webhooks/webhook-url.ts";
import { McpFailure } from "./failure.ts";
import { problemSentence } from "./problems.ts";

/**
 * @param refused the kind of failure: whether this is the server's address, or that of its authorization server.
 * @throws {McpFailure} if the address is not allowed.
 */
export function judgedAddress(
  url: string,
  isDevelopment: boolean,
  refused: "address_refused" | "sign_in_address_refused" = "address_refused",
): URL {
  try {
    return readWebhookUrl(url, isDevelopment);
  } catch (cause) {
    const [fault] = ApexError.from(cause).errors;
    throw new McpFailure(problemSentence(refused, fault?.message), { cause });
  }
}
