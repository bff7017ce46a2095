/** Which addresses are asked on behalf of a connected server: those that webhooks may be sent to. */
import { ApexError } from "../protocol/errors.ts";
import { readWebhookUrl } from "../webhooks/webhook-url.ts";
import { McpFailure } from "./failure.ts";
import { problemSentence } from "./problems.ts";

/**
 * @param refused what a failure is: whether the address is the server's, or where one signs in to it.
 * @throws {McpFailure} where the address is none that is asked.
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
