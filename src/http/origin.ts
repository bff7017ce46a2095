/** Where a request comes from: which page, as the browser says it, and which address, as the platform does. */
import ipaddr from "ipaddr.js";
import { ApexError } from "../protocol/errors.ts";

/** A user agent's name is kept so far, in characters. */
const USER_AGENT_LENGTH = 256;

/** @returns the client's address: set by the platform, which drops a client's own; null in tests. */
export function addressOf({ headers }: Pick<Request, "headers">): string | null {
  return headers.get("cf-connecting-ip");
}

/**
 * @returns the network that one subscriber has: an IPv4 address, or the /64 of an IPv6 address, within which
 *   whoever has one has all of them (RFC 6177); what is no address stays as it is.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString();
}

/** @returns what the client calls itself, which may be anything, so only so far; null for nothing. */
export function userAgentOf({ headers }: Pick<Request, "headers">): string | null {
  return headers.get("user-agent")?.slice(0, USER_AGENT_LENGTH) ?? null;
}

/**
 * Lets pages of its own host, and of the origins on the list, open sockets (RFC 6455, section 10.2: a
 * browser lets any page open a socket to any host). Other clients send no Origin, and may pass.
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

/** @returns whether an origin stands on the list: to the letter, for any looser rule has a look-alike. */
export function isAllowedOrigin(origin: string, allowed: readonly string[]): boolean {
  return allowed.includes(origin);
}
