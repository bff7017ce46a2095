/** One connected MCP server: how it is, its tools, and what can be done about it. */
import type { McpServerHealth, McpTool } from "../../protocol/mcp-servers.ts";
import { useAttempt } from "../attempt.ts";
import { useSignedIn } from "../client-context.ts";
import { ConfirmButton } from "../form/dialog-button.tsx";
import { useTold } from "../form/told.ts";
import { useChange } from "../form/use-change.ts";
import { ProblemNote } from "../problem-note.tsx";
import { useWords } from "../words/words.ts";
import { useServerProblem } from "./server-problem.ts";
import { ServerSignIn } from "./server-sign-in.tsx";

interface Props {
  readonly server: McpServerHealth;
  readonly tools: readonly McpTool[];
  /** Says what was done. */
  readonly onDone: (notice: string) => void;
}

export function ServerRow({ server, tools, onDone }: Props) {
  const { client } = useSignedIn();
  const words = useWords().settings.servers;
  const told = useTold();
  const { pending, problem, run } = useAttempt();
  const keys = ["mcp-servers", "mcp-tools"];
  const check = useChange(client.mcpServers.check, ...keys);
  const remove = useChange(client.mcpServers.remove, ...keys);
  const enable = useChange(
    (enabled: boolean) => client.mcpServers.change(server.id, { enabled }),
    ...keys,
  );
  const { id, name, enabled } = server;
  const tellProblem = useServerProblem();
  const wrong = tellProblem(server);

  async function checkIt() {
    const found = await check.mutateAsync(id);
    const wrong = tellProblem(found);
    onDone(wrong === null ? `${name}: ${words.health[found.health]}` : words.failing(wrong));
  }
  async function turn() {
    await enable.mutateAsync(!enabled);
    onDone(words.changed);
  }

  return (
    <li className="card row" data-over={!enabled}>
      <div>
        <strong>{name}</strong>
        <Badge server={server} />
        <p className="hint">
          {server.url}
          {server.has_secret && `, ${words.withSecret}`}
        </p>
        {server.checked_at !== null && (
          <p className="hint">{words.checked(told.distance(server.checked_at))}</p>
        )}
      </div>
      <div className="row-actions">
        <button
          type="button"
          aria-label={words.checkOf(name)}
          disabled={pending}
          onClick={() => void run(checkIt)}
        >
          {words.check}
        </button>
        <button
          type="button"
          aria-label={(enabled ? words.disableOf : words.enableOf)(name)}
          disabled={pending}
          onClick={() => void run(turn)}
        >
          {enabled ? words.disable : words.enable}
        </button>
        <ConfirmButton
          label={words.remove}
          name={words.removeOf(name)}
          title={words.removeTitle(name)}
          action={words.removeAction}
          onConfirm={async () => {
            await remove.mutateAsync(id);
            onDone(words.removed);
          }}
        >
          {words.removeText}
        </ConfirmButton>
      </div>
      {wrong !== null && <p className="problem">{words.failing(wrong)}</p>}
      {server.sign_in !== "none" && <ServerSignIn server={server} onDone={onDone} />}
      <ProblemNote problem={problem} />
      {tools.length > 0 && <Tools tools={tools} leftOut={server.left_out} />}
    </li>
  );
}

/** How bad it is, by colour; the words say the same. */
const TONES = { healthy: "success", failing: "danger", unchecked: undefined } as const;

function Badge({ server }: { readonly server: McpServerHealth }) {
  const { enabled, breaker, health, sign_in } = server;
  const words = useWords().settings.servers;
  if (!enabled) return <span className="badge">{words.off}</span>;
  if (sign_in === "needed" || sign_in === "needed_again") {
    return (
      <span className="badge" data-tone="warning">
        {words.signIn.needed[sign_in]}
      </span>
    );
  }
  const isLeft = breaker === "open";
  return (
    <span className="badge" data-tone={isLeft ? "warning" : TONES[health]}>
      {isLeft ? words.left : words.health[health]}
    </span>
  );
}

interface ToolsProps {
  readonly tools: readonly McpTool[];
  readonly leftOut: number;
}

/** The descriptions are the server's own words, so they are shown as text alone. */
function Tools({ tools, leftOut }: ToolsProps) {
  const words = useWords().settings.servers;
  const told = useTold();
  return (
    <details>
      <summary>{words.tools(told.count(tools.length))}</summary>
      <ul className="tools">
        {tools.map(({ name, tool, description, approved }) => (
          <li key={name}>
            <code>{tool}</code>
            {approved && <span className="badge">{words.approved}</span>}
            <p className="hint">{description}</p>
          </li>
        ))}
      </ul>
      {leftOut > 0 && <p className="hint">{words.leftOut(told.count(leftOut))}</p>}
    </details>
  );
}
