/**
 * Every HTTP body: what a request carries, where an unknown field is refused by its name, and what an
 * answer holds, where clients ignore it.
 */
import * as z from "zod";
import { MessageContent, Replaces, RunChoice, Written } from "./commands.ts";
import { Message, Metadata, Run, Thread, User } from "./entities.ts";
import {
  ClientMessageId,
  Epoch,
  MessageId,
  ResumeSeq,
  RunId,
  Seq,
  ThreadId,
  Timestamp,
} from "./ids.ts";
import { MAX_PAGE } from "./limits.ts";
import { Order, PageQuery, page } from "./paging.ts";
import { REFRESH_TOKEN_PREFIX } from "./refresh-token.ts";
import { Text } from "./text.ts";
import { Tier } from "./tiers.ts";

/**
 * An email address in the one form it is known by: without spaces around it, compatible characters as
 * their plain ones (NFKC), in lower case. Only ASCII passes after that, so no look-alike does; and none
 * that no mail can reach (RFC 2606, section 2), for such addresses stand in for users who told none.
 */
export const Email = z
  .string()
  .overwrite((text) => text.trim().normalize("NFKC").toLowerCase())
  .check(z.email("must be an email address"))
  .refine((email) => !email.endsWith(".invalid"), {
    message: "must be an address that mail can reach",
    params: { code: "invalid_format" },
  })
  .max(254);
const name = Text.trim().min(1).max(128);

export const NewPassword = Text.min(10, "must be at least 10 characters").max(256);

/** A new account, by email and password. */
export const RegisterBody = z.strictObject({
  email: Email,
  password: NewPassword,
  name: name.optional(),
});
export type RegisterBody = z.infer<typeof RegisterBody>;

/** Looser than registering, so that a password made under older rules still signs in. */
export const LoginBody = z.strictObject({
  email: Email,
  password: z.string().min(1, "must not be empty").max(256),
});
export type LoginBody = z.infer<typeof LoginBody>;

/** A sign-in without a password: in development alone. */
export const DevLoginBody = z.strictObject({
  email: Email,
  name: name.optional(),
  tier: Tier.optional(),
  permissions: z.array(Text.min(1).max(64)).max(64).optional(),
});
export type DevLoginBody = z.infer<typeof DevLoginBody>;

export const LogoutBody = z.strictObject({ refresh_token: z.string().min(1).max(512).optional() });

export const RefreshBody = LogoutBody.extend({
  next_refresh_token: z
    .string()
    .regex(
      new RegExp(`^${REFRESH_TOKEN_PREFIX}[A-Za-z0-9_-]{43}$`),
      `must be ${REFRESH_TOKEN_PREFIX} and 43 characters of base64url`,
    )
    .optional()
    .describe(
      "The refresh token to get, of 256 random bits that the client has drawn and kept: where the answer is lost, the same request may be sent again. Only beside `refresh_token`.",
    ),
}).refine(
  ({ refresh_token, next_refresh_token }) =>
    next_refresh_token === undefined || refresh_token !== undefined,
  { path: ["next_refresh_token"], message: "stands only beside refresh_token" },
);

/** What a sign-in gives: who one is, and the tokens to show. */
export const Credentials = z.object({
  user: User,
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal("Bearer"),
  expires_in: z.number().int().describe("Seconds the access token lives"),
});
export type Credentials = z.infer<typeof Credentials>;

const title = Text.trim().min(1, "must not be empty").max(200, "must be at most 200 characters");

/** A thread to be made. */
export const CreateThreadBody = z.strictObject({
  title: title.optional(),
  metadata: Metadata.optional(),
});
export type CreateThreadBody = z.infer<typeof CreateThreadBody>;

/** What changes of a thread; what is left out stays. */
export const UpdateThreadBody = z
  .strictObject({ title: title.nullable().optional(), metadata: Metadata.optional() })
  .refine(
    (body) => body.title !== undefined || body.metadata !== undefined,
    "must hold a title or metadata",
  );
export type UpdateThreadBody = z.infer<typeof UpdateThreadBody>;

/** A copy of a thread up to a message, to be continued on its own. */
export const ForkThreadBody = z.strictObject({
  message_id: MessageId.describe("The last to be copied; its exchange is copied whole"),
  title: title.optional(),
  metadata: Metadata.optional(),
});
export type ForkThreadBody = z.infer<typeof ForkThreadBody>;

/** One new message only. Earlier messages, roles and ids are known to the server. */
export const PostMessageBody = z.strictObject({
  content: MessageContent,
  client_message_id: ClientMessageId.optional(),
  replaces: Replaces.optional(),
  ...RunChoice.shape,
});
export type PostMessageBody = z.infer<typeof PostMessageBody>;

/** A message that was taken, with the run that answers it. */
export const AcceptedMessage = z.object({
  thread_id: ThreadId,
  message_id: MessageId,
  run_id: RunId,
});
export type AcceptedMessage = z.infer<typeof AcceptedMessage>;

