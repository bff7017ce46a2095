/** Hostile words in every place that shows somebody's words: nothing runs, nothing is loaded, nothing leads away. */
import type { Locator, Page } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import { HAS_BROWSER } from "../browser.ts";
import { scriptModel } from "../model-script.ts";
import { newPerson, type Person } from "../person.ts";
import { answered, ask, messageBox, signIn } from "./sign-in.ts";
import { visitsOfSuite } from "./suite.ts";

/** Each, where it worked, would set the flag, ask elsewhere, open a dialog or lead the page away. */
const HOSTILE = [
  "<script>ranHostile = true</script>",
  '<img src="https://evil.example/pixel" onerror="ranHostile = true">',
  '<iframe src="https://evil.example/frame"></iframe>',
  '<svg onload="ranHostile = true"><a href="javascript:alert(1)">svg</a></svg>',
  '<meta http-equiv="refresh" content="0;url=https://evil.example/meta">',
  '<base href="https://evil.example/">',
  '<link rel="stylesheet" href="https://evil.example/style.css">',
  '<form action="https://evil.example/form"><input name="secret" autofocus onfocus="alert(2)"></form>',
  '<details open ontoggle="alert(3)"><summary>open</summary></details>',
  "<style>@import url(https://evil.example/import.css);</style>",
  "![pixel](https://evil.example/markdown.png)",
  "![data](data:text/html,<script>alert(4)</script>)",
  "[script](javascript:alert(5))",
  "[spaced](java\nscript:alert(6))",
  "[coded](&#106;avascript:alert(7))",
  "[data](data:text/html;base64,PHNjcmlwdD5hbGVydCg4KTwvc2NyaXB0Pg==)",
  "[file](file:///etc/passwd)",
  "[reference][evil]",
  "<javascript:alert(9)>",
  "`<img src=x onerror=alert(10)>`",
  "| a |\n| --- |\n| <img src=x onerror=alert(11)> |",
  "```html\n<script>ranHostile = true</script>\n```",
  "\n[evil]: javascript:alert(12)",
  "\u202egnp.exe \u2066 \u200b",
].join("\n\n");

/** The same where there is room for one line. */
const LINE = '<img src=x onerror="ranHostile = true">[a](javascript:alert(1))';

describe.skipIf(!HAS_BROWSER)("nothing runs, loads or navigates, whatever is in", () => {
  const visit = visitsOfSuite();

  test("a question, its title, and the model's answer", async () => {
    const { page, complaints } = await visit(inject("openaiUrl"));
    const seen = watch(page, inject("openaiUrl"));
    const person = await newPerson(inject("openaiUrl"));
    await signIn(page, person.email);
    const thread = await person.newThread();
    await scriptModel([{ reasoning: `${LINE} `.repeat(3), text: HOSTILE }]);
    await page.goto(`/t/${thread}`);
    await messageBox(page).waitFor();
    await ask(page, HOSTILE);
    const answer = await answered(page);
    await person.request("PATCH", `/api/threads/${thread}`, { title: LINE });
    await page.getByRole("heading", { name: "onerror" }).first().waitFor();

    await expectHarmless(page, seen, answer);
    await page.reload();
    await expectHarmless(page, seen, await answered(page));
    expect(complaints).toEqual([]);
  });

  test("the arguments and the failure of a tool", async () => {
    const { page, complaints } = await visit(inject("openaiUrl"));
    const seen = watch(page, inject("openaiUrl"));
    const person = await newPerson(inject("openaiUrl"));
    await signIn(page, person.email);
    const thread = await person.newThread();
    const call = { name: "cost_breakdown", arguments: { group_by: LINE } };
    await scriptModel([{ tool_calls: [call] }, { text: LINE }]);
    await page.goto(`/t/${thread}`);
    await messageBox(page).waitFor();
    await ask(page, "What did it cost?");
    const answer = await answered(page);
    for (const folded of await answer.locator("summary").all()) await folded.click();
    await expectHarmless(page, seen, answer);
    expect(complaints).toEqual([]);
  });

  test("the results of a tool, from records that somebody imported", async () => {
    const { page, complaints } = await visit(inject("demoUrl"));
    const seen = watch(page, inject("demoUrl"));
    const person = await newPerson(inject("demoUrl"));
    await importTeam(person, LINE);
    await signIn(page, person.email);
    const thread = await person.newThread();
    await page.goto(`/t/${thread}`);
    await messageBox(page).waitFor();
    await ask(page, "Where does our money go, by team?");
    const answer = await answered(page);
    for (const folded of await answer.locator("summary").all()) await folded.click();
    expect(await answer.textContent()).toContain("onerror");
    await expectHarmless(page, seen, answer);
    expect(complaints).toEqual([]);
  });
});

/** What a page did that it must not: requests to elsewhere, dialogs, other documents and windows. */
interface Seen {
  readonly misdeeds: string[];
}

function watch(page: Page, origin: string): Seen {
  const misdeeds: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith(origin.replace(/^http/, "ws"))) {
      misdeeds.push(`${request.resourceType()} ${url}`);
    }
  });
  page.on("dialog", (dialog) => {
    misdeeds.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("popup", (popup) => misdeeds.push(`window ${popup.url()}`));
  page.on("framenavigated", (frame) => {
    if (!frame.url().startsWith(origin)) misdeeds.push(`document ${frame.url()}`);
  });
  return { misdeeds };
}

/** Of what the words ask for, nothing is in the document, and clicking what is there leads nowhere. */
async function expectHarmless(page: Page, { misdeeds }: Seen, answer: Locator): Promise<void> {
  const planted = page.locator(
    "main :is(script, img, iframe, meta, base, link, style, [name=secret])",
  );
  expect(await planted.count()).toBe(0);
  // As the browser understands them, however they are written.
  const addresses = "[...document.querySelectorAll('main a[href]')].map(({ href }) => href)";
  for (const address of await page.evaluate<string[]>(addresses)) {
    expect(address).toMatch(/^(https?|mailto):/);
  }
  for (const words of ["script", "spaced", "coded", "file"]) {
    const dead = answer.getByText(words, { exact: true });
    for (const each of await dead.all()) await each.click();
  }
  expect(await page.evaluate("typeof ranHostile")).toBe("undefined");
  expect(misdeeds).toEqual([]);
}

/** A record of a team of that name, which is all the usage the person then has. */
async function importTeam(person: Person, team: string): Promise<void> {
  const record = {
    record_id: "hostile-1",
    ts: Date.now() - 3_600_000,
    provider: "openai",
    request_model: "gpt-5.4",
    input_tokens: 1_000,
    output_tokens: 100,
    team,
  };
  const answer = await person.request("POST", "/api/usage/records", { records: [record] });
  expect(await answer.json()).toMatchObject({ stored: 1 });
}
