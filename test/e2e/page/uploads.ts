/** Imports that a page sends, in whose middle a test does something. */
import { once } from "node:events";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import type { Page, Request } from "playwright-core";
import { eventually } from "../within.ts";

const IMPORT = /imports\?import_id=/;

/** So little that the rest of a padded file takes longer than any test lasts, in bytes a second. */
const SLOW = 100_000;

interface Sent {
  /** Asks the product, in the name of whoever sends. */
  ask(path: string): Promise<unknown>;
}

export interface SlowUpload extends Sent {
  /** Has the network be as fast again as it was. */
  speedUp(): Promise<void>;
  /** Waits until nobody sends it any more. */
  rests(): Promise<void>;
}

export interface HeldUpload extends Sent {
  /** Sends the rest. @returns what the server said to the whole. */
  release(): Promise<string>;
}

/**
 * Has the page send an import so slowly that it is in its middle for as long as a test lasts.
 * @param begin has the page send it. @returns once so many rows of it are stored.
 */
export async function slowUpload(
  page: Page,
  rows: number,
  begin: () => Promise<void>,
): Promise<SlowUpload> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const limit = (uploadThroughput: number) =>
    session.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput,
    });
  await limit(SLOW);
  const [sending] = await Promise.all([page.waitForRequest(IMPORT), begin()]);
  const { look, ask } = sentBy(sending);
  await look((stands) => stands.rows === rows);
  return {
    ask,
    speedUp: async () => void (await limit(-1)),
    rests: () => look((stands) => stands.under_way === false),
  };
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
  const begun = Promise.withResolvers<HeldUpload & ReturnType<typeof sentBy>>();
  await page.route(
    IMPORT,
    async (route) => {
      const sent = sentBy(route.request());
      const { authorization = "", "content-type": type = "" } = sent.headers;
      const upload = request(route.request().url(), {
        method: "POST",
        headers: { authorization, "content-type": type, accept: "text/event-stream" },
      });
      const answer = once(upload, "response").then(([response]) => text(response));
      upload.write(first);
      begun.resolve({
        ...sent,
        release() {
          upload.end(rest);
          return answer;
        },
      });
    },
    { times: 1 },
  );
  const { look, ...held } = await begun.promise;
  await look((stands) => stands.rows === rows);
  return held;
}

function sentBy(sending: Request) {
  // What the network adds is told of a request that is sent: of one on its way, nobody would ever hear.
  const headers = sending.headers();
  const url = new URL(sending.url());
  const id = url.searchParams.get("import_id");
  async function ask(path: string): Promise<unknown> {
    const { authorization = "" } = headers;
    const response = await fetch(new URL(path, url), { headers: { authorization } });
    return response.json();
  }
  /** Waits until the import stands as is wanted. */
  async function look(isWanted: (stands: Record<string, unknown>) => boolean): Promise<void> {
    let stands: unknown;
    await eventually(
      async () => {
        stands = await ask(`/api/usage/imports/${id}`);
        return isWanted(Object(stands)) || undefined;
      },
      () => JSON.stringify(stands),
    );
  }
  return { headers, ask, look };
}
