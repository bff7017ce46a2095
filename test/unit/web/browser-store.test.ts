/**
 * The sign-in kept in the browser.
 * @vitest-environment happy-dom
 */
import { afterEach, describe, expect, test, vi } from "vitest";
import { browserStore, oneTabAtATime } from "../../../src/web/session/browser-store.ts";
import { credentials } from "../client/frames.ts";

const held = { ...credentials(1), renew_at: 1 };

afterEach(() => {
  localStorage.clear();
  vi.unstubAllGlobals();
});

describe("the browser's store", () => {
  test.each(["{", '"text"', '{"access_token":1}'])("takes %s for nobody", async (text) => {
    const store = browserStore();
    await store.save(held);
    localStorage.setItem(localStorage.key(0) ?? "", text);
    expect(await store.load()).toBeNull();
  });

  test("gives back what it keeps, to every tab", async () => {
    await browserStore().save(held);
    expect(await browserStore().load()).toEqual(held);
  });

  test("tells of its own changes and of other tabs', until one stops listening", async () => {
    const store = browserStore();
    const changed = vi.fn();
    const stop = store.subscribe(changed);
    await store.save(held);
    await store.clear();
    dispatchEvent(new StorageEvent("storage"));
    expect(changed).toHaveBeenCalledTimes(3);
    stop();
    await store.save(held);
    dispatchEvent(new StorageEvent("storage"));
    expect(changed).toHaveBeenCalledTimes(3);
  });
});

describe("a renewal", () => {
  test("holds the lock that all tabs share", async () => {
    const request = vi.fn((_name: string, work: () => Promise<string>) => work());
    vi.stubGlobal("isSecureContext", true);
    vi.stubGlobal("navigator", { locks: { request } });
    expect(await oneTabAtATime(async () => "renewed")).toBe("renewed");
    expect(request).toHaveBeenCalledOnce();
  });

  test("does without where the browser offers no locks", async () => {
    vi.stubGlobal("isSecureContext", false);
    expect(await oneTabAtATime(async () => "renewed")).toBe("renewed");
  });
});
