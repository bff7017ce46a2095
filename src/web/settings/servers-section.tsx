/** The MCP servers that one has connected: how they are, and what they can do. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ConnectMcpServerBody } from "../../protocol/mcp-servers.ts";
import { parseInput } from "../../protocol/parse-input.ts";
import { useSignedIn } from "../client-context.ts";
import { Part, Section } from "../design/section.tsx";
import { Field } from "../form/field.tsx";
import { Form } from "../form/form.tsx";
import { Loaded } from "../form/loaded.tsx";
import { useChange } from "../form/use-change.ts";
import { useWords } from "../words/words.ts";
import { Rows } from "./rows.tsx";
import { useServerProblem } from "./server-problem.ts";
import { ServerRow } from "./server-row.tsx";

export function ServersSection() {
  const { client } = useSignedIn();
  const { settings } = useWords();
  const words = settings.servers;
  const [notice, setNotice] = useState(() => {
    // Where a sign-in to a server ended: the callback leads here.
    const hasFailed = new URLSearchParams(location.search).has("sign_in_error");
    return hasFailed ? words.signIn.failed : "";
  });
  const servers = useQuery({ queryKey: ["mcp-servers"], queryFn: client.mcpServers.list });
  const tools = useQuery({ queryKey: ["mcp-tools"], queryFn: client.mcpServers.tools });
  return (
    <Section title={settings.sections.servers} hint={words.hint} notice={notice}>
      <Rows query={servers} words={words}>
        {(server) => (
          <ServerRow
            key={server.id}
            server={server}
            tools={tools.data?.data.filter(({ server_id }) => server_id === server.id) ?? []}
            onDone={setNotice}
          />
        )}
      </Rows>
      <ConnectPart />
      <ReachPart />
    </Section>
  );
}

function ConnectPart() {
  const { client } = useSignedIn();
  const words = useWords().settings.servers;
  const tellProblem = useServerProblem();
  const connect = useChange(client.mcpServers.connect, "mcp-servers", "mcp-tools");
  return (
    <Part title={words.connect}>
      <Form
        label={words.form}
        action={words.action}
        onSubmit={async (typed) => {
          const given = {
            name: typed.get("name"),
            url: typed.get("url"),
            secret: typed.get("secret") || null,
          };
          const server = await connect.mutateAsync(
            parseInput(ConnectMcpServerBody, given, "the form"),
          );
          const wrong = tellProblem(server);
          return wrong === null
            ? words.connected(server.name)
            : words.connectedWith(server.name, wrong);
        }}
      >
        <Field
          name="name"
          label={words.name}
          hint={words.nameHint}
          autoComplete="off"
          autoCapitalize="none"
          required
        />
        <Field
          name="url"
          label={words.url}
          hint={words.urlHint}
          type="url"
          autoComplete="off"
          placeholder="https://mcp.example.com/mcp"
          required
        />
        <Field
          name="secret"
          label={words.secret}
          hint={words.secretHint}
          type="password"
          autoComplete="off"
        />
      </Form>
    </Part>
  );
}

/** The other way around: our own endpoint, as each client's configuration has it. */
function ReachPart() {
  const { client } = useSignedIn();
  const words = useWords().settings.servers;
  const configs = useQuery({ queryKey: ["mcp-config"], queryFn: client.mcpServers.clientConfigs });
  return (
    <Part title={words.reach} hint={words.reachHint}>
      <Loaded query={configs}>
        {({ data }) =>
          data.map(({ client: name, title, file, config }) => (
            <details key={name}>
              <summary>{title}</summary>
              {file !== null && <code className="hint">{file}</code>}
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys. */}
              <pre className="config" tabIndex={0}>
                {typeof config === "string" ? config : JSON.stringify(config, null, 2)}
              </pre>
            </details>
          ))
        }
      </Loaded>
    </Part>
  );
}
