/** A run as the thread's SQLite holds it: its message, how far it got, and its outcome. */
import * as z from "zod";
import { CallerContext } from "../protocol/caller.ts";
import { type FinalStatus, RunStatus, RunUsage } from "../protocol/entities.ts";
import {
  ClientMessageId,
  MessageId,
  runIdOf,
  type ThreadId,
  WorkspaceId,
} from "../protocol/ids.ts";
import { Problem } from "../protocol/problem.ts";
import { RunOrigin } from "./run-origin.ts";

const json = z.string().transform((text): unknown => JSON.parse(text));

/** The columns of a run that are read with it; times are milliseconds since the Unix epoch. */
const Columns = z.object({
  accepted_seq: z.number(),
  client_message_id: ClientMessageId.nullable(),
  message_id: MessageId,
  answer_id: MessageId,
  content: z.string(),
  agent: z.string(),
  model: z.string(),
  status: RunStatus,
  accepted_at: z.number(),
  started_seq: z.number().nullable(),
  started_at: z.number().nullable(),
  ended_seq: z.number().nullable(),
  ended_at: z.number().nullable(),
  /** What the turn under way wrote so far, stored now and then. */
  draft: z.string().nullable(),
  answer: z.string().nullable(),
  usage: json.pipe(RunUsage).nullable(),
  problem: json.pipe(Problem).nullable(),
  cancelled: z.number().transform(Boolean),
  superseded_by: MessageId.nullable(),
  /** Lives of the run that were cut off; it fences off what an earlier one still writes. */
  attempt: z.number(),
  /** Those of them that died at the step under way. */
  deaths: z.number(),
  /** When the present life took the run up, and the version of the code it runs. */
  claimed_at: z.number().nullable(),
  code_version: z.string().nullable(),
  /** Where it waits for a decision: when it goes on without one. */
  parked_until: z.number().nullable(),
  /** What its sender might do with tools; null where every tool was permitted. */
  tool_scopes: json.pipe(z.array(z.string())).nullable(),
  /** Whose usage records it works on: its sender's as it was accepted; null in runs from before that was kept. */
  workspace_id: WorkspaceId.nullable(),
  /** What it may cost, in US$; null for no bound of its own. */
  max_cost_usd: z.number().nullable(),
  /** The tools of connected servers that it is offered, as JSON; null for none, and once it has ended. */
  connected_tools: z.string().nullable(),
  /** The figures it found, and its report, as JSON: read where they are told, not with each row. */
  facts: z.string().nullable(),
  report: z.string().nullable(),
  /** What its caller brought along, as JSON: read where the run is begun or taken up. */
  caller: z.string().nullable(),
  /** By which request it came to be; null in runs from before that was kept. */
  origin: json.pipe(RunOrigin).nullable(),
});

/** Columns of a run as SQL takes them. */
export const RunColumns = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));
export type RunColumns = z.infer<typeof RunColumns>;

/** What a row holds where its insert does not say it. */
export const UNSAID_COLUMNS: RunColumns = {
  ...Object.fromEntries(Object.keys(Columns.shape).map((name) => [name, null])),
  ...{ cancelled: 0, attempt: 0, deaths: 0 },
};

/** @returns the schema of a thread's run rows. */
export function runRowOf(threadId: ThreadId) {
  return Columns.transform((row) => ({ ...row, run_id: runIdOf(threadId, row.accepted_seq) }));
}
export type RunRow = z.infer<ReturnType<typeof runRowOf>>;

/** @returns what a run's caller brought along; null for nothing. */
export function callerOf({ caller }: Pick<RunRow, "caller">): CallerContext | null {
  return caller === null ? null : CallerContext.parse(JSON.parse(caller));
}

/** What a message that is accepted brings along. */
export type AcceptedRun = Pick<
  RunRow,
  | "accepted_seq"
  | "client_message_id"
  | "message_id"
  | "answer_id"
  | "content"
  | "agent"
  | "model"
  | "accepted_at"
  | "tool_scopes"
  | "workspace_id"
  | "max_cost_usd"
  | "connected_tools"
  | "caller"
  | "origin"
>;

/** What a fork takes over of a run that has ended; what it used was used where it ran. */
export type CopiedRun = Pick<
  RunRow,
  | "accepted_seq"
  | "content"
  | "agent"
  | "model"
  | "status"
  | "accepted_at"
  | "started_at"
  | "ended_at"
  | "answer"
  | "problem"
  | "facts"
  | "report"
>;

/** How a run begins: with its first event, in the life of an object that runs some code. */
export interface RunStart {
  readonly seq: number;
  readonly at: number;
  readonly codeVersion: string;
}

/** How a run ended. */
export interface RunEnd {
  /** The seq of its last event. */
  readonly endedSeq: number;
  readonly status: FinalStatus;
  readonly endedAt: number;
  readonly answer: string;
  readonly usage: RunUsage;
  readonly problem: Problem | null;
  readonly facts: string | null;
  readonly report: string | null;
}
