/** The edges of the running product: what its pages may do in a real browser, and what it prints. */
import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { HAS_BROWSER, launchBrowser, visit } from "./browser.ts";
import { newPerson } from "./person.ts";
import {
  openaiSettings,
  type Product,
  startProduct,
  temporaryState,
  WITHOUT_USAGE,
} from "./product.ts";
import { eventually } from "./within.ts";

const MODEL_KEY = "sk-live-0123456789abcdefghijklmnop";
const ALLOWED = "https://app.example.com";
const Credentials = z.object({ access_token: z.string(), refresh_token: z.string() });

describe.skipIf(!HAS_BROWSER)("in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  /** Opens a page. @returns what it violated of its policy, as it is told. */
  async function watched(path: string): Promise<{ page: Page; violations: string[] }> {
    const { page } = await visit(browser, inject("demoUrl"));
    const violations: string[] = [];
    await page.exposeFunction("violated", (directive: string) => violations.push(directive));
    await page.addInitScript(
      `addEventListener("securitypolicyviolation", (event) =>
         violated(event.effectiveDirective + " " + event.blockedURI));`,
    );
    await page.goto(path);
    return { page, violations };
  }

  test("the page works, its socket included, without breaking its policy once", async () => {
    const { page, violations } = await watched("/");
    await page.getByRole("textbox", { name: "Developer" }).fill(`${randomUUID()}@example.com`);
    await page.getByRole("button", { name: "Continue as developer" }).click();
    await page.getByRole("button", { name: "New thread" }).click();
    await page.getByRole("textbox", { name: "Message" }).fill("Where does our money go, by team?");
    await page.getByRole("button", { name: "Send" }).click();
    const answer = page.getByRole("article", { name: "Apex Edge" });
    await answer.getByText(/^Completed/).waitFor();

    expect(violations).toEqual([]);
  });

  test("the documentation works, an operation opened, without breaking its policy once", async () => {
    const { page, violations } = await watched("/docs");
    // The first of all: others are shown when one scrolls to them.
    await page.getByText("/health/live").first().click();
    await page.getByRole("button", { name: "Try it out" }).first().waitFor();

    expect(violations).toEqual([]);
  });

  test.each([
    [
      "an inline script",
      "script-src-elem",
      "s = document.createElement('script'); s.textContent = '1'; document.head.append(s)",
    ],
    [
      "a script of another host",
      "script-src-elem",
      "s = document.createElement('script'); s.src = 'https://evil.test/x.js'; document.head.append(s)",
    ],
    [
      "an inline style",
      "style-src-elem",
      "s = document.createElement('style'); s.textContent = 'b{}'; document.head.append(s)",
    ],
    ["a handler in an attribute", "script-src-attr", "document.body.setAttribute('onclick', '1')"],
    ["a request to another host", "connect-src", "void fetch('https://evil.test/').catch(() => 0)"],
    ["a picture of another host", "img-src", "void (new Image().src = 'https://evil.test/x.png')"],
    [
      "a frame",
      "frame-src",
      "f = document.createElement('iframe'); f.src = 'https://evil.test/'; document.body.append(f)",
    ],
  ])("%s is kept from the page", async (_, directive, attack) => {
    const { page, violations } = await watched("/");
    await page.evaluate(`(() => { let s, f; ${attack}; })()`);

    await expect.poll(() => violations.join()).toContain(directive);
  });
});

