/** Which pages may speak MCP: a name that was made to mean this host speaks for nobody (DNS rebinding). */
import { localhostAllowedHostnames } from "@modelcontextprotocol/server";
import type { Config } from "../../env.ts";
import { isAllowedOrigin } from "../../http/origin.ts";

/**
 * Pages of this host, and of the origins on the list; programs say no origin, and may pass. In production
 * the platform serves no host but ours; in development any name may lead here, so only this machine's counts.
 */
export function isKnownPage(
  { url, headers }: Pick<Request, "url" | "headers">,
  { allowedOrigins, environment }: Pick<Config, "allowedOrigins" | "environment">,
): boolean {
  const origin = headers.get("origin");
  if (origin === null || isAllowedOrigin(origin, allowedOrigins)) return true;
  const own = new URL(url);
  if (origin !== own.origin) return false;
  return environment !== "development" || localhostAllowedHostnames().includes(own.hostname);
}
