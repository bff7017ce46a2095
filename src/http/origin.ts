/** The origin check: a browser lets any page open a socket to any host, so the host must look (RFC 6455, 10.2). */
import { ApexError } from "../protocol/errors.ts";

/**
 * Lets a page open sockets to its own host alone. Other clients send no Origin, and may pass.
 * @throws {ApexError} `forbidden`.
 */
export function assertSameOrigin({ url, headers }: Pick<Request, "url" | "headers">): void {
  const origin = headers.get("origin");
  if (origin === null || URL.parse(origin)?.host === new URL(url).host) return;
  throw new ApexError("forbidden", "Sockets may be opened from pages of this host alone.");
}