describe("of the running product", () => {
  let product: Product;
  let state: Awaited<ReturnType<typeof temporaryState>>;
  beforeAll(async () => {
    state = await temporaryState();
    product = await startProduct(state.path, {
      ...WITHOUT_USAGE,
      ...openaiSettings(inject("modelServerUrl"), MODEL_KEY),
      ALLOWED_ORIGINS: ALLOWED,
      WRANGLER_LOG: "log",
    });
  });
  afterAll(async () => {
    await product?.kill();
    await state?.remove();
  });

  const post = (path: string, body: unknown, token = "") =>
    fetch(`${product.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });

  test("the pages carry their headers, and so do answers that are no page", async () => {
    for (const path of ["/", "/docs", "/t/anything", "/icon.svg"]) {
      const { headers } = await fetch(`${product.url}${path}`);
      expect(headers.get("content-security-policy")).toMatch(
        /default-src 'none'.*frame-ancestors 'none'/,
      );
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("strict-transport-security")).toContain("max-age");
    }
    const refused = await fetch(`${product.url}/api/threads`, { headers: { origin: ALLOWED } });
    expect(refused.headers.get("access-control-allow-origin")).toBe(ALLOWED);
    expect(refused.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("a body that comes too slowly is given up after ten seconds", async () => {
    const { hostname, port } = new URL(product.url);
    const socket = connect(Number(port), hostname);
    const head = [
      "POST /api/auth/login HTTP/1.1",
      `Host: ${hostname}`,
      "Content-Type: application/json",
    ];
    socket.write(`${head.join("\r\n")}\r\nContent-Length: 1000\r\n\r\n{`);
    const dripping = setInterval(() => socket.write(" "), 1_000);
    try {
      let answer = "";
      for await (const piece of socket.setEncoding("utf8")) {
        answer += piece;
        if (answer.includes("body_timeout")) break;
      }
      expect(answer).toMatch(/^HTTP\/1.1 408/);
    } finally {
      clearInterval(dripping);
      socket.destroy();
    }
  });

  /** Its model does not know the key, so each fails, and what is said of that is printed too. */
  const runsEnded = () => product.output().split('"event":"run.ended"').length - 1;

  test("no secret is in what it printed", async () => {
    const [email, password, wrong] = [`${randomUUID()}@example.com`, randomUUID(), randomUUID()];
    const signedUp = Credentials.parse(
      await (await post("/api/auth/register", { email, password })).json(),
    );
    await post("/api/auth/login", { email, password: wrong });
    const { refresh_token } = signedUp;
    const fresh = Credentials.parse(
      await (await post("/api/auth/refresh", { refresh_token })).json(),
    );
    const { id } = z
      .object({ id: z.string() })
      .parse(await (await post("/api/threads", {}, fresh.access_token)).json());
    const ticketed = await post(`/api/threads/${id}/ticket`, {}, fresh.access_token);
    const { ticket } = z.object({ ticket: z.string() }).parse(await ticketed.json());
    const address = `${product.url.replace("http", "ws")}/api/threads/${id}/socket?ticket=${ticket}`;
    for (const _ of ["once", "again"]) {
      const socket = new WebSocket(address);
      await new Promise((resolve) => {
        socket.addEventListener("open", resolve);
        socket.addEventListener("error", resolve);
      });
      socket.close();
    }
    const words = `words ${randomUUID()}`;
    await post(`/api/threads/${id}/messages`, { content: words }, fresh.access_token);
    await eventually(
      () => runsEnded() === 1 || undefined,
      () => product.output(),
    );
    // It was used before, so this ends the session: nothing of what was used comes after it.
    await post("/api/auth/refresh", { refresh_token });
    // What is printed of a run after it comes after all that is printed of these.
    const other = await newPerson(product.url);
    await other.request("POST", `/api/threads/${await other.newThread()}/messages`, {
      content: words,
    });
    await eventually(
      () => runsEnded() === 2 || undefined,
      () => product.output(),
    );

    const secrets = { password, wrong, MODEL_KEY, ticket, words, email, refresh_token };
    const tokens = {
      first: signedUp.access_token,
      access: fresh.access_token,
      next: fresh.refresh_token,
    };
    const printed = product.output();
    const found = Object.entries({ ...secrets, ...tokens }).filter(([, it]) =>
      printed.includes(it),
    );
    expect(found.map(([name]) => name)).toEqual([]);
    expect(printed).not.toMatch(/eyJ[\w-]{10}/);
  });
});
