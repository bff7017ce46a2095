/** The sign-ins to connected MCP servers, put together once for all threads and requests of an isolate. */
import { waitUntil } from "cloudflare:workers";
import { openSecret, sealSecret } from "../auth/sealed-secret.ts";
import { type KeyRing, keyRing } from "../auth/signing-keys.ts";
import { systemClock, timestamp } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { readConfig } from "../env.ts";
import { LOST_SIGN_IN, type SignInBook } from "../mcp/sign-in/book.ts";
import { Kept, Pending } from "../mcp/sign-in/kept.ts";
import { McpSignIns } from "../mcp/sign-in/sign-ins.ts";
import type { McpServerId } from "../protocol/ids.ts";
import { openDatabase } from "../store/database.ts";
import { McpSignInRows, type StoredSignIn } from "../store/mcp-sign-ins.ts";
import { consoleLog } from "../telemetry/log.ts";

const composed = new WeakMap<Cloudflare.Env, McpSignIns>();

/** @throws {ApexError} `misconfigured`. */
export function mcpSignInsOf(env: Cloudflare.Env): McpSignIns {
  const known = composed.get(env) ?? compose(env);
  composed.set(env, known);
  return known;
}

function compose(env: Cloudflare.Env): McpSignIns {
  const config = readConfig(env);
  return new McpSignIns({
    book: bookOf(env, keyRing(config), consoleLog),
    fetch: (request) => fetch(request),
    isDevelopment: config.environment === "development",
    clock: systemClock,
    log: consoleLog,
    // Of the request, or the object, in which it is called: what is put together here serves all of them.
    waitUntil: (work) => waitUntil(work),
  });
}

function bookOf(env: Cloudflare.Env, ring: KeyRing, log: Log): SignInBook {
  const database = openDatabase(env.DB);
  const seal = (kept: Kept, id: McpServerId) =>
    sealSecret(ring, JSON.stringify(kept), ownerOf(id, "kept"));
  return {
    async find(userId, id) {
      const rows = new McpSignInRows(database, userId);
      const row = await rows.find(id);
      if (row === null) return null;
      const { kept, isAged } = await openKept(ring, id, row);
      if (isAged && row.sealed !== null) {
        await rows
          .reseal(id, row.sealed, await seal(kept, id))
          .catch((error: unknown) => log.error("mcp.not_resealed", error, { server_id: id }));
      }
      return {
        status: row.status,
        challenge: { resourceMetadata: row.resource_metadata, scope: row.scope },
        kept,
        pending: await openPending(ring, id, row),
        mark: row.pending,
        version: row.version,
      };
    },
    async need(userId, id, challenge, version) {
      const asked =
        challenge === null
          ? null
          : { resource_metadata: challenge.resourceMetadata, scope: challenge.scope };
      await new McpSignInRows(database, userId).need(id, asked, version);
    },
    async begin(userId, id, pending) {
      const sealed = await sealSecret(ring, JSON.stringify(pending), ownerOf(id, "pending"));
      await new McpSignInRows(database, userId).begin(id, sealed);
    },
    take: (userId, id, mark) => new McpSignInRows(database, userId).take(id, mark),
    async complete(userId, id, kept) {
      const { address, server } = kept.authority;
      const outcome = { sealed: await seal(kept, id), issuer: server.issuer, status: SIGNED_IN };
      return await new McpSignInRows(database, userId).complete(id, address, outcome);
    },
    async save(userId, id, kept, status, version) {
      const { issuer } = kept.authority.server;
      const outcome = { sealed: await seal(kept, id), issuer, status };
      return await new McpSignInRows(database, userId).save(id, outcome, version);
    },
    lease: (userId, id, version, { now, until }) =>
      new McpSignInRows(database, userId).lease(id, version, {
        now: timestamp(now),
        until: timestamp(until),
      }),
    forget: (userId, id) => new McpSignInRows(database, userId).forget(id),
  };
}

const SIGNED_IN = "signed_in" as const;

async function openKept(ring: KeyRing, id: McpServerId, { sealed }: StoredSignIn) {
  if (sealed === null) return { kept: null, isAged: false } as const;
  const opened = await openSecret(ring, sealed, ownerOf(id, "kept"));
  if (opened === null) return { kept: LOST_SIGN_IN, isAged: false } as const;
  return { kept: Kept.parse(JSON.parse(opened.secret)), isAged: opened.isAged } as const;
}

/** One that no key opens any more is begun again. */
async function openPending(ring: KeyRing, id: McpServerId, { pending }: StoredSignIn) {
  const opened = pending === null ? null : await openSecret(ring, pending, ownerOf(id, "pending"));
  return opened === null ? null : Pending.parse(JSON.parse(opened.secret));
}

/** None of what is sealed for a server opens in the place of another. */
function ownerOf(id: McpServerId, what: "kept" | "pending"): string {
  return `${id}/sign-in/${what}`;
}
