/** A thread's log as it is exported: lines whose hashes are chained, and a signature over the last. */
import * as z from "zod";
import { Epoch, ResumeSeq, Seq, ThreadId, Timestamp } from "./ids.ts";
import { Json } from "./json.ts";

/** SHA-256 in hex. */
export const LogHash = z.string().regex(/^[0-9a-f]{64}$/);
export type LogHash = z.infer<typeof LogHash>;

export const LOG_FORMAT = "apex-edge-log/1";

/** The first line of the export: what the log is of, and the hash that its chain begins with. */
export const LogHead = z.strictObject({
  kind: z.literal("head"),
  format: z.literal(LOG_FORMAT),
  algorithm: z
    .literal("SHA-256(previous hash || RFC 8785 JSON of the event)")
    .describe("The previous hash as 32 bytes, the JSON in UTF-8"),
  thread_id: ThreadId,
  epoch: Epoch,
  first_seq: Seq.describe("Of the first event that follows"),
  hash_before: LogHash.describe("Of the event before; of the anchor, where the chain begins here"),
  exported_at: Timestamp,
});
export type LogHead = z.infer<typeof LogHead>;

export const LogEntry = z.strictObject({
  kind: z.literal("event"),
  hash: LogHash,
  event: Json.describe("As it was sent and stored; `seq` is its place"),
});
export type LogEntry = z.infer<typeof LogEntry>;

/** Last; an export without it was cut off. */
export const LogEnd = z.strictObject({
  kind: z.literal("end"),
  events: z.int().min(0),
  last_seq: ResumeSeq,
  last_hash: LogHash,
  signature: z
    .string()
    .max(8 * 1024)
    .describe("A compact JWS (RFC 7515) over the head and this line, all but `kind`s and itself"),
  verifiable_by: z
    .enum(["anybody", "operator"])
    .describe("operator: signed by a shared secret, so nobody else can check the signature"),
});
export type LogEnd = z.infer<typeof LogEnd>;

export const LogLine = z.discriminatedUnion("kind", [LogHead, LogEntry, LogEnd]);
export type LogLine = z.infer<typeof LogLine>;

/** What the signature is over. */
export const SignedLog = z.strictObject({
  ...LogHead.omit({ kind: true }).shape,
  ...LogEnd.omit({ kind: true, signature: true, verifiable_by: true }).shape,
});
export type SignedLog = z.infer<typeof SignedLog>;
