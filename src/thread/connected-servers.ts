/** The servers that users have connected, put together once for all threads and requests of an isolate. */
import { tellServersChanged } from "../account/tell-servers-changed.ts";
import { openSecret, sealSecret } from "../auth/sealed-secret.ts";
import { keyRing } from "../auth/signing-keys.ts";
import { systemClock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { breakerReports, connectedPart } from "../durable/breakers.ts";
import { readConfig } from "../env.ts";
import { ConnectedServers, LOST_SECRET, type ServerBook } from "../mcp/connected-servers.ts";
import type { UserId } from "../protocol/ids.ts";
import { openDatabase } from "../store/database.ts";
import { McpServerRows } from "../store/mcp-servers.ts";
import { consoleLog } from "../telemetry/log.ts";
import { mcpSignInsOf } from "./mcp-sign-ins.ts";

const composed = new WeakMap<Cloudflare.Env, ConnectedServers>();

/** @throws {ApexError} `misconfigured`. */
export function connectedServersOf(env: Cloudflare.Env): ConnectedServers {
  const known = composed.get(env) ?? compose(env);
  composed.set(env, known);
  return known;
}

function compose(env: Cloudflare.Env): ConnectedServers {
  const config = readConfig(env);
  const clock = systemClock;
  const log = consoleLog;
  const report = breakerReports(env, clock, log);
  return new ConnectedServers({
    book: bookOf(env, log),
    fetch: (request) => fetch(request),
    isDevelopment: config.environment === "development",
    clock,
    log,
    report: (id) => report(connectedPart(id)),
  });
}

function bookOf(env: Cloudflare.Env, log: Log): ServerBook {
  const database = openDatabase(env.DB);
  const ring = keyRing(readConfig(env));
  const signIns = mcpSignInsOf(env);
  const rowsOf = (userId: UserId) =>
    new McpServerRows(database, userId, () => tellServersChanged(env, userId, log));
  return {
    async find(userId, id) {
      const rows = rowsOf(userId);
      const server = await rows.find(id);
      if (server === null) return null;
      const { secret: sealed } = server;
      if (sealed === null) {
        return { ...server, secret: null, signIn: signIns.tokenOf(userId, server) };
      }
      const opened = await openSecret(ring, sealed, id);
      if (opened === null) return { ...server, secret: LOST_SECRET, signIn: null };
      const { secret, isAged } = opened;
      if (isAged) {
        await rows
          .reseal(id, sealed, await sealSecret(ring, secret, id))
          .catch((error: unknown) => log.error("mcp.not_resealed", error, { server_id: id }));
      }
      return { ...server, secret, signIn: null };
    },
    async saveCheck(userId, server, { tools, ...check }) {
      await rowsOf(userId).saveCheck(server, check, tools);
    },
    async approve(userId, { server_id, tool, fingerprint }) {
      await rowsOf(userId).approve(server_id, tool, fingerprint);
    },
  };
}
