/**
 * The list of threads before it is there.
 * @vitest-environment happy-dom
 */
import { act, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { stage, strike } from "../stage.tsx";

afterEach(() => strike());

test("the list of threads shows that it is on its way until it is there", async () => {
  const answer = new TransformStream<Uint8Array, Uint8Array>();
  const writer = answer.writable.getWriter();
  await stage({ "GET /api/threads": () => ({ status: 200, stream: answer.readable }) });
  expect((await screen.findByText("Loading…")).getAttribute("role")).toBe("status");
  expect(screen.queryByText("What you ask will be listed here.")).toBeNull();
  const page = JSON.stringify({ data: [], next_cursor: null, has_more: false });
  await act(async () => {
    await writer.write(new TextEncoder().encode(page));
    await writer.close();
  });
  await screen.findByText("What you ask will be listed here.");
  expect(screen.queryByText("Loading…")).toBeNull();
});
