/** Whom a tool works for in a test: a user who works alone. */
import type { ToolContext } from "../../../src/core/tool.ts";
import { CallId, RunId, UserId, workspaceOf } from "../../../src/protocol/ids.ts";

export function toolContext(signal = new AbortController().signal): ToolContext {
  const userId = UserId.parse("user-1");
  const call = { runId: RunId.parse("thread-1.1"), callId: CallId.parse("call-1") };
  return { userId, workspaceId: workspaceOf(userId, null), ...call, signal };
}
