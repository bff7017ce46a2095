/** The names of the objects: made of verified ids, so that no request ever reaches another user's. */
import type { OrganizationId, ThreadId, UserId } from "../protocol/ids.ts";

/** Names the object that holds what is a user's own across all threads. */
export function accountObjectName(userId: UserId): string {
  return userId;
}

/** Names the object that holds a thread. The user id is that of the request's verified credential. */
export function threadObjectName(userId: UserId, threadId: ThreadId): string {
  return `${userId}/${threadId}`;
}

/** Names the one object that knows how the breakers of all isolates stand. */
export const BREAKERS_OBJECT_NAME = "all";

/** Names another object of its class, which is told nothing: it shows whether objects answer where that one does not. */
export const PROBE_OBJECT_NAME = "probe";

/** Names the one object that has the metrics of all isolates added up. */
export const METRICS_OBJECT_NAME = "all";

/** Names the object that holds what a team shares. */
export function organizationObjectName(organizationId: OrganizationId): string {
  return organizationId;
}
