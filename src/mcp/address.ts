/** Which addresses are asked on behalf of a connected server: those that webhooks may be sent to. */
import { ApexError } from "../protocol/errors.ts";
import { readWebhookUrl } from "../webhooks/webhook-url.ts";
import { McpFailure } from "./failure.ts";

/**
 * @param whose address it is, as a failure names it.
 * @throws {McpFailure} where the address is none that is asked.
 */
export function judgedAddress(url: string, isDevelopment: boolean, whose = "The server's"): URL {
  try {
    return readWebhookUrl(url, isDevelopment, whose);
  } catch (cause) {
    throw new McpFailure(ApexError.from(cause).message, { cause });
  }
}
