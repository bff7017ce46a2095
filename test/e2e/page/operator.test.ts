/** The operator's page in a browser: who is turned away, what it shows while parts fail, and what it mends. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { Health } from "../../../src/protocol/api.ts";
import { HAS_BROWSER, launchBrowser, visit } from "../browser.ts";
import { newPerson } from "../person.ts";
import { signIn } from "./sign-in.ts";
import { faultsOf } from "./suite.ts";

describe.skipIf(!HAS_BROWSER)("operations", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  /** Opens the page as somebody new. */
  async function open(permissions: readonly string[]) {
    const url = inject("demoUrl");
    const person = await newPerson(url, undefined, { permissions });
    const { page, complaints } = await visit(browser, url);
    await signIn(page, person.email);
    return { page, complaints, person };
  }

  test("are not for everybody: who may not is told so, by the page and by the server", async () => {
    const { page, complaints, person } = await open([]);
    expect((await person.request("GET", "/metrics")).status).toBe(404);
    await page.goto("/operator");
    await page.getByRole("heading", { name: "This page is for operators" }).waitFor();
    expect(await page.getByRole("table").count()).toBe(0);
    expect(await faultsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("show which parts fail, and lead by keys to what to do", async () => {
    const { page } = await open(["operator"]);
    await page.route("**/api/health", async (route) => {
      const health = Health.parse(await (await route.fetch()).json());
      const parts = { ...health.parts, database: "degraded", analytics: "degraded" };
      await route.fulfill({ json: { ...health, status: "degraded", parts } });
    });
    await page.route("**/api/circuit-breakers", async (route) => {
      const now = new Date().toISOString();
      const open = { state: "open", since: now, failures: 3, next_probe_at: now };
      const instances = [{ ...open, reported_at: now }];
      await route.fulfill({ json: { data: [{ ...open, part: "analytics", instances }] } });
    });
    await page.goto("/operator");
    await page.getByText("Some parts are degraded.").waitFor();
    await page.getByText("3 failures in a row").first().waitFor();
    await page.getByRole("row", { name: /^Answered/ }).waitFor();
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await faultsOf(page)).toEqual([]);
    const link = page.getByRole("link", { name: "Runbook: D1" });
    await link.focus();
    await page.keyboard.press("Enter");
    const row = page.locator("tr[aria-current]");
    await row.getByText("outbox.postponed").waitFor();
    await row.and(page.locator(":focus")).waitFor();
    await page.reload();
    await row.and(page.locator(":focus")).waitFor();
    await page.waitForLoadState("load");
    const { y } = (await row.boundingBox()) ?? { y: 0 };
    expect(y).toBeGreaterThan(100);
    // The view scrolls, and not the document around it.
    expect(await page.evaluate("document.documentElement.scrollHeight - innerHeight")).toBe(0);
  });

  test("show the figures of the server, and what happened to a user", async () => {
    const { page, complaints } = await open(["operator"]);
    const victim = await newPerson(inject("demoUrl"));
    const thread = await victim.newThread();
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto("/operator");
    await page.getByRole("heading", { name: "Health" }).waitFor();
    const answered = page.getByRole("row", { name: /^Answered/ });
    await answered.waitFor();
    expect(await answered.getByRole("cell").first().textContent()).toMatch(/^[1-9]/);

    const audit = page.getByRole("form", { name: "Audit log of a user" });
    await audit.getByLabel("User id").fill(victim.credentials.user.id);
    await audit.getByRole("button", { name: "Look up" }).click();
    await page.getByRole("cell", { name: "signed_in" }).first().waitFor();

    const letters = page.getByRole("form", { name: "Dead letters of a thread" });
    await letters.getByLabel("User id").fill(victim.credentials.user.id);
    await letters.getByLabel("Thread id").fill(thread);
    await letters.getByRole("button", { name: "Look up" }).click();
    await page.getByText("D1 refused nothing of this thread.").waitFor();
    expect(await faultsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
