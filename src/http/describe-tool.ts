/** How the API represents a tool. */
import type { Tool } from "../core/tool.ts";
import type { ToolDescription } from "../protocol/tools.ts";

export function describeTool(tool: Tool): ToolDescription {
  const { name, description, permission, parameters, readOnly, approval, timeoutMs } = tool;
  return {
    name,
    description,
    permission,
    parameters: { ...parameters },
    read_only: readOnly,
    needs_approval: approval !== null,
    timeout_ms: timeoutMs,
  };
}
