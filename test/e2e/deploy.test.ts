/** What brings the product to the platform, with a platform that is made up and a live address that is real. */
import { globSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import {
  type Answer,
  askedMark,
  BEGINNING,
  type Checkout,
  marked,
  newCheckout,
  served,
  WELL,
} from "./made-up-platform.ts";

let checkout: Checkout;
let broken: Server;
let brokenUrl: string;
beforeEach(async () => {
  checkout = await newCheckout();
  broken = createServer((_, answer) => answer.end("Welcome to nginx!"));
  await new Promise<void>((resolve) => broken.listen(0, "127.0.0.1", resolve));
  brokenUrl = `http://127.0.0.1:${z.object({ port: z.number() }).parse(broken.address()).port}`;
});
afterEach(async () => {
  broken.closeAllConnections();
  await new Promise((resolve) => broken.close(resolve));
  await checkout.remove();
});

/** @returns who the smoke test made in the product's database, and left there. */
function smokeAccounts(): unknown[] {
  const files = globSync(join(inject("demoState"), "v3/d1/**/*.sqlite"));
  const file = files.find((name) => /[0-9a-f]{64}\.sqlite$/.test(name)) ?? "";
  using database = new DatabaseSync(file, { readOnly: true });
  return database.prepare("SELECT email FROM users WHERE email LIKE 'smoke-%'").all();
}

const ENV = ["--env", "production"];

/** Shards of which one is not bound. */
const UNBOUND = JSON.stringify([
  { from: "1970-01-01T00:00:00Z", databases: ["DB", "HISTORY_1", "HISTORY_2"] },
]);

describe("a deployment", () => {
  test("that does not do what it must is taken back, and says so", async () => {
    const { code, output, asked } = await checkout.run("deploy.ts", [...ENV, "--url", brokenUrl]);
    expect(output).toContain("Taken back: version version-before serves again.");
    expect(code).toBe(1);
    expect(asked.at(-1)).toBe(
      "wrangler rollback version-before --message The smoke test failed --yes --env production",
    );
  });

  test("that there was none before has no way back, and says so", async () => {
    const answers = {
      ...WELL,
      "wrangler deployments status": { code: 1, text: "This Worker does not exist" },
    };
    const { code, output, asked } = await checkout.run(
      "deploy.ts",
      [...ENV, "--url", brokenUrl],
      answers,
    );
    expect(code).toBe(1);
    expect(output).toContain("there is no version to go back to");
    expect(asked.some((line) => line.startsWith("wrangler rollback"))).toBe(false);
  });

  test.each([
    ["a secret is missing", "wrangler secret list", { text: "[]" }, "JWT_SIGNING_KEYS"],
    [
      "an era in use is gone",
      "wrangler d1 execute",
      served([BEGINNING, "DB"], ["2026-01-01T00:00:00.000Z", "HISTORY_1", "DB"]),
      "✗ History: HISTORY_SHARDS: the era from 2026-01-01T00:00:00.000Z is in use with HISTORY_1, DB",
    ],
    [
      "databases have changed places",
      askedMark("DB"),
      marked("HISTORY_1"),
      "✗ Databases: DB is bound to the database that is in use as HISTORY_1: put its own database_id back",
    ],
    ["the lint fails", "npm run check", { code: 1, text: "an unused import" }, "unused import"],
    ["a migration fails", "wrangler d1 migrations apply", { code: 1 }, "migrations of DB failed"],
  ])("is not begun where %s", async (_, asked, answer, said) => {
    const done = await checkout.run("deploy.ts", [...ENV, "--url", brokenUrl], {
      ...WELL,
      [asked]: answer,
    });
    expect(done.code).toBe(1);
    expect(done.output).toContain(said);
    expect(done.asked.filter((line) => /^wrangler deploy /.test(line))).toEqual([]);
  });

  test("is checked, migrated, made and looked at, in this order", async () => {
    const answers = { ...WELL, "wrangler deploy ": { text: "Deployed apex-edge" } };
    const url = inject("demoUrl");
    const { code, output, asked } = await checkout.run(
      "deploy.ts",
      [...ENV, "--url", url],
      answers,
    );
    expect(output).toContain(`All 25 checks of ${url} hold.`);
    expect(code).toBe(0);
    expect(output).toContain("bookmark-1");
    expect(smokeAccounts()).toEqual([]);
    expect(asked).toEqual([
      "wrangler secret list --format json --env production",
      "wrangler d1 migrations list DB --remote --env production",
      "wrangler d1 migrations list HISTORY_1 --remote --env production",
      askedMark("DB"),
      askedMark("HISTORY_1"),
      expect.stringMatching(/^wrangler d1 execute DB --remote --env production --json --command/),
      "npm run check",
      "npm run build",
      "wrangler deployments status --json --env production",
      "wrangler d1 time-travel info DB --json --env production",
      "wrangler d1 time-travel info HISTORY_1 --json --env production",
      "wrangler d1 migrations apply DB --remote --env production",
      "wrangler d1 migrations apply HISTORY_1 --remote --env production",
      "wrangler deploy --env production",
    ]);
  });

  test("is not made of what nobody named", async () => {
    for (const args of [[], ["--env", "development"]]) {
      const { code, asked } = await checkout.run("deploy.ts", args);
      expect(code).toBe(2);
      expect(asked).toEqual([""]);
    }
  });
});

describe("the doctor", () => {
  test("names what stands in the way, how it is mended, and no secret", async () => {
    const secret = "sk-of-nobody-at-all";
    await writeFile(
      join(checkout.directory, ".dev.vars.production"),
      `JWT_SECRET=too-short\nOPENAI_API_KEY=${secret}\nGITHUB_CLIENT_ID=an-id\nHISTORY_SHARDS=${UNBOUND}\n`,
    );
    const { code, output } = await checkout.run("doctor.ts", [...ENV, "--url", brokenUrl]);
    expect(code).toBe(1);
    expect(output).toContain("JWT_SECRET: must be at least 32 characters");
    expect(output).toContain("GITHUB_CLIENT_SECRET: must be set where GITHUB_CLIENT_ID is");
    expect(output).toContain(
      "✗ History: HISTORY_SHARDS names what is bound to no database: HISTORY_2.",
    );
    expect(output).toContain("✗ Deployment");
    expect(output).not.toContain(secret);
  });

  test("takes what is no secret from wrangler.toml, as the platform does", async () => {
    const file = join(checkout.directory, "wrangler.toml");
    const ours = 'ENVIRONMENT = "production"\n';
    const vars = 'GITHUB_CLIENT_ID = "an-id"\nMODEL_PROVIDER = "demo"\nTRACE_SAMPLE = "2"\n';
    await writeFile(file, (await readFile(file, "utf8")).replace(ours, ours + vars));
    await writeFile(
      join(checkout.directory, ".dev.vars.production"),
      `JWT_SECRET=${"s".repeat(32)}\nGITHUB_CLIENT_SECRET=a-secret\nTRACE_SAMPLE=1\n`,
    );
    const names = [{ name: "JWT_SECRET" }, { name: "GITHUB_CLIENT_SECRET" }];
    const answers = { ...WELL, "wrangler secret list": { text: JSON.stringify(names) } };
    const { output } = await checkout.run("doctor.ts", ENV, answers);
    expect(output).toContain("✓ Secrets: 2 are there.");
    expect(output).toContain("TRACE_SAMPLE: must be from 0 to 1");
  });

  test("has nothing to mend where all is well", async () => {
    const { code, output } = await checkout.run("doctor.ts", [...ENV, "--url", inject("demoUrl")]);
    expect(output).toContain("Nothing stands in the way.");
    expect(output).toContain("✓ History: It is in DB. So it was before.");
    expect(output).toContain("✓ Databases: Never used until now: HISTORY_1.");
    expect(code).toBe(0);
  });

  test.each<[string, Answer, string]>([
    [
      "was not there yet",
      { code: 1, text: "no such table: history_eras" },
      "✓ History: It is in DB. Nothing is remembered of it yet.",
    ],
    [
      "is not told",
      { code: 1, text: "✘ [ERROR] Authentication error" },
      "? History: It is in DB. What was served before is not told: Authentication error",
    ],
  ])("says of eras whose memory %s that it is so", async (_, answer, said) => {
    const { output } = await checkout.run("doctor.ts", ENV, {
      ...WELL,
      "wrangler d1 execute": answer,
    });
    expect(output).toContain(said);
  });
});

describe("the smoke test", () => {
  test("holds a stranger's page to nothing less", async () => {
    const { code, output } = await checkout.run("smoke.ts", [brokenUrl]);
    expect(code).toBe(2);
    expect(output).toContain("✗ Every part is healthy");
    expect(output).not.toContain("✓ Nobody is let in");
  });
});
