/** The bodies that begin, follow, list and end runs without naming a thread first. */
import * as z from "zod";
import { CancelReceipt, ResumeQuery } from "./api.ts";
import { MessageContent, RunChoice } from "./commands.ts";
import { Run, RunStatus } from "./entities.ts";
import { ClientMessageId, RunId, ThreadId } from "./ids.ts";
import { MAX_STREAM_SECONDS, MAX_WAIT_SECONDS } from "./limits.ts";
import { Order, PageQuery, page } from "./paging.ts";

/** A message to an agent, in a thread that is there or in a new one. */
export const StartRunBody = z
  .strictObject({
    content: MessageContent.optional(),
    message: MessageContent.optional().describe("The same as content"),
    thread_id: ThreadId.optional().describe("Without it a thread is made"),
    client_message_id: ClientMessageId.optional(),
    ...RunChoice.shape,
  })
  .refine(({ content, message }) => (content === undefined) !== (message === undefined), {
    path: ["content"],
    message: "must be given, or message in its place",
  });
export type StartRunBody = z.infer<typeof StartRunBody>;

/** How long an answer may wait for the run to end, in seconds; without it, not at all. */
export const WaitQuery = z.object({
  wait: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_WAIT_SECONDS)
    .optional()
    .describe("Seconds to wait for the answer itself"),
});
export type WaitQuery = z.infer<typeof WaitQuery>;

/** Where an event stream resumes, and when it ends. */
export const StreamQuery = ResumeQuery.safeExtend({
  for: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_STREAM_SECONDS)
    .optional()
    .describe("Seconds after which the stream ends, with `stream_end`; without it, it does not"),
});
export type StreamQuery = z.infer<typeof StreamQuery>;

/** Which stream is asked for: a run's, a thread's, or that of all of one's threads. */
export const FollowQuery = StreamQuery.safeExtend({
  thread_id: ThreadId.optional(),
  run_id: RunId.optional().describe("The stream is this run's, and ends with it"),
});
export type FollowQuery = z.infer<typeof FollowQuery>;

/** Which runs are to end: one, or all of a thread that are live or waiting. */
export const StopRunsBody = z
  .strictObject({ run_id: RunId.optional(), thread_id: ThreadId.optional() })
  .refine(({ run_id, thread_id }) => (run_id === undefined) !== (thread_id === undefined), {
    path: ["run_id"],
    message: "must be given, or thread_id in its place",
  });
export type StopRunsBody = z.infer<typeof StopRunsBody>;

export const StoppedRuns = z.object({ data: z.array(CancelReceipt) });
export type StoppedRuns = z.infer<typeof StoppedRuns>;

export const RunsQuery = PageQuery.extend({
  order: Order.default("desc"),
  thread_id: ThreadId.optional(),
  agent: z.string().min(1).max(64).optional(),
  status: RunStatus.optional(),
});
export type RunsQuery = z.infer<typeof RunsQuery>;

/** Runs as a list has them: what each wrote is read by its id, or in its thread. */
export const RunPage = page(Run.omit({ final_response: true }));
export type RunPage = z.infer<typeof RunPage>;
