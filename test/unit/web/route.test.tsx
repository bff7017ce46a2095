/**
 * The place in the URL.
 * @vitest-environment happy-dom
 */
import { act, cleanup, render, screen } from "@testing-library/react";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { ThreadId } from "../../../src/protocol/ids.ts";
import { goTo, pathOf, threadOf, useRoute } from "../../../src/web/route.ts";

function Place() {
  return <output>{useRoute() ?? "nowhere"}</output>;
}

afterEach(cleanup);

describe("the route", () => {
  test.each(["/", "/t", "/t/", "/t/a/b", "/threads/a", `/t/${"x".repeat(65)}`])(
    "names no thread at %s",
    (path) => {
      expect(threadOf(path)).toBeNull();
    },
  );

  test("takes a segment with a broken escape as it stands", () => {
    expect(threadOf("/t/50%")).toBe("50%");
  });

  test("leads from every id to a path and back", () => {
    const id = fc.string({ minLength: 1, maxLength: 64, unit: "grapheme" });
    fc.assert(
      fc.property(id, (text) => {
        fc.pre(text.isWellFormed() && text.length <= 64);
        const thread = ThreadId.parse(text);
        expect(threadOf(pathOf(thread))).toBe(thread);
      }),
    );
  });

  test("follows the page's own steps, and the browser's back", () => {
    history.replaceState(null, "", "/");
    render(<Place />);
    expect(screen.getByRole("status").textContent).toBe("nowhere");
    act(() => goTo(ThreadId.parse("a")));
    expect(screen.getByRole("status").textContent).toBe("a");
    expect(location.pathname).toBe("/t/a");
    act(() => {
      history.replaceState(null, "", "/t/b");
      dispatchEvent(new PopStateEvent("popstate"));
    });
    expect(screen.getByRole("status").textContent).toBe("b");
    act(() => goTo(null));
    expect(location.pathname).toBe("/");
  });
});
