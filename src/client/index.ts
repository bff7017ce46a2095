/** The SDK as one import: the client, its connections, and the wire types they speak. */
export type * from "../protocol/account.ts";
export type * from "../protocol/account-feed.ts";
export type * from "../protocol/api.ts";
export type * from "../protocol/approvals.ts";
export type * from "../protocol/budget.ts";
export type * from "../protocol/entities.ts";
export { ApexError } from "../protocol/errors.ts";
export type * from "../protocol/events.ts";
export type { ErrorCode } from "../protocol/failures.ts";
export type * from "../protocol/ids.ts";
export type * from "../protocol/mcp-servers.ts";
export type * from "../protocol/metrics.ts";
export type * from "../protocol/organization.ts";
export type * from "../protocol/preferences.ts";
export type { Problem } from "../protocol/problem.ts";
export type * from "../protocol/report.ts";
export type * from "../protocol/sharing.ts";
export type { MessageView, RunView, ThreadView, TimelineEntry } from "../protocol/thread-view.ts";
export type * from "../protocol/usage.ts";
export type * from "../protocol/webhooks.ts";
export { AccountFeed } from "./account-feed.ts";
export { ApexClient } from "./apex-client.ts";
export type { ClientOptions } from "./client-options.ts";
export type { ConnectionStatus } from "./connection-machine.ts";
export type {
  FeedHandlers,
  SocketConstructor,
  SocketLike,
  ThreadHandlers,
} from "./connection-ports.ts";
export { isStoredCredentials, type StoredCredentials } from "./entities.ts";
export type { Fetch } from "./http.ts";
export type { SendOptions } from "./outgoing.ts";
export { type CredentialStore, type Exclusive, memoryStore } from "./session.ts";
export { ThreadConnection } from "./thread-connection.ts";
export type { ImportNews, ImportOptions, NamedImport } from "./usage-calls.ts";
