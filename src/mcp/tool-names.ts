/** The names of connected tools as models see them. They never collide with names of ours or of another server. */
import { fingerprint } from "../core/fingerprint.ts";

/** The prefix of the names of all connected tools, and of no other tool. */
const CONNECTED_PREFIX = "mcp_";
/** The longest name that model providers accept. */
const MAX_NAME = 64;

/**
 * @param server the server's name here. It has only small letters and digits, so its end in a tool's name is
 *   unambiguous.
 * @param tools the names that the server gives its tools, each once.
 * @returns for each tool `mcp_<server>_<tool>`. Names that would be too long, or equal to another, end in a hash
 *   of the original name.
 */
export function nameTools(server: string, tools: readonly string[]): ReadonlyMap<string, string> {
  const plain = new Map(tools.map((tool) => [tool, plainName(server, tool)]));
  const taken = Map.groupBy(plain.values(), (name) => name);
  return new Map(
    [...plain].map(([tool, name]) => {
      const isOwn = taken.get(name)?.length === 1 && name.length <= MAX_NAME;
      return [tool, isOwn ? name : marked(name, tool)];
    }),
  );
}

function plainName(server: string, tool: string): string {
  const words = tool.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");
  return `${CONNECTED_PREFIX}${server}_${words}`;
}

function marked(name: string, tool: string): string {
  const mark = `__${fingerprint(tool).toString(36)}`;
  return `${name.slice(0, MAX_NAME - mark.length)}${mark}`;
}