/** A run after its cancellation was requested. It ends within moments, but a queued one only when its turn comes. */
export const CancelReceipt = Run.extend({
  last_seq: Seq.nullable().describe(
    "Nothing of the run follows after this event; null where it has not ended yet",
  ),
});
export type CancelReceipt = z.infer<typeof CancelReceipt>;

/** Which page of the threads, and in which order. */
export const ThreadsQuery = PageQuery.extend({ order: Order.default("desc") });
export type ThreadsQuery = z.infer<typeof ThreadsQuery>;

/** Which page of the messages, and in which order. */
export const MessagesQuery = PageQuery.extend({
  order: Order.default("asc"),
  superseded: z
    .enum(["exclude", "include"])
    .default("exclude")
    .describe("include: also what a later message took the place of"),
});
export type MessagesQuery = z.infer<typeof MessagesQuery>;

/** A page of threads. */
export const ThreadPage = page(Thread);
export type ThreadPage = z.infer<typeof ThreadPage>;

/** A page of messages. */
export const MessagePage = page(Message);
export type MessagePage = z.infer<typeof MessagePage>;

/** The format of a report; without it, the `Accept` header decides. */
export const ReportQuery = z.object({ format: z.enum(["json", "markdown"]).optional() });
export type ReportQuery = z.infer<typeof ReportQuery>;

/** Where a socket or a stream resumes; without a position it begins with the thread. */
export const ResumeQuery = z
  .object({
    after: z.coerce.number().pipe(ResumeSeq).optional(),
    epoch: Epoch.optional(),
  })
  .refine((query) => query.after === undefined || query.after === 0 || query.epoch !== undefined, {
    path: ["epoch"],
    message: "must be given together with after",
  });
export type ResumeQuery = z.infer<typeof ResumeQuery>;

/** Where a socket resumes, and how much of an unfinished answer the client has already. */
export const SocketQuery = ResumeQuery.safeExtend({ written: Written.optional() });
export type SocketQuery = z.infer<typeof SocketQuery>;

/** Opens one socket, once, in place of a token. */
export const Ticket = z.object({
  ticket: z.string().describe("Opens one socket to this thread, once"),
  expires_in: z.number().int(),
});
export type Ticket = z.infer<typeof Ticket>;

/** A row that the history refused for good, as an operator sees it: without its content. */
export const DeadLetter = z.object({
  id: z.number().int(),
  kind: z.enum(["message", "run", "report", "supersession", "thread"]),
  subject_id: z.string().describe("The id of the message, the run or the thread that it tells of"),
  version: Seq.describe("The seq of the event that the row tells of"),
  characters: z.number().int().describe("How large the row is, as JSON"),
  reason: z.string().describe("SQLite's code for the refusal"),
  refused_at: Timestamp,
});
export type DeadLetter = z.infer<typeof DeadLetter>;

/** What a thread could not bring into the history. */
export const DeadLetters = z.object({
  data: z.array(DeadLetter).max(MAX_PAGE).describe("The oldest of them"),
  total: z.number().int(),
});
export type DeadLetters = z.infer<typeof DeadLetters>;

/** What became of letters that were tried again. */
export const ReplayedDeadLetters = z.object({
  replayed: z.number().int().describe("Rows that are on their way to the history again"),
});
export type ReplayedDeadLetters = z.infer<typeof ReplayedDeadLetters>;

/** The result of sending a thread's history to D1 again. */
export const RestoredHistory = z.object({
  runs: z
    .number()
    .int()
    .describe("Runs that are on their way to the history, with all that was said in them"),
});
export type RestoredHistory = z.infer<typeof RestoredHistory>;

const BreakerState = z
  .enum(["closed", "half_open", "open"])
  .describe(
    "open: it is left alone, but for the history, which every thread goes on trying to write; half_open: the next call shows whether it is back",
  );

const BreakerStatus = z.object({
  state: BreakerState,
  since: Timestamp.nullable().describe("When it opened or closed; null where it never opened"),
  failures: z.number().int().min(0).describe("Failures in a row"),
  next_probe_at: Timestamp.nullable().describe("When a call may try it again; null while closed"),
});

/** The state of a part's circuit breaker: the worst that any instance has reported. */
export const CircuitBreaker = BreakerStatus.extend({
  part: z
    .string()
    .describe(
      "model; analytics: the usage records, in D1 or ClickHouse; history: D1, as threads write to it, with the name of a database where the history has several; or mcp: and the id of one's own MCP server",
    ),
  instances: z.array(BreakerStatus.extend({ reported_at: Timestamp })),
});
export type CircuitBreaker = z.infer<typeof CircuitBreaker>;

/** The circuit breakers of the parts that the product depends on. */
export const CircuitBreakers = z.object({ data: z.array(CircuitBreaker) });
export type CircuitBreakers = z.infer<typeof CircuitBreakers>;

/** How the product is, part by part. */
export const Health = z.object({
  status: z.enum(["healthy", "degraded"]),
  parts: z.record(z.string(), z.enum(["healthy", "degraded"])),
  model_provider: z.enum(["openai", "demo"]).describe("demo answers offline, and says so"),
});
export type Health = z.infer<typeof Health>;
