/**
 * Answers with the last good answer where a tool cannot reach its records, and says that it does.
 *
 * Whole answers are kept, not the parts they are made of: all figures of one are of the same moment, and
 * replays, which read too much to be kept, are covered as well.
 */
import * as z from "zod";
import { type Clock, timestamp } from "../core/clock.ts";
import { DeadlineExceeded, withDeadline } from "../core/deadline.ts";
import type { Log } from "../core/log.ts";
import type { Tool, ToolContext, ToolResult } from "../core/tool.ts";
import { Result } from "../core/tool-call.ts";
import { ApexError } from "../protocol/errors.ts";
import type { SubstituteCode } from "../protocol/fallbacks.ts";
import { Timestamp, type WorkspaceId } from "../protocol/ids.ts";
import { Json } from "../protocol/json.ts";

/** How long an answer is worth keeping, in seconds. */
const KEPT_S = 7 * 24 * 60 * 60;
/** Neither a person nor a tool waits longer for the cache, in milliseconds. */
const DEADLINE_MS = 1_000;
/** What of a tool's time is kept back for the cache, in milliseconds; of a short time at most half. */
const KEPT_BACK_MS = 1_500;

/** Where answers are kept, as KV has it. */
export interface AnswerCache {
  get(key: string): Promise<string | null>;
  put(key: string, text: string, options: { readonly expirationTtl: number }): Promise<void>;
}

/** Where the names of what is kept are listed, and it is deleted, as KV has it. */
export interface ForgettingCache {
  list(options: { readonly prefix: string; readonly cursor: string | null }): Promise<
    | { readonly list_complete: true; readonly keys: readonly { readonly name: string }[] }
    | {
        readonly list_complete: false;
        readonly keys: readonly { readonly name: string }[];
        readonly cursor: string;
      }
  >;
  delete(key: string): Promise<void>;
}

export interface LastGoodPorts {
  readonly cache: AnswerCache;
  readonly clock: Clock;
  readonly log: Log;
  /** Has work go on after the answer was given, for as long as that takes. */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

const Kept = z.object({ at: Timestamp, result: Result });
/** What the usage tools answer with, as far as it is told there that an answer is old. */
const Told = z.looseObject({ assumptions: z.array(z.string()), summary: z.string() });

/**
 * @returns the same tool; where its records are unavailable, or so slow that its time would run out, it
 *   gives its last answer to the same question of the same workspace, labelled. Where there is none, it
 *   fails as before.
 */
export function withLastGood(tool: Tool, ports: LastGoodPorts): Tool {
  // What a tool does to the world can't be answered from memory.
  if (!tool.readOnly) return tool;
  const withinMs = tool.timeoutMs - Math.min(KEPT_BACK_MS, tool.timeoutMs / 2);
  return {
    ...tool,
    async execute(args, context) {
      const key = await keyOf(tool, args, context);
      try {
        const result = await withDeadline(
          withinMs,
          (signal) => tool.execute(args, { ...context, signal }),
          context.signal,
        );
        // A write to the cache is one to the other end of the world: nobody waits for it.
        ports.waitUntil(keep(key, result, ports));
        return result;
      } catch (error) {
        const trouble = context.signal.aborted ? null : troubleOf(error);
        const kept = trouble && (await recall(key, ports));
        if (!kept) throw error;
        return labelled(kept, trouble, ports.clock.now());
      }
    },
  };
}

/** Why an old answer has to do. */
interface Trouble {
  readonly code: SubstituteCode;
  readonly reason: string;
  /** The same as a part of a sentence. */
  readonly why: string;
  /** In seconds. */
  readonly retryAfter?: number | undefined;
}

/** @returns what keeps the records from answering; null where it is something else that failed. */
function troubleOf(error: unknown): Trouble | null {
  if (error instanceof DeadlineExceeded) {
    return {
      code: "records_slow",
      reason: "The usage records did not answer in time.",
      why: "the usage records answer too slowly just now",
    };
  }
  if (!(error instanceof ApexError) || error.code !== "unavailable") return null;
  const why = "the usage records cannot be reached just now";
  return { code: "records_unreachable", reason: error.message, why, retryAfter: error.retryAfter };
}

/** @returns the names of all that is kept of a workspace. @throws what KV fails with. */
export async function keptAnswers(
  cache: Pick<ForgettingCache, "list">,
  workspaceId: WorkspaceId,
): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | null = null;
  for (;;) {
    const page: Awaited<ReturnType<ForgettingCache["list"]>> = await cache.list({
      prefix: prefixOf(workspaceId),
      cursor,
    });
    names.push(...page.keys.map(({ name }) => name));
    if (page.list_complete) return names;
    cursor = page.cursor;
  }
}

/** Deletes all that is kept of a workspace, with its end. @throws what KV fails with: to be repeated. */
export async function forgetAnswers(
  cache: ForgettingCache,
  workspaceId: WorkspaceId,
): Promise<void> {
  for (const name of await keptAnswers(cache, workspaceId)) await cache.delete(name);
}

function prefixOf(workspaceId: WorkspaceId): string {
  return `last-good:${workspaceId}:`;
}

/** The workspace is part of the key, so that nobody is ever given another's answer, and nothing outlives it. */
async function keyOf(tool: Tool, args: Json, { workspaceId }: ToolContext): Promise<string> {
  const question = JSON.stringify([tool.name, args], sorted);
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(question));
  const hex = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0"));
  return prefixOf(workspaceId) + hex.join("");
}

/** The same arguments are the same question in whatever order they are given. */
function sorted(_: string, value: unknown): unknown {
  const isPlain = typeof value === "object" && value !== null && !Array.isArray(value);
  return isPlain ? Object.fromEntries(Object.entries(value).sort()) : value;
}

/** An answer that can't be kept is a good answer all the same. */
async function keep(key: string, result: ToolResult, { cache, clock, log }: LastGoodPorts) {
  const text = JSON.stringify({ at: timestamp(clock.now()), result });
  try {
    await withDeadline(DEADLINE_MS, () => cache.put(key, text, { expirationTtl: KEPT_S }));
  } catch (error) {
    log.warn("last_good.not_kept", { error: error instanceof Error ? error.name : typeof error });
  }
}

async function recall(key: string, { cache, log }: LastGoodPorts) {
  try {
    const text = await withDeadline(DEADLINE_MS, () => cache.get(key));
    return text === null ? null : Kept.parse(JSON.parse(text));
  } catch (error) {
    log.error("last_good.not_read", error);
    return null;
  }
}

function labelled(
  { at, result }: z.output<typeof Kept>,
  { code, reason, why, retryAfter }: Trouble,
  now: number,
): ToolResult {
  const minute = `${at.slice(0, 16).replace("T", " ")} UTC`;
  const told = Told.safeParse(result.output);
  const note = `These figures are as of ${minute}: ${why}.`;
  return {
    findings: result.findings,
    output: told.success
      ? Json.parse({
          ...told.data,
          assumptions: [note, ...told.data.assumptions],
          summary: `**As of ${minute}** (${why}): ${told.data.summary}`,
        })
      : result.output,
    degraded: {
      code,
      reason,
      action: `The last good answer is given, as of ${minute}.`,
      until: retryAfter === undefined ? null : timestamp(now + retryAfter * 1_000),
      as_of: at,
    },
  };
}
