/**
 * A shared thread, as whoever has its link reads it.
 * @vitest-environment happy-dom
 */
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { EN } from "../../../../src/web/words/en.ts";
import { refusal, stage, strike } from "../stage.tsx";

const AT = "2026-11-21T08:00:00.000Z";

function said(seq: number, role: string, content: string, status = "complete") {
  return { seq, role, content, status, created_at: AT };
}

function shown(data: object[], next_cursor: string | null = null) {
  const body = { title: "Costs", shared_at: AT, data, has_more: next_cursor !== null, next_cursor };
  return { status: 200, body };
}

afterEach(strike);

test("it is read without signing in, page by page, and nothing can be said in it", async () => {
  const { asked } = await stage(
    {
      "GET /api/shared/abc": ({ query }) =>
        query.get("cursor") === "next"
          ? shown([said(3, "user", "And since?"), said(4, "assistant", "Half of", "cancelled")])
          : shown(
              [said(1, "user", "What do we pay?"), said(2, "assistant", "**40** dollars")],
              "next",
            ),
    },
    "/s/abc",
    false,
  );
  await screen.findByRole("heading", { name: "Costs" });
  await waitFor(() => expect(document.title).toBe("Costs · Apex Edge"));
  expect(screen.getByText(/November 21, 2026/)).toBeDefined();
  const answer = screen.getByRole("article", { name: "Apex Edge" });
  expect(within(answer).getByText("40").tagName).toBe("STRONG");
  fireEvent.click(screen.getByRole("button", { name: "Show more" }));
  await screen.findByText("And since?");
  expect(screen.getByText("This answer was stopped.")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
  expect(screen.queryByRole("textbox")).toBeNull();
  expect(new Set(asked)).toEqual(new Set(["GET /api/shared/abc"]));
});

test("a link that opens nothing says so, and leads on", async () => {
  await stage({}, "/s/gone", false);
  await screen.findByRole("heading", { name: "There is nothing at this link" });
  expect(screen.getByRole("link", { name: "Ask something yourself" })).toBeDefined();
  expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
});

test("what could not be loaded can be asked for again", async () => {
  let works = false;
  await stage(
    { "GET /api/shared/abc": () => (works ? shown([]) : refusal("unavailable", 503)) },
    "/s/abc",
    false,
  );
  expect((await screen.findByRole("alert")).textContent).toContain(
    EN.problems.codes.unavailable.what,
  );
  works = true;
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("Nothing was said in it yet.")).toBeDefined();
});
