/** Signing in to an MCP server in a real browser, which leaves the page for it and comes back. */
import { describe, expect, inject, test } from "vitest";
import { startProtected } from "../../doors/mcp-client/sign-in-browser.ts";
import { HAS_BROWSER } from "../browser.ts";
import { signIn } from "./sign-in.ts";
import { visitsOfSuite } from "./suite.ts";

describe.skipIf(!HAS_BROWSER)("the settings", () => {
  const visit = visitsOfSuite();

  test("sign in to an MCP server that asks for it, there and back, and out again", async () => {
    const there = await startProtected();
    try {
      const { page, complaints } = await visit(inject("demoUrl"));
      await signIn(page);
      await page.goto("/settings/servers");
      await page.getByRole("textbox", { name: "Name" }).fill("guarded");
      await page.getByRole("textbox", { name: "Address" }).fill(there.remote.url);
      await page.getByRole("button", { name: "Connect" }).click();
      await page.getByText("Sign-in needed").waitFor();
      await page.getByRole("button", { name: "Sign in to guarded" }).click();
      await page.getByText(`Signed in at ${there.authority.issuer}`).waitFor();
      expect(new URL(page.url()).pathname).toBe("/settings/servers");
      await page.getByText("Healthy").waitFor();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByText("You are signed out of guarded.").waitFor();
      await page.getByText("Sign-in needed").waitFor();
      expect(complaints).toEqual([]);
    } finally {
      await there.close();
    }
  });
});
