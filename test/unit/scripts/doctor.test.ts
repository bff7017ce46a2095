/** The doctor on what is elsewhere: it tells what answers wrongly from what does not answer. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { analytics, deployment, model } from "../../../scripts/doctor/remote-parts.ts";
import { readConfig } from "../../../src/env.ts";

const KEY = "sk-of-nobody-at-all";
const SETTINGS = {
  ENVIRONMENT: "production",
  JWT_SECRET: "s".repeat(32),
  OPENAI_API_KEY: KEY,
};

/** What is asked next is answered with this. */
let answer: { readonly status: number; readonly body: string };
let server: Server;
let url: string;

async function listen(to: Server): Promise<string> {
  to.listen(0, "127.0.0.1");
  await once(to, "listening");
  return `http://127.0.0.1:${z.object({ port: z.number() }).parse(to.address()).port}`;
}

async function close(it: Server): Promise<void> {
  it.closeAllConnections();
  it.close();
  await once(it, "close");
}

beforeAll(async () => {
  server = createServer((_, response) => response.writeHead(answer.status).end(answer.body));
  url = await listen(server);
});
afterAll(() => close(server));

const examined = (more: Readonly<Record<string, string>>) =>
  model(readConfig({ ...SETTINGS, ...more }));

describe("a model endpoint", () => {
  it.each([
    ["does not take the key", 401, "{}", "answers 401."],
    ["has no such model", 200, '{"data":[{"id":"another"}]}', "has no gpt-5-mini."],
    ["is a page", 200, "Welcome to nginx!", "answers with something that is no JSON."],
  ])("that %s is a fault, and which is said", async (_, status, body, said) => {
    answer = { status, body };

    expect(await examined({ OPENAI_BASE_URL: `${url}/v1`, MODEL: "gpt-5-mini" })).toEqual({
      ...{ part: "Model", state: "fault", said: `${url}/v1 ${said}` },
      mend: expect.stringContaining("OPENAI_API_KEY"),
    });
  });

  it("that nobody listens at cannot be reached, and why is said, but not the key", async () => {
    const gone = createServer();
    const nowhere = await listen(gone);
    await close(gone);
    const finding = await examined({ OPENAI_BASE_URL: nowhere });

    expect(finding.state).toBe("fault");
    expect(finding.said).toContain(`${nowhere} cannot be reached: `);
    expect(finding.said).toContain("ECONNREFUSED");
    expect(JSON.stringify(finding)).not.toContain(KEY);
  });

  it.each(['{"data":[{"id":"gpt-5-mini"}]}', '{"data":[]}', "{}"])(
    "that takes the key is well, where it lists %s",
    async (body) => {
      answer = { status: 200, body };

      const finding = await examined({ OPENAI_BASE_URL: url, MODEL: "gpt-5-mini" });
      expect(finding).toEqual({ part: "Model", state: "well", said: `${url} takes the key.` });
    },
  );
});

it("a model endpoint that lists no models is taken at its word, and said not to have been looked at", async () => {
  answer = { status: 404, body: "Not found" };

  const finding = await examined({ OPENAI_BASE_URL: `${url}/v1`, MODEL: "gpt-5-mini" });
  expect(finding).toMatchObject({ state: "unknown", said: `${url}/v1 lists no models.` });
});

it("tables of ClickHouse that are missing are made by a command that reaches that server", async () => {
  answer = { status: 200, body: '{"data":[]}' };

  const clickhouse = { CLICKHOUSE_URL: url, CLICKHOUSE_PASSWORD: "of-nobody" };
  const finding = await analytics(readConfig({ ...SETTINGS, ...clickhouse }));
  expect(finding.said).toContain("0001_usage_records.sql");
  expect(finding.mend).toContain(
    "CLICKHOUSE_URL=… CLICKHOUSE_PASSWORD=… npm run migrations:clickhouse",
  );
  expect(JSON.stringify(finding)).not.toContain("of-nobody");
});

describe("a deployment", () => {
  it.each([
    ["is somebody else's page", "Welcome to nginx!", "answers with something that is no JSON."],
    ["is somebody else's service", '{"ok":true}', 'answers 200: {"ok":true}'],
  ])("that %s is a fault, and what it said is told", async (_, body, said) => {
    answer = { status: 200, body };

    const finding = await deployment(url);
    expect(finding).toMatchObject({ state: "fault", said: `${url} ${said}` });
  });
});
