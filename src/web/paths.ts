/** Where everything of the page is: each view's address, written and read in one place. */
import { text } from "../client/checks.ts";
import type { MessageId, ThreadId } from "../protocol/ids.ts";

/** As protocol/ids.ts bounds every identifier; its schema would bring all of zod into the first load. */
const LONGEST_ID = 64;

/** The patterns of the router. */
export const PATTERNS = {
  home: "/",
  thread: "/t/:id",
  settings: "/settings/:section?",
  usage: "/usage",
  operator: "/operator/:page?",
  shared: "/s/:token",
} as const;

/** @returns the path of a thread, or of the page without one. */
export function pathOf(threadId: ThreadId | null): string {
  return threadId === null ? PATTERNS.home : `/t/${encodeURIComponent(threadId)}`;
}

/** @returns the address of one message of a thread. */
export function messagePath(threadId: ThreadId, messageId: MessageId): string {
  return `${pathOf(threadId)}#${encodeURIComponent(messageId)}`;
}

/** @returns the path of a part of the settings. */
export function settingsPath(section: string): string {
  return `/settings/${encodeURIComponent(section)}`;
}

/** The operator's page. */
export const OPERATOR_PATH = "/operator";
/** The runbooks, beside it. */
const RUNBOOKS_PATH = "/operator/runbooks";

/** @returns the address of the line of the runbooks about an event of the log. */
export function runbookPath(event: string): string {
  return `${RUNBOOKS_PATH}#${encodeURIComponent(event)}`;
}

/** @returns the thread that a path names, or null where it names none. */
export function threadOf(path: string): ThreadId | null {
  const segment = /^\/t\/([^/]+)\/?$/.exec(path)?.[1];
  if (segment === undefined) return null;
  const id = decode(segment);
  return text<ThreadId>(id) && id.length <= LONGEST_ID ? id : null;
}

/** A hand-typed path may hold a broken escape; then the segment is taken as it stands. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
