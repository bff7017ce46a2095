/**
 * The page's start.
 * @vitest-environment happy-dom
 */
import { screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { config } from "zod";

test("the page starts in its place, and what brings schemas makes no code from text", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("there is no server")));
  document.body.innerHTML = '<div id="page"></div>';
  await import("../../../src/web/main.tsx");
  await screen.findByRole("button", { name: "Sign in" });
  await import("../../../src/web/session/sign-in-bodies.ts");
  expect(config().jitless).toBe(true);
});
