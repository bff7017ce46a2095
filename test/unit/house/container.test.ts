/** The container file, which no suite builds: what it says is held to the project, and its health check is run. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const ROOT = resolve(import.meta.dirname, "../../..");
const textOf = (file: string) => readFileSync(resolve(ROOT, file), "utf8");

interface Instruction {
  readonly name: string;
  readonly words: string;
}

const instructions: readonly Instruction[] = textOf("Containerfile")
  .replaceAll("\\\n", " ")
  .split("\n")
  .filter((line) => line.trim() !== "" && !line.startsWith("#"))
  .map((line) => ({ name: line.split(" ", 1)[0] ?? "", words: line.replace(/^\S+\s+/, "") }));

const wordsOf = (name: string) =>
  instructions.filter((each) => each.name === name).map(({ words }) => words);
const [user = "root"] = wordsOf("USER");
const [port = ""] = wordsOf("EXPOSE");
const ignored = textOf(".dockerignore").split("\n");

test("the image has a Node.js that the project takes", () => {
  const { engines } = z
    .object({ engines: z.object({ node: z.string() }) })
    .parse(JSON.parse(textOf("package.json")));
  const least = Number(/\d+/.exec(engines.node)?.[0]);
  const [from = ""] = wordsOf("FROM");
  expect(Number(/node:(\d+)/.exec(from)?.[1])).toBeGreaterThanOrEqual(least);
});

test("whoever runs it is not root, and owns all that a start writes beside", () => {
  expect(user).not.toBe("root");
  const names = instructions.map(({ name, words }) => (name === "RUN" ? words : name));
  expect(names.indexOf("USER")).toBeLessThan(names.indexOf("npm ci"));
  for (const words of wordsOf("COPY")) expect(words).toContain(`--chown=${user}:${user} `);
  const [made = ""] = wordsOf("RUN").filter((words) => words.includes("chown"));
  for (const place of [...wordsOf("WORKDIR"), ...wordsOf("VOLUME")]) {
    expect(made.split("chown")[1]?.split(" ")).toContain(place);
  }
});

test("all that it copies is there, and nothing that is this machine's own", () => {
  const sources = wordsOf("COPY").flatMap((words) => words.split(" ").slice(1, -1));
  expect(sources).toContain(".");
  for (const source of sources) {
    expect([source, existsSync(resolve(ROOT, source))]).toEqual([source, true]);
    expect(ignored).not.toContain(source);
  }
  const bare = ignored.map((line) => line.replace(/^\*\*\//, ""));
  const own = textOf(".gitignore").trim().split("\n");
  for (const line of own) expect(bare).toContain(line.replace(/\/$/, ""));
});

test("what it sets, and the port it opens, are what npm start reads", () => {
  const start = textOf("scripts/start.ts");
  const names = wordsOf("ENV").flatMap((words) => words.match(/\b[A-Z_]+(?==)/g) ?? []);
  expect(names).not.toEqual([]);
  for (const name of names) expect(start).toContain(`process.env.${name}`);
  expect(start).toContain(port);
  expect(wordsOf("CMD")).toEqual(['["npm", "start"]']);
  for (const file of ["README.md", "Containerfile"]) {
    expect(textOf(file)).toContain(`-p 127.0.0.1:${port}:${port}`);
  }
});

describe("its health check", () => {
  const [check = ""] = wordsOf("HEALTHCHECK").map((words) => words.split(" CMD ")[1] ?? "");

  /** @returns whether a product that answers like this counts as healthy; null for none at all. */
  async function passes(status: number | null): Promise<boolean> {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, answer) => {
      asked.push(request.url);
      answer.writeHead(status ?? 500).end("{}");
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const address = z.object({ port: z.number() }).parse(server.address());
    if (status === null) await new Promise((closed) => server.close(closed));
    const command = check.replace(`:${port}/`, `:${address.port}/`);
    const outcome = await promisify(execFile)("sh", ["-c", command]).then(
      () => true,
      () => false,
    );
    server.close();
    expect(asked).toEqual(status === null ? [] : ["/health/ready"]);
    return outcome;
  }

  test.each([
    [200, true],
    [503, false],
    [null, false],
  ])("where the product answers %s says %s", async (status, healthy) => {
    expect(await passes(status)).toBe(healthy);
  });
});
