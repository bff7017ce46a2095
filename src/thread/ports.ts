/** What a Thread object reaches beyond itself, composed once for all threads of an isolate. */
import { waitUntil } from "cloudflare:workers";
import { ExternalIssuers } from "../auth/external-issuers.ts";
import type { TokenAuthority } from "../auth/signed-tokens.ts";
import { keyRing } from "../auth/signing-keys.ts";
import { VouchedUsers } from "../auth/vouched-users.ts";
import { type BreakerStatus, CircuitBreaker } from "../core/breaker.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Model } from "../core/model.ts";
import type { Tool } from "../core/tool.ts";
import { breakerReports, historyPart } from "../durable/breakers.ts";
import { historyDatabase, historyDatabaseName } from "../durable/history-database.ts";
import { confirmEras } from "../durable/history-eras.ts";
import { type ExportedTelemetry, telemetryOf } from "../durable/telemetry.ts";
import { readConfig } from "../env.ts";
import type { ConnectedServers } from "../mcp/connected-servers.ts";
import { chooseModel } from "../models/choose.ts";
import type { UserId } from "../protocol/ids.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { Identities } from "../store/identities.ts";
import { hasWorkspace } from "../store/membership.ts";
import { Reports } from "../store/reports.ts";
import { consoleLog } from "../telemetry/log.ts";
import { toolCatalog } from "../tools/catalog.ts";
import { withLastGood } from "../tools/last-good.ts";
import { membersOnly } from "../tools/members-only.ts";
import { publishReport } from "../tools/publish-report.ts";
import { withUnfinishedImports } from "../tools/unfinished-imports.ts";
import { chooseImportList, chooseUsageStore } from "../usage/choose-store.ts";
import { d1WorkspaceStore } from "../usage/d1-workspace-store.ts";
import { PriceOverrides } from "../usage/price-overrides.ts";
import { connectedServersOf } from "./connected-servers.ts";
import { publisherOf } from "./publisher.ts";

export interface Ports {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: ExportedTelemetry;
  /** Shared, so that one breaker guards the endpoint for every thread. */
  readonly model: Model;
  readonly tools: readonly Tool[];
  /** The servers that users have connected; shared, so that one breaker guards each for every thread. */
  readonly connected: ConnectedServers;
  /** The main database: of accounts, and of all that is not of one user's threads. */
  readonly database: Database;
  /** Shared, so that what a database does to one thread's history is told of for all that it has. */
  readonly historyWatch: (userId: UserId) => CircuitBreaker;
  /** Checks the tokens that sockets are renewed with. */
  readonly authority: TokenAuthority;
  /** Whose tokens renew a socket, beside our own. */
  readonly issuers: ExternalIssuers;
  /** Names the deployed code, so that a run cut off by an update is told from one that died. */
  readonly codeVersion: string;
}

const composed = new WeakMap<Cloudflare.Env, Ports>();

/** @throws {ApexError} `misconfigured`. */
export function portsOf(env: Cloudflare.Env): Ports {
  const known = composed.get(env);
  if (known !== undefined) return known;
  const config = readConfig(env);
  const clock = systemClock;
  const log = consoleLog;
  const database = openDatabase(env.DB);
  const report = breakerReports(env, clock, log);
  const records = { clickhouse: config.clickhouse, db: env.DB };
  const watches = new Map<string, CircuitBreaker>();
  const watchOf = (name: string) => {
    const watch = watches.get(name) ?? watchHistory(name, clock, log, report(historyPart(name)));
    watches.set(name, watch);
    return watch;
  };
  const usage = chooseUsageStore(records, { clock, log, onChange: report("analytics") });
  const lastGood = {
    cache: env.CACHE,
    clock,
    log,
    // Of the object in which a tool is called: what is put together here serves all of them.
    waitUntil: (work: Promise<unknown>) => waitUntil(work),
  };
  const ports: Ports = {
    clock,
    log,
    telemetry: telemetryOf(env),
    model: chooseModel(
      {
        provider: config.modelProvider,
        apiKey: config.openaiApiKey,
        baseUrl: config.openaiBaseUrl,
        models: config.models,
        demoPaceMs: config.demoPaceMs,
      },
      { clock, log, onChange: report("model") },
    ),
    tools: [
      ...toolCatalog({
        usage,
        workspaces: d1WorkspaceStore(env.DB),
        prices: (workspaceId) => new PriceOverrides(env.DB, workspaceId).lookup(),
        clock,
      })
        .map((tool) =>
          withUnfinishedImports(tool, (workspace, limit) =>
            chooseImportList(records, workspace).unfinished(limit, clock.now()),
          ),
        )
        .map((tool) => withLastGood(tool, lastGood))
        .map((tool) =>
          membersOnly(tool, (user, workspace) => hasWorkspace(database, user, workspace)),
        ),
      publishReport({
        reports: {
          async latest(userId, threadId) {
            await confirmEras(env);
            return await new Reports(historyDatabase(env, userId), userId).latest(threadId);
          },
        },
        publisher: publisherOf(env, database),
        clock,
      }),
    ],
    connected: connectedServersOf(env),
    database,
    historyWatch: (userId) => watchOf(historyDatabaseName(config.historyShards, userId)),
    authority: { keys: keyRing(config), clock },
    issuers: new ExternalIssuers({
      issuers: config.trustedIssuers,
      users: new VouchedUsers(new Identities(database), clock),
      fetch: (request) => fetch(request),
      clock,
    }),
    codeVersion: env.CODE_VERSION.id,
  };
  composed.set(env, ports);
  return ports;
}

/** Saves in a row that a database failed before it is told of, and how long until the next one counts, in milliseconds. */
const HISTORY_FAILURES = { failures: 3, openMs: 10_000 };

function watchHistory(
  database: string,
  clock: Clock,
  log: Log,
  tell: (status: BreakerStatus) => void,
): CircuitBreaker {
  return new CircuitBreaker({
    clock,
    ...HISTORY_FAILURES,
    onChange(status) {
      if (status.state === "closed") log.info("history_breaker_closed", { database });
      else log.warn("history_breaker_opened", { database, failures: status.failuresInRow });
      tell(status);
    },
  });
}
