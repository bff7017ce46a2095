/** An upload that stops in its middle until a test lets it go on: with its page, or without. */
import { once } from "node:events";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import type { Page } from "playwright-core";
import { eventually } from "../within.ts";

export interface HeldUpload {
  /** Asks the product, in the name of whoever uploads. */
  ask(path: string): Promise<unknown>;
  /** Sends the rest. @returns what the server said to the whole. */
  release(): Promise<string>;
}

/**
 * Takes over the next import that the page sends, so that the page can go while it lasts.
 * @returns once so many rows of it are stored.
 */
export async function holdUpload(
  page: Page,
  [first, rest]: readonly [first: string, rest: string],
  rows: number,
): Promise<HeldUpload> {
  const begun = Promise.withResolvers<HeldUpload & { readonly id: string }>();
  await page.route(
    /imports\?import_id=/,
    async (route) => {
      const { authorization = "", "content-type": type = "" } = await route.request().allHeaders();
      const url = new URL(route.request().url());
      const upload = request(url.href, {
        method: "POST",
        headers: { authorization, "content-type": type, accept: "text/event-stream" },
      });
      const answer = once(upload, "response").then(([response]) => text(response));
      upload.write(first);
      begun.resolve({
        id: url.searchParams.get("import_id") ?? "",
        async ask(path) {
          const response = await fetch(new URL(path, url), { headers: { authorization } });
          return response.json();
        },
        release() {
          upload.end(rest);
          return answer;
        },
      });
    },
    { times: 1 },
  );
  const { id, ...held } = await begun.promise;
  let stands: unknown;
  await eventually(
    async () => {
      stands = await held.ask(`/api/usage/imports/${id}`);
      return Object(stands).rows === rows ? rows : undefined;
    },
    () => JSON.stringify(stands),
  );
  return held;
}
