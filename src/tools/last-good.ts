/**
 * Answers with the last good answer where a tool cannot reach its records, and says that it does.
 *
 * Whole answers are kept, not the parts they are made of: all figures of one are of the same moment, and
 * replays, which read too much to be kept, are covered as well.
 */
import * as z from "zod";
import { type Clock, timestamp } from "../core/clock.ts";
import { withDeadline } from "../core/deadline.ts";
import type { Log } from "../core/log.ts";
import type { Tool, ToolContext, ToolResult } from "../core/tool.ts";
import { Result } from "../core/tool-call.ts";
import { ApexError } from "../protocol/errors.ts";
import { Timestamp } from "../protocol/ids.ts";
import { Json } from "../protocol/json.ts";

/** How long an answer is worth keeping, in seconds. */
const KEPT_S = 7 * 24 * 60 * 60;
/** Neither a person nor a tool waits longer for the cache, in milliseconds. */
const DEADLINE_MS = 1_000;

/** Where answers are kept, as KV has it. */
export interface AnswerCache {
  get(key: string): Promise<string | null>;
  put(key: string, text: string, options: { readonly expirationTtl: number }): Promise<void>;
}

export interface LastGoodPorts {
  readonly cache: AnswerCache;
  readonly clock: Clock;
  readonly log: Log;
}

const Kept = z.object({ at: Timestamp, result: Result });
/** What the usage tools answer with, as far as it is told there that an answer is old. */
const Told = z.looseObject({ assumptions: z.array(z.string()), summary: z.string() });

/**
 * @returns the same tool; where its records are unavailable, it gives its last answer to the same question
 *   of the same workspace, labelled. Where there is none, it fails as before.
 */
export function withLastGood(tool: Tool, ports: LastGoodPorts): Tool {
  // What a tool does to the world can't be answered from memory.
  if (!tool.readOnly) return tool;
  return {
    ...tool,
    async execute(args, context) {
      const key = await keyOf(tool, args, context);
      try {
        const result = await tool.execute(args, context);
        await keep(key, result, ports);
        return result;
      } catch (error) {
        if (!(error instanceof ApexError) || error.code !== "unavailable") throw error;
        const kept = await recall(key, ports);
        if (kept === null) throw error;
        return labelled(kept, error, ports.clock.now());
      }
    },
  };
}

/** The workspace is part of the key, so that nobody is ever given another's answer. */
async function keyOf(tool: Tool, args: Json, { workspaceId }: ToolContext): Promise<string> {
  const question = JSON.stringify([tool.name, workspaceId, args], sorted);
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(question));
  const hex = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0"));
  return `last-good:${hex.join("")}`;
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
  { message, retryAfter }: ApexError,
  now: number,
): ToolResult {
  const minute = `${at.slice(0, 16).replace("T", " ")} UTC`;
  const told = Told.safeParse(result.output);
  const note = `These figures are as of ${minute}: the usage records cannot be reached just now.`;
  return {
    findings: result.findings,
    output: told.success
      ? Json.parse({
          ...told.data,
          assumptions: [note, ...told.data.assumptions],
          summary: `**As of ${minute}** (the usage records cannot be reached just now): ${told.data.summary}`,
        })
      : result.output,
    degraded: {
      reason: message,
      action: `The last good answer is given, as of ${minute}.`,
      until: retryAfter === undefined ? null : timestamp(now + retryAfter * 1_000),
      as_of: at,
    },
  };
}
