/** The identifiers of the wire, branded so that one kind can never stand in for another. */
import * as z from "zod";
import { Text } from "./text.ts";

/**
 * Any identifier as it may arrive from outside. Malformed, foreign and missing identifiers must be
 * indistinguishable to a caller, so nothing here checks more than the length: a lookup decides.
 */
const identifier = z.string().min(1).max(64);

/** Names a user. */
export const UserId = identifier.brand<"UserId">();
export type UserId = z.infer<typeof UserId>;

/** Names a thread. */
export const ThreadId = identifier.brand<"ThreadId">();
export type ThreadId = z.infer<typeof ThreadId>;

/** Names a message. */
export const MessageId = identifier.brand<"MessageId">();
export type MessageId = z.infer<typeof MessageId>;

/** Names a run: its thread, and which of its messages. */
export const RunId = identifier.brand<"RunId">();
export type RunId = z.infer<typeof RunId>;

/**
 * @returns the id of the run whose message was accepted at a seq. It names the thread, so whoever
 *   holds it can reach the object that runs it without asking a database.
 */
export function runIdOf(threadId: ThreadId, acceptedSeq: number): RunId {
  return RunId.parse(`${threadId}.${acceptedSeq}`);
}

/** @returns the thread and the seq in a run's id, or null if the id has none. */
export function placeOfRun(
  runId: RunId,
): { readonly threadId: ThreadId; readonly acceptedSeq: number } | null {
  const [, thread, digits] = /^(.+)\.([1-9]\d{0,15})$/.exec(runId) ?? [];
  const threadId = ThreadId.safeParse(thread);
  const acceptedSeq = Seq.safeParse(Number(digits));
  if (!threadId.success || !acceptedSeq.success) return null;
  return { threadId: threadId.data, acceptedSeq: acceptedSeq.data };
}

/** Names a sign-in. */
export const SessionId = identifier.brand<"SessionId">();
export type SessionId = z.infer<typeof SessionId>;

/** Names an API key. */
export const ApiKeyId = identifier.brand<"ApiKeyId">();
export type ApiKeyId = z.infer<typeof ApiKeyId>;

/** Names a webhook. */
export const WebhookId = identifier.brand<"WebhookId">();
export type WebhookId = z.infer<typeof WebhookId>;

/** Names a connected MCP server. */
export const McpServerId = identifier.brand<"McpServerId">();
export type McpServerId = z.infer<typeof McpServerId>;

/** Names a team. */
export const OrganizationId = identifier.brand<"OrganizationId">();
export type OrganizationId = z.infer<typeof OrganizationId>;

/** Who shares usage records and budgets: a team, by its id, or a user who works alone, by theirs. */
export const WorkspaceId = identifier.brand<"WorkspaceId">();
export type WorkspaceId = z.infer<typeof WorkspaceId>;

/** @returns the workspace of a user. */
export function workspaceOf(userId: UserId, organizationId: OrganizationId | null): WorkspaceId {
  return WorkspaceId.parse(organizationId ?? userId);
}

/** A tool call's id: chosen by the model endpoint, so longer and freer than ours. */
export const CallId = z.string().min(1).max(256).brand<"CallId">();
export type CallId = z.infer<typeof CallId>;

/** A figure's id within its run, as `{{fact:…}}` refers to it: the tool, and the figure's name. */
export const FactId = z
  .string()
  .regex(/^[a-z0-9_.-]{1,160}$/)
  .brand<"FactId">();
export type FactId = z.infer<typeof FactId>;

/** The idempotency key a client gives a message; a resent key gets the first answer again. */
export const ClientMessageId = Text.min(1).max(128).brand<"ClientMessageId">();
export type ClientMessageId = z.infer<typeof ClientMessageId>;

/**
 * The life of one journal. A thread whose journal was lost or restored starts another epoch, so a
 * client that resumes from the old one is told instead of being given a silent gap.
 */
export const Epoch = identifier.brand<"Epoch">();
export type Epoch = z.infer<typeof Epoch>;

/** A position in a thread's event log: 1 for the first event, gapless, never reused. */
export const Seq = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
/** A position that a client may resume after; 0 means from the very beginning. */
export const ResumeSeq = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** RFC 3339 date and time in UTC. */
export const Timestamp = z.iso.datetime();
