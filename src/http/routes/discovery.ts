/** Discovery: every way in that this host has, and the other names of its paths. */
import { Services } from "../../protocol/discovery.ts";
import { ALIASES } from "../aliases.ts";
import { ANYBODY, defineRoute } from "../define-route.ts";
import { DOORS } from "../doors-table.ts";
import { jsonAnswer } from "../json.ts";
import { problems } from "../problems.ts";
import { limitAnonymous } from "../rate-limits.ts";
import { createRouter } from "../router.ts";

const services = defineRoute({
  method: "get",
  path: "/api/discovery/services",
  tags: ["Discovery"],
  ...ANYBODY,
  summary: "The ways in: address, protocol, version, and how one is signed in there",
  middleware: limitAnonymous,
  responses: { 200: jsonAnswer(Services, "The services"), ...problems() },
});

/**
 * @param routed the paths that the app routes, as hono writes them.
 * @returns the route of discovery.
 */
export function discoveryRoutes(routed: () => ReadonlySet<string>) {
  const router = createRouter();
  router.openapi(services, (c) => {
    const { origin } = new URL(c.req.url);
    const paths = routed();
    const mounted = DOORS.filter(({ path }) => paths.has(path.replaceAll(/\{(\w+)\}/g, ":$1")));
    const data = mounted.map((door) => ({ ...door, url: `${origin}${door.path}` }));
    const aliases = ALIASES.map(({ method = null, path, to }) => ({ method, path, to }));
    return c.json({ data, aliases }, 200);
  });
  return router;
}
