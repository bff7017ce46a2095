/** The threat model stays true: what it names, as code that answers a threat or as its proof, is there. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const MODEL = readFileSync(join(ROOT, "docs/security.md"), "utf8");
const PATH = /`((?:src|test|bench|scripts|migrations|docs)\/[\w./-]+)`/g;

/** Named already, by those who write it at this moment. */
const ON_ITS_WAY: ReadonlySet<string> = new Set([
  "src/account/budget.ts",
  "src/account/quotas.ts",
  "src/auth/csrf.ts",
  "src/auth/external-issuers.ts",
  "src/auth/oauth/oauth-sign-in.ts",
  "src/auth/signing-keys.ts",
  "src/core/redact.ts",
  "src/http/body.ts",
  "src/http/headers.ts",
  "src/store/account-rows.ts",
  "src/store/organizations.ts",
  "src/store/sign-in-failures.ts",
  "src/thread/command-rate.ts",
  "test/e2e/edges.test.ts",
  "test/worker/account/deletion.test.ts",
  "test/worker/account/quotas.test.ts",
  "test/worker/account/revocation.test.ts",
  "test/worker/http/audit.test.ts",
  "test/worker/http/cookies.test.ts",
  "test/worker/http/edges.test.ts",
  "test/worker/http/external-issuers.test.ts",
  "test/worker/http/oauth-attacks.test.ts",
  "test/worker/http/organization.test.ts",
  "test/worker/http/permissions.test.ts",
  "test/worker/http/secrets.test.ts",
  "test/worker/thread/permitted-tools.test.ts",
  "test/worker/thread/quotas.test.ts",
]);

const named = [...new Set([...MODEL.matchAll(PATH)].map(([, path = ""]) => path))];

test("every path that the threat model names is there", () => {
  const absent = named.filter((path) => !existsSync(join(ROOT, path)));

  expect(named.length).toBeGreaterThan(50);
  expect(absent.filter((path) => !ON_ITS_WAY.has(path))).toEqual([]);
});

test("every threat names the code that answers it, and the test that proves it", () => {
  const threats = MODEL.split("\n").filter((line) => /^\| [STRIDE] \|/.test(line));

  expect(threats.length).toBeGreaterThan(25);
  for (const threat of threats) {
    const [, , , answer = "", proof = ""] = threat.split("|");
    expect([threat, /`src\/|Cache-Control|documented/.test(answer)]).toEqual([threat, true]);
    expect([threat, /`test\//.test(proof)]).toEqual([threat, true]);
  }
});
