/** The names that tools of connected servers have here: none of them can be a name of ours, or of another server. */
import { fingerprint } from "../core/fingerprint.ts";

/** What the names of these tools begin with, and no other tool's. */
const CONNECTED_PREFIX = "mcp_";
/** The longest name that model endpoints take. */
const MAX_NAME = 64;

/**
 * @param server its name here: small letters and digits alone, so that where it ends is never in doubt.
 * @param tools as the server names them, each once.
 * @returns for each tool `mcp_<server>_<tool>`; those that would come out the same, or too long, are
 *   told apart by a mark made of the true name.
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
