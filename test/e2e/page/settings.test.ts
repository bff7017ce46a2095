/** The settings in a real browser, against the real server. */
import { readFile } from "node:fs/promises";
import { describe, expect, inject, test } from "vitest";
import { ExportLine } from "../../../src/protocol/account.ts";
import { HAS_BROWSER } from "../browser.ts";
import { newPerson } from "../person.ts";
import { signIn } from "./sign-in.ts";
import { faultsOf, visitsOfSuite } from "./suite.ts";

const SECTIONS = [
  ["profile", "Profile"],
  ["sessions", "Sessions"],
  ["keys", "API keys"],
  ["servers", "MCP servers"],
  ["webhooks", "Webhooks"],
  ["limits", "Limits and use"],
  ["budget", "Budget"],
  ["team", "Team"],
  ["data", "Your data"],
] as const;

describe.skipIf(!HAS_BROWSER)("the settings", () => {
  const visit = visitsOfSuite();

  /** A signed-in page at a section. */
  async function open(section: string) {
    const { page, complaints } = await visit(inject("demoUrl"));
    const email = await signIn(page);
    await page.goto(`/settings/${section}`);
    await page.getByRole("navigation", { name: "Settings" }).waitFor();
    return { page, email, complaints };
  }

  test("say that there is no such section", async () => {
    const { page } = await open("nowhere");
    await page.getByText("There is nothing at this address.").waitFor();
  });

  test("are without faults to axe, section by section, in light and dark", async () => {
    const { page, complaints } = await open("profile");
    for (const [section, title] of SECTIONS) {
      await page.getByRole("link", { name: title, exact: true }).click();
      await page.getByRole("heading", { name: title, exact: true, level: 2 }).waitFor();
      expect(new URL(page.url()).pathname).toBe(`/settings/${section}`);
      const loading = page.locator("main [aria-busy=true], main .loading").first();
      await loading.waitFor({ state: "detached" });
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await faultsOf(page)).toEqual([]);
      }
    }
    expect(complaints).toEqual([]);
  }, 180_000);

  test("make a key that signs a program in until it is revoked", async () => {
    const { page, complaints } = await open("keys");
    await page.getByRole("button", { name: "Make key" }).click();
    const name = page.getByRole("textbox", { name: "Name" });
    const empty = { name: "Name", description: /^What will use it.* Please fill this in\.$/ };
    await page.getByRole("textbox", empty).and(page.locator(":focus[aria-invalid=true]")).waitFor();

    await name.fill("Nightly report");
    const scopes = page.getByRole("group", { name: "What it may do" });
    const chosen = scopes.getByRole("checkbox", { checked: true });
    while ((await chosen.count()) > 0) await chosen.first().uncheck();
    await page.getByRole("button", { name: "Make key" }).click();
    const none = { name: "Read threads", description: "Choose at least 1." };
    await scopes.getByRole("checkbox", none).and(page.locator(":focus")).waitFor();
    await scopes.getByRole("checkbox", { name: "Read threads" }).check();
    await page.getByRole("button", { name: "Make key" }).click();
    const shown = page.getByRole("region", { name: "Your new key “Nightly report”" });
    const key = (await shown.locator("output").textContent()) ?? "";
    const ask = () =>
      fetch(`${inject("demoUrl")}/api/threads`, { headers: { authorization: `Bearer ${key}` } });
    expect((await ask()).status).toBe(200);

    await shown.getByRole("button", { name: "Close" }).click();
    await shown.waitFor({ state: "detached" });
    await page.reload();
    const keys = page.getByRole("list", { name: "API keys" });
    await keys.getByText(/^Valid until .* Last used/).waitFor();
    expect(await page.content()).not.toContain(key);

    await keys.getByRole("button", { name: "Revoke the key Nightly report" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    expect((await ask()).status).toBe(200);
    await keys.getByRole("button", { name: "Revoke the key Nightly report" }).click();
    await page.getByRole("button", { name: "Revoke key" }).click();
    await keys.getByText(/^Revoked on/).waitFor();
    expect((await ask()).status).toBe(401);
    expect(complaints).toEqual([]);
  });

  test("end another session, which is signed out then", async () => {
    const { page, email } = await open("sessions");
    const other = await newPerson(inject("demoUrl"), email);
    await page.reload();
    const sessions = page.getByRole("list", { name: "Sessions" }).getByRole("listitem");
    await sessions.nth(1).waitFor();
    expect(await sessions.count()).toBe(2);
    await page.getByRole("button", { name: /^End the session/ }).click();
    await page.getByRole("button", { name: "End session" }).click();
    await page.getByText("The session has ended.").waitFor();
    expect(await sessions.count()).toBe(1);
    expect(await sessions.textContent()).toContain("This session");
    const { refresh_token } = other.credentials;
    expect((await other.request("POST", "/api/auth/refresh", { refresh_token })).status).toBe(401);
  });

  test("change a password only for who knows the old one, and sign out everywhere else", async () => {
    const { page, complaints } = await visit(inject("demoUrl"));
    await page.goto("/");
    const email = `pat-${Date.now()}@example.com`;
    await page.getByRole("button", { name: "I am new here" }).click();
    await page.getByRole("textbox", { name: "Email" }).fill(email);
    await page.getByLabel("Password").fill("first long password");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("button", { name: "New thread" }).waitFor({ state: "attached" });
    await page.goto("/settings/profile");

    await page.getByLabel("Current password").fill("not my password");
    await page.getByLabel("New password").fill("second long password");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("This is not your password.").waitFor();
    expect(new URL(page.url()).pathname).toBe("/settings/profile");

    await page.getByLabel("Current password").fill("first long password");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("Your password is changed").waitFor();
    const login = (password: string) =>
      fetch(`${inject("demoUrl")}/api/auth/login`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ email, password }),
      });
    expect((await login("first long password")).status).toBe(401);
    expect((await login("second long password")).status).toBe(200);
    // The one refusal is all that the browser had to say.
    expect(complaints.filter((each) => !each.includes("401"))).toEqual([]);
  });

  test("set a budget, which is seen, kept and taken away again", async () => {
    const { page, complaints } = await open("budget");
    const amount = page.getByRole("textbox", { name: "Monthly budget in US dollars" });
    await amount.fill("plenty");
    await page.getByRole("button", { name: "Set budget" }).click();
    await page.getByText("Enter an amount in figures, like 250.").waitFor();
    await amount.fill("250");
    await page.getByRole("button", { name: "Set budget" }).click();
    await page.getByText("$0.00 of $250.00 spent this month").waitFor();
    await page.reload();
    await page.getByText("$0.00 of $250.00 spent this month").waitFor();
    expect(await amount.inputValue()).toBe("250");
    await page.getByRole("button", { name: "Remove budget" }).click();
    await page.getByText("No budget is set.").waitFor();
    expect(complaints).toEqual([]);
  });

  test("tell of an MCP server that does not answer, and remove it", async () => {
    const { page } = await open("servers");
    await page.getByRole("textbox", { name: "Name" }).fill("Not A Name");
    await page.getByRole("textbox", { name: "Address" }).fill("https://mcp.example.com/mcp");
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByText("This is not in the form that is asked for.").waitFor();
    await page.getByRole("textbox", { name: "Name" }).fill("nobody");
    await page.getByRole("textbox", { name: "Address" }).fill("http://127.0.0.1:9/mcp");
    await page.getByRole("button", { name: "Connect" }).click();
    const server = page.getByRole("list", { name: "MCP servers" }).getByRole("listitem");
    await server.getByText("Failing").waitFor();
    await server.getByText(/Look whether its address is right\.$/).waitFor();
    await page.getByRole("button", { name: "Remove nobody" }).click();
    await page.getByRole("button", { name: "Remove server" }).click();
    await page.getByText("No server is connected yet.").waitFor();
  });

  test("make a team, and an invitation that brings somebody into it", async () => {
    const { page, complaints } = await open("team");
    const guest = await newPerson(inject("demoUrl"));
    await page.getByRole("textbox", { name: "Name of the team" }).fill("Blue team");
    await page.getByRole("button", { name: "Make a team" }).click();
    await page.getByText("Blue team").waitFor();
    await page.getByRole("textbox", { name: "Email" }).fill(guest.email);
    await page.getByRole("button", { name: "Make invitation" }).click();
    const token = await page
      .getByRole("region", { name: `Invitation of ${guest.email}` })
      .locator("output")
      .textContent();
    const joined = await guest.request("POST", "/api/organization/invitations/accept", { token });
    expect(joined.status).toBe(200);
    await page.reload();
    const members = page.getByRole("list", { name: "Members" });
    await members.getByText(guest.email).waitFor();
    await members.getByRole("combobox").selectOption("admin");
    await page.getByText("Done.").waitFor();
    expect(await faultsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("give everything that is kept as one file", async () => {
    const { page, email } = await open("data");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export as NDJSON" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("apex-edge-export.ndjson");
    const lines = (await readFile(await download.path(), "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => ExportLine.parse(JSON.parse(line)));
    expect(lines[0]).toMatchObject({ kind: "export", user: { email } });
    expect(lines.at(-1)).toEqual({ kind: "end", lines: lines.length });
  });

  test("delete the account for who types its address, and for nobody else", async () => {
    const { page, email } = await open("data");
    await page.getByRole("button", { name: "Delete account…" }).click();
    const address = page.getByRole("textbox", { name: "Your email address" });
    await address.fill("somebody@example.com");
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Delete everything" }).click();
    await page.getByText("This is not the email address of your account.").waitFor();
    await address.fill(email);
    await page.getByRole("button", { name: "Delete everything" }).click();
    await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
    const again = await newPerson(inject("demoUrl"), email);
    expect(Date.now() - Date.parse(again.credentials.user.created_at)).toBeLessThan(60_000);
  });
});
