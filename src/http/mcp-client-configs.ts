/** Configurations of common MCP clients for our endpoint, ready to paste, without any key. */
import type { McpClientConfigs } from "../protocol/mcp-servers.ts";

const NAME = "apex-edge";
/** The environment variable that the configurations read the key from. */
const KEY = "APEX_EDGE_API_KEY";

/** @param endpoint the address of our own MCP endpoint. */
export function mcpClientConfigs(endpoint: string): McpClientConfigs["data"] {
  const authorization = `Bearer \${${KEY}}`;
  return [
    {
      client: "claude-code",
      title: "Claude Code",
      file: null,
      config: `claude mcp add --transport http ${NAME} ${endpoint} --header "Authorization: Bearer $${KEY}"`,
    },
    {
      client: "claude-desktop",
      title: "Claude Desktop",
      file: "claude_desktop_config.json",
      config: {
        mcpServers: {
          [NAME]: {
            command: "npx",
            args: ["mcp-remote", endpoint, "--header", `Authorization:${authorization}`],
            env: { [KEY]: "" },
          },
        },
      },
    },
    {
      client: "cursor",
      title: "Cursor",
      file: ".cursor/mcp.json",
      config: {
        mcpServers: {
          [NAME]: { url: endpoint, headers: { Authorization: `Bearer \${env:${KEY}}` } },
        },
      },
    },
    {
      client: "vscode",
      title: "VS Code",
      file: ".vscode/mcp.json",
      config: {
        inputs: [
          { type: "promptString", id: "apex-edge-key", description: "API key", password: true },
        ],
        servers: {
          [NAME]: {
            type: "http",
            url: endpoint,
            headers: { Authorization: "Bearer $" + "{input:apex-edge-key}" },
          },
        },
      },
    },
    {
      client: "gemini-cli",
      title: "Gemini CLI",
      file: ".gemini/settings.json",
      config: {
        mcpServers: { [NAME]: { httpUrl: endpoint, headers: { Authorization: authorization } } },
      },
    },
    {
      client: "codex",
      title: "Codex",
      file: ".codex/config.toml",
      config: `[mcp_servers.${NAME}]\nurl = "${endpoint}"\nbearer_token_env_var = "${KEY}"\n`,
    },
  ];
}
