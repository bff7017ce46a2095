/** Signing in at a provider as a person does: by clicks in a browser, and over real redirects between real servers. */
import { randomUUID } from "node:crypto";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { User } from "../../src/protocol/entities.ts";
import { HAS_BROWSER, launchBrowser, visit } from "./browser.ts";
import { type GitHubServer, startGitHubServer } from "./github-server.ts";
import { startProduct, temporaryState, WITHOUT_USAGE } from "./product.ts";

const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

/** @returns who an access token is of, as the product says. */
async function userOf(url: string, token: string): Promise<User> {
  const headers = { authorization: `Bearer ${token}` };
  return User.parse(await (await fetch(`${url}/api/auth/me`, { headers })).json());
}

describe.skipIf(!HAS_BROWSER)("a person who clicks through the simulated provider", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
    running.defer(() => browser.close());
  });

  test("is told in words where it was denied", async () => {
    const { page } = await visit(browser, inject("demoUrl"));
    await page.goto("/");
    await page.getByRole("link", { name: "Sign in with a simulated provider" }).click();
    await page.getByRole("button", { name: "Deny" }).click();
    const alert = page.getByRole("alert");
    await alert.waitFor();
    expect(await alert.textContent()).toContain("could not be completed");
  });

  test("is brought back with the cookies of a session", async () => {
    const { page } = await visit(browser, inject("demoUrl"));
    const email = `${randomUUID()}@example.com`;
    await page.goto("/");
    await page.getByRole("link", { name: "Sign in with a simulated provider" }).click();
    await page.getByRole("textbox", { name: "Email" }).fill(email);
    await page.getByRole("textbox", { name: "Name" }).fill("Ada");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Apex Edge" }).waitFor();
    const cookies = await page.context().cookies();
    const access = cookies.find(({ name }) => name === "__Host-apex-access");

    expect(access).toMatchObject({ httpOnly: true, secure: true });
    expect(await userOf(inject("demoUrl"), access?.value ?? "")).toMatchObject({
      email,
      name: "Ada",
    });
  });
});

describe("GitHub, on a real port,", () => {
  let github: GitHubServer;
  let url: string;

  beforeAll(async () => {
    github = await startGitHubServer();
    running.defer(() => github.close());
    const state = await temporaryState();
    running.defer(() => state.remove());
    const product = await startProduct(state.path, { ...WITHOUT_USAGE, ...github.settings });
    running.defer(async () => void (await product.stop()));
    url = product.url;
  });

  /** @returns where the sign-in ends, and the access token that it gives. */
  async function signIn(): Promise<{ end: string | null; token: string | undefined }> {
    const html = { accept: "text/html" };
    const manual = { redirect: "manual", headers: html } as const;
    const out = await fetch(`${url}/api/auth/oauth/github/start?return_to=/t/x`, manual);
    const [cookie = ""] = out.headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
    const there = await fetch(out.headers.get("location") ?? "", manual);
    const back = there.headers.get("location") ?? "";
    const done = await fetch(back, { redirect: "manual", headers: { ...html, cookie } });
    const access = done.headers
      .getSetCookie()
      .find((line) => line.startsWith("__Host-apex-access"));
    return { end: done.headers.get("location"), token: access?.split(/[=;]/)[1] };
  }

  test.each([
    ["none", []],
    ["no verified one", [{ email: "ada@example.com", primary: true, verified: false }]],
    ["no primary one", [{ email: "ada@example.com", primary: false, verified: true }]],
  ])("signs nobody in whose email addresses hold %s", async (_, emails) => {
    github.emails = emails;
    expect(await signIn()).toEqual({ end: "/?sign_in_error=sign_in_failed", token: undefined });
  });

  test("signs in by its verified primary address, and knows the account by its number again", async () => {
    github.emails = [
      { email: "other@example.com", primary: false, verified: true },
      { email: "Ada@Example.com", primary: true, verified: true },
    ];
    const first = await signIn();
    github.emails = [];
    const second = await signIn();

    expect(first.end).toBe("/t/x");
    const user = await userOf(url, first.token ?? "");
    expect(user).toMatchObject({ email: "ada@example.com", name: "ada" });
    expect(await userOf(url, second.token ?? "")).toEqual(user);
  });
});
