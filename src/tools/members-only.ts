/** Has a tool read a team's records for its members alone, as they are when it is called. */
import type { Tool } from "../core/tool.ts";
import { ApexError } from "../protocol/errors.ts";
import type { UserId, WorkspaceId } from "../protocol/ids.ts";

/**
 * A run may outlast its sender's place in the team that it was begun in: it waits for an approval, or in a
 * queue. Put it around whatever remembers answers, so that these are for members alone as well.
 * @param isOwn tells whose a workspace is just now; what it fails with fails the call.
 * @returns the same tool, which throws `forbidden` where the workspace is not the user's any more.
 */
export function membersOnly(
  tool: Tool,
  isOwn: (userId: UserId, workspaceId: WorkspaceId) => Promise<boolean>,
): Tool {
  return {
    ...tool,
    async execute(args, context) {
      if (await isOwn(context.userId, context.workspaceId)) return tool.execute(args, context);
      throw new ApexError(
        "forbidden",
        "These records are those of a team that you are in no more. Ask anew, for your own records.",
      );
    },
  };
}
