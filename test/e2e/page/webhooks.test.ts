/** Webhooks on the page: made, tried, replayed and deleted, with a real receiver at the other end. */
import { once } from "node:events";
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { z } from "zod";
import { HAS_BROWSER } from "../browser.ts";
import { signIn } from "./sign-in.ts";
import { faultsOf, visitsOfSuite } from "./suite.ts";

interface Received {
  readonly id: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A receiver on this machine, which answers what it is told to. */
async function startReceiver() {
  const received: Received[] = [];
  const answer = { status: 200 };
  const server = createServer(async (request, response) => {
    const headers = z.record(z.string(), z.string()).parse(request.headers);
    const body = (await request.toArray()).join("");
    received.push({ id: headers["webhook-id"] ?? "", headers, body });
    response.writeHead(answer.status).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return { url: `http://127.0.0.1:${port}/hook`, received, answer };
}

describe.skipIf(!HAS_BROWSER)("webhooks", () => {
  const visit = visitsOfSuite();

  async function open() {
    const { page, complaints } = await visit(inject("demoUrl"));
    await signIn(page);
    await page.goto("/settings/webhooks");
    await page.getByText("Nothing is sent anywhere yet.").waitFor();
    const button = (name: string | RegExp) => page.getByRole("button", { name });
    const address = page.getByRole("textbox", { name: "Address" });
    async function add(url: string) {
      await address.fill(url);
      await button("Add webhook").click();
    }
    return { page, complaints, button, address, add };
  }

  test("say at the field what is wrong with an address", async () => {
    const { page, address, add } = await open();
    for (const [url, said] of [
      ["", "Please fill this in."],
      ["not an address", "Enter a whole web address, like https://example.com/hooks."],
      ["http://example.com/hook", "Use an address that begins with https://."],
      ["https://10.0.0.1/hook", "Use the address of a public host."],
      ["https://me:secret@example.com/hook", "Leave the name and the password out of the address."],
      [
        "https://example.com:8443/hook",
        "Leave the port out: only the usual one of https is allowed.",
      ],
    ] as const) {
      await add(url);
      await page.getByText(said, { exact: true }).waitFor();
      await address.and(page.locator(":focus[aria-invalid=true]")).waitFor();
    }
    await page.getByRole("checkbox", { name: "Published reports" }).uncheck();
    await add("https://example.com/hook");
    await page.getByText("Choose at least one.").waitFor();
    await page.getByText("Nothing is sent anywhere yet.").waitFor();
  });

  test("are made with a secret shown once, tried, replayed and deleted", async () => {
    const { url, received, answer } = await startReceiver();
    const { page, complaints, button, add } = await open();
    await page.getByRole("checkbox", { name: "Runs that end" }).check();
    await add(url);
    const shown = page.getByRole("region", { name: `Signing secret of ${url}` });
    const secret = (await shown.locator("output").textContent()) ?? "";
    expect(secret).toMatch(/^whsec_/);
    expect(await faultsOf(page)).toEqual([]);
    await shown.getByRole("button", { name: "Close" }).click();
    await page.reload();
    const row = page.getByRole("list", { name: "Webhooks" }).getByRole("listitem").first();
    await row.getByText("Published reports · Runs that end").waitFor();
    expect(await page.content()).not.toContain(secret);

    await button(`Send a test to ${url}`).click();
    await page.getByText("It was delivered.").waitFor();
    const deliveries = page.getByRole("list", { name: `Deliveries to ${url}` });
    await deliveries.getByText("1 try · answered 200").waitFor();
    const [sent] = received;
    expect(new Webhook(secret).verify(sent?.body ?? "", sent?.headers ?? {})).toMatchObject({
      type: "webhook.test",
    });

    answer.status = 410;
    await button(/^Send again: webhook\.test of/).click();
    await page.getByText("It was refused for good.").waitFor();
    await deliveries.getByText("Given up").waitFor();
    answer.status = 204;
    await button(/^Send again: webhook\.test of/).click();
    await deliveries.getByText("1 try · answered 204").waitFor();
    expect(received.map(({ id }) => id)).toEqual([sent?.id, sent?.id, sent?.id]);

    answer.status = 500;
    await button(`Send a test to ${url}`).click();
    await page.getByText("It was not taken yet, and is tried again.").waitFor();
    await deliveries.getByText("Still tried").waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await faultsOf(page)).toEqual([]);
    }
    answer.status = 200;
    // Looking for faults takes as long as another try or two on a busy machine.
    await deliveries.getByText(/[2-9] tries · answered 200/).waitFor();

    await button(`Delete the webhook ${url}`).click();
    await button("Delete webhook").click();
    await page.getByText("Nothing is sent anywhere yet.").waitFor();
    await page.getByText("The webhook is deleted.").waitFor();
    expect(complaints).toEqual([]);
  });
});
