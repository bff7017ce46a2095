/** Where a request comes from: the page, according to the browser, and the address, according to the platform. */
import ipaddr from "ipaddr.js";
import { ApexError } from "../protocol/errors.ts";

/** The most characters of a user agent that are stored. */
const USER_AGENT_LENGTH = 256;

/** @returns the client's address. The platform sets this header and removes a client's own; null in tests. */
export function addressOf({ headers }: Pick<Request, "headers">): string | null {
  return headers.get("cf-connecting-ip");
}

/**
 * @returns the network of one subscriber: an IPv4 address, or the /64 of an IPv6 address, of which one subscriber
 *   usually has all (RFC 6177). Text that is no address is returned unchanged.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString();
}

/** @returns the user agent, cut to {@link USER_AGENT_LENGTH}; null if there is none. */
export function userAgentOf({ headers }: Pick<Request, "headers">): string | null {
  return headers.get("user-agent")?.slice(0, USER_AGENT_LENGTH) ?? null;
}

/**
 * Lets only pages of our own host and of the allowed origins open sockets, because browsers let any page connect
 * to any host (RFC 6455, section 10.2). Clients that are no browsers send no Origin, and pass.
 * @throws {ApexError} `forbidden`.
 */
export function assertAllowedOrigin(
  { url, headers }: Pick<Request, "url" | "headers">,
  allowed: readonly string[],
): void {
  const origin = headers.get("origin");
  if (origin === null || origin === new URL(url).origin || isAllowedOrigin(origin, allowed)) return;
  throw new ApexError("forbidden", "Pages of this origin may not open sockets here.");
}

/** @returns whether an origin is on the list. It must match exactly: any looser rule can be deceived. */
export function isAllowedOrigin(origin: string, allowed: readonly string[]): boolean {
  return allowed.includes(origin);
}
