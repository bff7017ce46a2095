/** What every journey over the page begins with: signing in, a thread, a question. */
import { randomUUID } from "node:crypto";
import type { Locator, Page } from "playwright-core";

/** Signs in as a developer: whom nobody else is, where no email is given. @returns the email. */
export async function signIn(page: Page, email = `${randomUUID()}@example.com`): Promise<string> {
  await page.goto("/");
  await page.getByRole("textbox", { name: "Developer" }).fill(email);
  await page.getByRole("button", { name: "Continue as developer" }).click();
  await page.getByRole("form", { name: "Development" }).waitFor({ state: "detached" });
  return email;
}

export function messageBox(page: Page): Locator {
  return page.getByRole("textbox", { name: "Message", exact: true });
}

export async function beginThread(page: Page): Promise<void> {
  await page.getByRole("button", { name: "New thread" }).click();
  await messageBox(page).waitFor();
}

export async function ask(page: Page, question: string): Promise<void> {
  await messageBox(page).fill(question);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

export function lastAnswer(page: Page): Locator {
  return page.getByRole("article", { name: "Apex Edge" }).last();
}

/** Waits until the newest answer stands. */
export async function answered(page: Page): Promise<Locator> {
  const answer = lastAnswer(page);
  await answer.getByText(/^Completed/).waitFor();
  return answer;
}
