/** Alternative paths that a person might guess. They lead to the same handlers as the documented ones. */
import { getPath } from "hono/utils/url";
import { AGENT_NAMES } from "../agents/roster.ts";

/** Another name of a path. `{name}` stands for one segment, and `/*` at the end for all that follows. */
interface Alias {
  /** The only method that the alias is for; all methods if undefined. */
  readonly method?: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly to: string;
}

const RUN = "/api/agents/execute";
const STOP = "/api/agents/stop";

/** @returns aliases of one path. */
function named(to: string, paths: readonly string[], method?: Alias["method"]): Alias[] {
  return paths.map((path) => ({ path, to, ...(method && { method }) }));
}

/** Applied in order, so the target of an entry may be an alias defined by a later one. */
export const ALIASES: readonly Alias[] = [
  ...named("/api/threads/*", ["/api/conversations/*", "/api/chats/*"]),
  ...named("/api/search", ["/api/threads/search", "/api/messages/search"], "GET"),
  ...named("/api/account", ["/api/me", "/api/users/me"], "DELETE"),
  ...named("/api/auth/me", ["/api/me", "/api/profile", "/api/user", "/api/users/me"]),
  ...named("/api/auth/me", ["/api/account"], "GET"),
  ...named("/api/me/preferences", ["/api/preferences", "/api/users/me/preferences"]),
  ...named("/api/account/limits", ["/api/limits", "/api/me/limits", "/api/rate-limits"]),
  ...named("/api/account/export", ["/api/me/export", "/api/export"]),
  ...named("/api/auth/login", ["/api/login", "/api/sessions", "/api/auth/signin"], "POST"),
  ...named("/api/auth/register", ["/api/register", "/api/signup", "/api/auth/signup"], "POST"),
  ...named("/api/auth/logout", ["/api/logout", "/api/auth/signout"], "POST"),
  ...named("/api/keys/*", ["/api/api-keys/*", "/api/me/keys/*"]),
  ...named("/api/sessions/*", ["/api/me/sessions/*"]),
  ...named("/api/threads/{id}/messages", ["/api/threads/{id}/history"], "GET"),
  ...named("/api/threads/{id}/events", ["/api/threads/{id}/stream"], "GET"),
  ...named("/api/messages", ["/api/history", "/api/chat/messages", "/api/chat/history"], "GET"),
  ...named(RUN, ["/api/chat", "/api/chat/messages", "/api/messages", "/api/runs"], "POST"),
  ...named(RUN, ["/api/chat/start"], "POST"),
  ...named("/api/runs", ["/api/chat/status", "/api/chat/runs"], "GET"),
  ...named(RUN, ["/api/agents/start", "/api/agents/run", "/api/runs/start"], "POST"),
  ...AGENT_NAMES.flatMap((name) =>
    named(`/api/agents/${name}/execute`, [`/api/agents/${name}`], "POST"),
  ),
  ...named(STOP, ["/api/agents/cancel", "/api/runs/stop", "/api/runs/cancel"], "POST"),
  ...named(STOP, ["/api/chat/stop", "/api/chat/cancel"], "POST"),
  ...named("/api/runs/{id}/cancel", ["/api/runs/{id}/stop"], "POST"),
  ...named("/api/runs/{id}", ["/api/runs/{id}/status", "/api/agents/runs/{id}"], "GET"),
  ...named("/api/chat/stream", ["/api/agents/stream", "/api/stream"]),
  ...named("/api/events/stream", ["/api/events", "/api/sse"]),
  ...named("/api/tools/{tool}/execute", ["/api/tools/{tool}", "/api/tools/{tool}/call"], "POST"),
  ...named("/api/discovery/services", ["/api/discovery", "/api/services"], "GET"),
  ...named("/health/live", ["/api/health/live", "/api/ping"], "GET"),
  ...named("/health/ready", ["/api/health/ready"], "GET"),
  ...named("/openapi.json", ["/api/openapi.json"], "GET"),
];

const RULES = ALIASES.map(({ method, path, to }) => ({ method, fits: patternOf(path), to }));

/** @returns the path that a request is routed by: the documented one, if the request's is an alias. */
export function standingPath(request: Request): string {
  const asked = getPath(request);
  if (!asked.startsWith("/api/")) return asked;
  return RULES.reduce((path, { method, fits, to }) => {
    const places = method === undefined || method === methodOf(request) ? fits.exec(path) : null;
    if (places === null) return path;
    const { groups = {} } = places;
    return to.replace(/\/\*$|\{(\w+)\}/g, (_, name = "rest") => groups[name] ?? "");
  }, asked);
}

/** @returns the aliases of a documented path, for a method. */
export function aliasesOf(method: string, path: string): string[] {
  return ALIASES.flatMap((alias) => {
    if (alias.method !== undefined && alias.method !== method) return [];
    if (!alias.to.endsWith("/*")) return alias.to === path ? [alias.path] : [];
    const [root, other] = [alias.to.slice(0, -2), alias.path.slice(0, -2)];
    const isBelow = path === root || path.startsWith(`${root}/`);
    return isBelow ? [`${other}${path.slice(root.length)}`] : [];
  });
}

/** A HEAD request is routed like GET (RFC 9110, section 9.3.2). */
function methodOf({ method }: Request): string {
  return method === "HEAD" ? "GET" : method;
}

function patternOf(path: string): RegExp {
  const pattern = path
    .replaceAll(".", "\\.")
    .replace(/\/\*$/, "(?<rest>/.*)?")
    .replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  return new RegExp(`^${pattern}$`);
}
