/** The MCP inspector's command line against the product: what people try a server with first. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { expect, inject, it } from "vitest";
import { newPerson } from "../../e2e/person.ts";

const INSPECTOR = resolve(import.meta.dirname, "../node_modules/.bin/mcp-inspector");

async function inspect(...args: readonly string[]): Promise<string> {
  const { credentials } = await newPerson(inject("demoUrl"));
  const bearer = `Authorization: Bearer ${credentials.access_token}`;
  const server = [`${inject("demoUrl")}/mcp`, "--transport", "http", "--header", bearer];
  const child = spawn(process.execPath, [INSPECTOR, "--cli", ...server, ...args], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    printed += text;
  });
  const [code] = await once(child, "close");
  expect(code, printed).toBe(0);
  return printed;
}

it("lists the tools, and finds no fault in their schemas", async () => {
  expect(await inspect("--method", "tools/list", "--strict")).toContain('"run_agent"');
});

it("calls a tool", async () => {
  const call = ["--method", "tools/call", "--tool-name", "get_supply_catalog"];

  expect(await inspect(...call, "--tool-arg", "provider=openai")).toContain("gpt-5-mini");
});

it("reads a resource", async () => {
  expect(await inspect("--method", "resources/read", "--uri", "apex://agents")).toContain(
    "supervisor",
  );
});
