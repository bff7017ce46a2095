/**
 * The threads: listed, opened, named and deleted.
 * @vitest-environment happy-dom
 */
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";
import { thread } from "../client/frames.ts";
import { listing, refusal, stage, strike } from "./stage.tsx";

const NEW = thread("t9", null);
const THREE = [thread("t3", "Third"), thread("t2", "Second"), thread("t1", "First")];

function titles(): (string | null)[] {
  const list = screen.getByRole("list", { name: "Threads" });
  return within(list)
    .queryAllByRole("link")
    .map((link) => link.textContent);
}

function press(name: string): void {
  fireEvent.click(screen.getByRole("button", { name }));
}

afterEach(strike);

describe("the list of threads", () => {
  test("says why it could not be loaded, and can be asked again", async () => {
    let works = false;
    await stage({
      "GET /api/threads": (ask) =>
        works
          ? (listing(THREE)["GET /api/threads"]?.(ask) ?? { status: 500 })
          : refusal("unavailable", 503),
    });
    expect((await screen.findByRole("alert")).textContent).toBe("Refused: unavailable");
    works = true;
    press("Load more");
    await screen.findByText("Third");
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test("begins with the newest, and gives the older when asked until there are none", async () => {
    await stage(listing(THREE, 2));
    await screen.findByText("Second");
    expect(titles()).toEqual(["Third", "Second"]);
    press("Load more");
    await screen.findByText("First");
    expect(titles()).toEqual(["Third", "Second", "First"]);
    expect(screen.queryByRole("button", { name: "Load more" })).toBeNull();
  });

  test("says why a thread could not be made", async () => {
    await stage({ ...listing(THREE), "POST /api/threads": () => refusal("rate_limited", 429) });
    await screen.findByText("Third");
    press("New thread");
    expect((await screen.findByRole("alert")).textContent).toBe("Refused: rate_limited");
    expect(location.pathname).toBe("/");
  });

  test("puts a new thread first, and opens it ready to write", async () => {
    await stage({ ...listing(THREE), "POST /api/threads": () => ({ status: 201, body: NEW }) });
    await screen.findByText("Third");
    press("New thread");
    expect(await screen.findByRole("heading", { name: "New conversation" })).toBeDefined();
    expect(titles()).toEqual(["New conversation", "Third", "Second", "First"]);
    expect(location.pathname).toBe("/t/t9");
    expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Message" }));
  });

  test("opens a thread at a click, but leaves a new tab to the browser", async () => {
    await stage(listing(THREE));
    const link = await screen.findByRole("link", { name: "Second" });
    const isLeftToTheBrowser = fireEvent.click(link, { ctrlKey: true });
    expect(isLeftToTheBrowser).toBe(true);
    expect(link.getAttribute("aria-current")).toBeNull();
    expect(fireEvent.click(link)).toBe(false);
    expect(location.pathname).toBe("/t/t2");
    expect(link.getAttribute("aria-current")).toBe("page");
    expect(document.title).toBe("Second · Apex Edge");
  });
});

describe("an open thread", () => {
  test("leads back to the list, which a narrow screen hides", async () => {
    await stage(listing(THREE), "/t/t2");
    fireEvent.click(screen.getByRole("link", { name: "All threads" }));
    expect(location.pathname).toBe("/");
  });

  test("that is not the person's is said not to be there, and no socket is opened", async () => {
    const { sockets } = await stage(listing([]), "/t/foreign");
    expect((await screen.findByRole("alert")).textContent).toBe("Refused: not_found");
    expect(sockets).toHaveLength(0);
  });

  test("is found by its path, though the list has not come to it", async () => {
    const old = thread("t0", "Old");
    await stage(
      {
        ...listing(THREE, 2),
        "GET /api/threads/t0": () => ({ status: 200, body: old }),
      },
      "/t/t0",
    );
    await screen.findByRole("heading", { name: "Old" });
    await waitFor(() => expect(titles()).toEqual(["Third", "Second", "Old"]));
  });

  test("closes at the browser's back, and its connection with it", async () => {
    await stage(listing(THREE), "/t/t2");
    await screen.findByRole("heading", { name: "Second" });
    act(() => {
      history.replaceState(null, "", "/");
      dispatchEvent(new PopStateEvent("popstate"));
    });
    const welcome = screen.getByRole("heading", { name: "Where does the money go?" });
    expect(document.activeElement).toBe(welcome);
    expect(document.title).toBe("Apex Edge");
  });

  test("keeps its title where the server refuses another", async () => {
    await stage(
      { ...listing(THREE), "PATCH /api/threads/t2": () => refusal("invalid_fields", 422) },
      "/t/t2",
    );
    await screen.findByRole("heading", { name: "Second" });
    press("Rename");
    fireEvent.change(screen.getByRole("textbox", { name: "Title" }), { target: { value: " " } });
    press("Save");
    expect((await screen.findByRole("alert")).textContent).toBe("Refused: invalid_fields");
    press("Cancel");
    expect(screen.getByRole("heading", { name: "Second" })).toBeDefined();
  });

  test("takes another title, in the list too", async () => {
    await stage(
      {
        ...listing(THREE),
        "PATCH /api/threads/t2": ({ body }) => ({
          status: 200,
          body: Object.assign({}, thread("t2", null), body),
        }),
      },
      "/t/t2",
    );
    await screen.findByRole("heading", { name: "Second" });
    press("Rename");
    const box = screen.getByRole("textbox", { name: "Title" });
    expect(box).toHaveProperty("value", "Second");
    fireEvent.change(box, { target: { value: "Better" } });
    press("Save");
    await screen.findByRole("heading", { name: "Better" });
    expect(titles()).toEqual(["Third", "Better", "First"]);
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  test("is kept where one thinks better of deleting it", async () => {
    const { asked } = await stage(listing(THREE), "/t/t2");
    await screen.findByRole("heading", { name: "Second" });
    press("Delete");
    press("Keep");
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(asked).not.toContain("DELETE /api/threads/t2");
  });

  test("is gone from the list and the path once it is deleted", async () => {
    await stage({ ...listing(THREE), "DELETE /api/threads/t2": () => ({ status: 204 }) }, "/t/t2");
    await screen.findByRole("heading", { name: "Second" });
    press("Delete");
    expect(screen.getByRole("dialog").textContent).toContain("Delete “Second”");
    press("Delete thread");
    await waitFor(() => expect(titles()).toEqual(["Third", "First"]));
    expect(location.pathname).toBe("/");
    expect(screen.queryByRole("alert")).toBeNull();
  });
});
