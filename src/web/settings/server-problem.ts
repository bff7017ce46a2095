/** What is wrong with a connected server, in the page's words. */
import type { McpServerHealth } from "../../protocol/mcp-servers.ts";
import { useWords } from "../words/words.ts";

/**
 * @returns how to tell what is wrong: null where nothing is. The server's own sentence stands where the
 *   page has no words, as for what a newer one names.
 */
export function useServerProblem(): (
  server: Pick<McpServerHealth, "problem" | "known_problem">,
) => string | null {
  const { problems } = useWords().settings.servers;
  return ({ problem, known_problem: known }) => {
    if (known === null || !Object.hasOwn(problems, known.code)) return problem;
    return problems[known.code](known.named ?? "");
  };
}
