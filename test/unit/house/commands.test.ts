/** Every block of commands in the documents is run by a test, or says itself why it is not. */
import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { allBlocks, type Block, DOCUMENTS, ROOT, textOf } from "../../documents/blocks.ts";

interface Run {
  readonly document: string;
  /** Words of the block that no other block of the document has. */
  readonly holds: string;
  /** The file that runs it, and the words there by which it does. */
  readonly by: string;
  readonly with: string;
}

const inReadme = "test/e2e/readme.test.ts";
const readme = (holds: string): Run => ({
  ...{ document: "README.md", holds, by: inReadme, with: holds },
});

/** What is run, and by whom. */
const RUNS: readonly Run[] = [
  readme("# Open a thread."),
  readme("/v1/chat/completions"),
  readme("verify-log"),
  readme("/api/keys"),
  readme("/api/organization"),
  readme("spend-logs"),
  readme("/api/account/export"),
  readme("generate-usage"),
  {
    document: "README.md",
    holds: "npm ci && npm start",
    by: "test/e2e/product.ts",
    with: "attemptStart",
  },
  {
    document: "README.md",
    holds: "OPENAI_API_KEY=… MODEL=gpt-5-mini npm start",
    by: "test/e2e/setup.ts",
    with: "openaiSettings(",
  },
  {
    document: "README.md",
    holds: "npm run chat",
    by: "test/e2e/terminal-program.ts",
    with: "src/terminal/main.ts",
  },
  { document: "README.md", holds: "npm ci && npm test", by: ".ci/run", with: "npm test" },
  { document: "CONTRIBUTING.md", holds: "npm ci && npm test", by: ".ci/run", with: "npm test" },
  {
    document: "docs/deploy.md",
    holds: "npm run deploy",
    by: "test/e2e/deploy.test.ts",
    with: '"deploy.ts"',
  },
  {
    document: "docs/deploy.md",
    holds: "--no-data",
    by: "test/e2e/backup.test.ts",
    with: '"--no-data"',
  },
  {
    document: "docs/sdk.md",
    holds: "npm run build:sdk",
    by: "test/doors/sdk/published-sdk.ts",
    with: '"build:sdk"',
  },
];

/** A reason that the reader sees too. */
const REASON = /^# Not run by the tests: \w.{10,}\.$/m;
const SHELLS = ["sh", "bash", "shell", "console", "zsh"];

const blocks = allBlocks().filter(({ language }) => SHELLS.includes(language));
const named = blocks.map((block): [string, Block] => [
  `${block.document}: ${block.text.split("\n").find((line) => !line.startsWith("#"))}`,
  block,
]);

function runsOf(block: Block): Run[] {
  return RUNS.filter(
    ({ document, holds }) => document === block.document && block.text.includes(holds),
  );
}

describe("the commands of", () => {
  test.each(named)("%s", (_, block) => {
    const accounts = runsOf(block).length + (REASON.test(block.text) ? 1 : 0);
    expect(accounts, "run by one of RUNS, or with a line “# Not run by the tests: …”").toBe(1);
  });
});

test("there are documents, and blocks of commands in them", () => {
  expect(DOCUMENTS).toEqual(expect.arrayContaining(["README.md", "docs/deploy.md"]));
  expect(blocks.length).toBeGreaterThan(20);
});

test.each(RUNS)(
  "$by runs what $document says of $holds",
  ({ document, holds, by, with: words }) => {
    const meant = blocks.filter((one) => one.document === document && one.text.includes(holds));
    expect(meant).toHaveLength(1);
    expect(textOf(by)).toContain(words);
  },
);

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(textOf("package.json")));

/** A command of the project's with its options, in a block or in a line of text. */
const COMMAND = /npm run (?:-s |--silent )?([\w:-]+)((?: -- [^#`\n|]*)?)/g;

/** Of a database by its binding, which wrangler.toml has for each environment anew. */
const DATABASE_COMMAND = /wrangler d1 [a-z -]+ (?:DB|HISTORY_\d)\b[^`\n]*/g;

describe.each(DOCUMENTS)("in %s", (document) => {
  const commands = [...textOf(document).matchAll(COMMAND)];

  test("every npm script is there, and every option of it is one that it knows", () => {
    for (const [, name = "", given = ""] of commands) {
      expect(Object.keys(scripts)).toContain(name);
      const [program] = scripts[name]?.match(/(?:scripts|bench|src)\/[\w/-]+\.ts/) ?? [];
      if (program === undefined) continue;
      const source = sourceOf(program);
      for (const [, option = ""] of given.matchAll(/ --([a-z][\w-]*)/g)) {
        const known = new RegExp(`--${option}\\b|\\b${option}"?: \\{ type`);
        expect([name, option, known.test(source)]).toEqual([name, option, true]);
      }
    }
  });

  test("every question to a database of the platform names its environment, whose binding it is", () => {
    for (const [command] of textOf(document).matchAll(DATABASE_COMMAND))
      expect(command).toMatch(/ --(?:env \w+|local)/);
  });

  test("every path of the repository that it names is there", () => {
    const paths = textOf(document).matchAll(
      /`((?:src|test|bench|scripts|migrations|docs)\/[\w./-]*\w)`/g,
    );
    for (const [, path = ""] of paths)
      expect([path, existsSync(resolve(ROOT, path))]).toEqual([path, true]);
  });
});

/** A program, with all of its own files: its options are read in one of them. */
function sourceOf(program: string): string {
  const found = new Set([program]);
  for (const path of found) {
    for (const [, imported = ""] of textOf(path).matchAll(/from "(\.{1,2}\/[^"]+\.ts)"/g))
      found.add(relative(ROOT, resolve(ROOT, path, "..", imported)));
  }
  return [...found].map(textOf).join("\n");
}
