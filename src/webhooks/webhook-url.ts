/** Which addresses we send to: none through which a request of ours would reach what only we can reach. */
import ipaddr from "ipaddr.js";
import { ApexError } from "../protocol/errors.ts";
import type { FieldErrorCode } from "../protocol/problem.ts";

const MAX_LENGTH = 2_048;

/** What readers of addresses disagree about, or pass over in silence. */
const AMBIGUOUS = /[\\\s]/;
/** Names that lead inwards wherever they are resolved (RFC 6761, RFC 6762, RFC 8375, RFC 9476). */
const INWARD =
  /(^|\.)(localhost|local|localdomain|internal|intranet|private|corp|home|lan|svc|cluster|home\.arpa|in-addr\.arpa|ip6\.arpa|test|invalid|onion|alt)$/;
/** Public names that say themselves which address they lead to, inward ones included. */
const NAMED_ADDRESSES =
  /(^|\.)(nip\.io|sslip\.io|xip\.io|localtest\.me|lvh\.me|vcap\.me|lacolhost\.com)$/;
/** Labels of a name (RFC 1123), at least two of them. */
const HOST =
  /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/;
/** The loopback as a developer's own receiver is reached. */
const OWN_MACHINE = ["127.0.0.1", "localhost", "[::1]"];
/** Global unicast (RFC 4291, 2.4): all that is given out of IPv6. */
const GLOBAL = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * A Worker cannot resolve names itself, so only the text of a name is checked. The platform for its part does
 * not route a Worker's requests into private networks.
 * @param given as somebody wrote it. `URL` reads every spelling of an IPv4 address as browsers do:
 *   decimal, octal, hexadecimal, short, or in wide digits.
 * @param isDevelopment whether this machine itself may be sent to, by http and on any port.
 * @param whose address it is, as an error names it.
 * @throws {ApexError} `invalid_fields`, which says why.
 */
export function readWebhookUrl(
  given: string,
  isDevelopment: boolean,
  whose = "The webhook's",
): URL {
  const isReadable = given.length <= MAX_LENGTH && !AMBIGUOUS.test(given);
  const url = isReadable ? URL.parse(given) : null;
  const code = url === null ? "invalid_format" : faultOf(url, isDevelopment);
  if (url !== null && code === null) return url;
  const message = FAULTS[code ?? "invalid_format"];
  throw new ApexError("invalid_fields", `${whose} address ${message}.`, {
    errors: [{ field: "url", message, code: code ?? "invalid_format" }],
  });
}

/** What can be wrong with an address, and how it is told. */
const FAULTS = {
  invalid_format: "must be a web address",
  not_https: "must be https",
  holds_credentials: "must not hold a name or a password",
  unusual_port: "must be on the usual port of https",
  not_public: "must be the name of a public host, or a public address",
} as const satisfies Partial<Record<FieldErrorCode, string>>;

function faultOf(url: URL, isDevelopment: boolean): keyof typeof FAULTS | null {
  if (url.protocol !== "https:" && url.protocol !== "http:") return "not_https";
  if (url.username !== "" || url.password !== "") return "holds_credentials";
  if (isDevelopment && OWN_MACHINE.includes(url.hostname)) return null;
  if (url.protocol !== "https:") return "not_https";
  if (url.port !== "") return "unusual_port";
  const host = url.hostname.replace(/\.$/, "");
  const address = host.replace(/^\[|\]$/g, "");
  if (ipaddr.isValid(address)) {
    return isPublic(ipaddr.process(address)) ? null : "not_public";
  }
  const isInward = INWARD.test(host) || NAMED_ADDRESSES.test(host) || !HOST.test(host);
  return isInward ? "not_public" : null;
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== "unicast") return false;
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL);
}
