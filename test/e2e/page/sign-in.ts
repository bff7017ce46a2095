/** How the page's tests come in: as a developer whom nobody else is. */
import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";

/** Signs in and waits for the workspace. @returns the email address. */
export async function signIn(page: Page, email = `${randomUUID()}@example.com`): Promise<string> {
  await page.goto("/");
  await page.getByRole("textbox", { name: "Developer" }).fill(email);
  await page.getByRole("button", { name: "Continue as developer" }).click();
  await page.getByRole("form", { name: "Development" }).waitFor({ state: "detached" });
  return email;
}
