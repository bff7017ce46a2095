/**
 * The threads: listed, opened, named and deleted, in step with what happens elsewhere.
 * @vitest-environment happy-dom
 */
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, test, vi } from "vitest";
import { EN } from "../../../../src/web/words/en.ts";
import { message, thread } from "../../client/frames.ts";
import { listing, refusal, stage, stageFeed, strike } from "../stage.tsx";

const NEW = thread("t9", null);
const THREE = [thread("t3", "Third"), thread("t2", "Second"), thread("t1", "First")];

function list(): HTMLElement {
  return screen.getByRole("list", { name: "Threads" });
}

function titles(): (string | null)[] {
  return within(list())
    .queryAllByRole("link")
    .map((link) => link.textContent);
}

function press(name: string | RegExp): void {
  fireEvent.click(screen.getByRole("button", { name }));
}

/** Chooses from the menu of a thread of the list. */
function choose(title: string, item: string): void {
  fireEvent.click(within(list()).getByRole("button", { name: `Options of “${title}”` }));
  const [menu] = screen.getAllByRole("menu", { name: `Options of “${title}”`, hidden: true });
  if (menu === undefined) throw new Error("There is no menu.");
  fireEvent.click(within(menu).getByRole("menuitem", { name: item, hidden: true }));
}

afterEach(() => {
  vi.useRealTimers();
  strike();
});

describe("the list of threads", () => {
  test("says why it could not be loaded, and can be asked again", async () => {
    let works = false;
    await stage({
      "GET /api/threads": (ask) =>
        works
          ? (listing(THREE)["GET /api/threads"]?.(ask) ?? { status: 500 })
          : refusal("unavailable", 503),
    });
    expect((await screen.findByRole("alert")).textContent).toContain(
      EN.problems.codes.unavailable.what,
    );
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
    await waitFor(() => expect(screen.queryByRole("button", { name: "Load more" })).toBeNull());
  });

  test("says why a thread could not be made", async () => {
    await stage({ ...listing(THREE), "POST /api/threads": () => refusal("rate_limited", 429) });
    await screen.findByText("Third");
    press("New thread");
    expect((await screen.findByRole("alert")).textContent).toContain(
      EN.problems.codes.rate_limited.what,
    );
    expect(location.pathname).toBe("/");
  });

  test("puts a new thread first, and opens it", async () => {
    await stage({ ...listing(THREE), "POST /api/threads": () => ({ status: 201, body: NEW }) });
    await screen.findByText("Third");
    press("New thread");
    expect(await screen.findByRole("heading", { name: "New conversation" })).toBeDefined();
    expect(titles()).toEqual(["New conversation", "Third", "Second", "First"]);
    expect(location.pathname).toBe("/t/t9");
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
    await waitFor(() => expect(document.title).toBe("Second · Apex Edge"));
  });

  test("is walked through by the arrow keys, from the search to the last thread", async () => {
    await stage(listing(THREE));
    await screen.findByText("Third");
    fireEvent.keyDown(document.body, { key: "k", ctrlKey: true });
    const search = screen.getByRole("searchbox");
    await waitFor(() => expect(document.activeElement).toBe(search));
    const walk = (key: string) => {
      fireEvent.keyDown(document.activeElement ?? search, { key });
      return document.activeElement?.textContent;
    };
    expect(walk("ArrowDown")).toBe("Third");
    expect(walk("End")).toBe("First");
    expect(walk("ArrowDown")).toBe("First");
    expect(walk("ArrowUp")).toBe("Second");
    expect(walk("Home")).toBe("Third");
    walk("ArrowUp");
    expect(document.activeElement).toBe(search);
  });

  test("finds threads and messages, once the hand rests", async () => {
    const { asked } = await stage({
      ...listing(THREE),
      "GET /api/search": ({ query }) => ({
        status: 200,
        body: {
          data: [
            {
              ...{ thread_id: "t1", thread_title: "First", message_id: "m", run_id: "t1.1" },
              ...{
                role: "user",
                snippet: `We ask ${query.get("q")} (all)`,
                created_at: NEW.created_at,
              },
            },
          ],
          threads: [thread("t2", "Second cost")],
          has_more: false,
          next_cursor: null,
        },
      }),
    });
    const box = screen.getByRole("searchbox");
    for (const value of ["c", "co", "cost"]) fireEvent.change(box, { target: { value } });

    await screen.findByText("1 thread and 1 message found");
    expect(asked.filter((route) => route === "GET /api/search")).toHaveLength(1);
    expect(
      within(screen.getByRole("list", { name: "Messages" })).getByRole("link").textContent,
    ).toBe("You · FirstWe ask cost (all)");
    fireEvent.keyDown(box, { key: "Enter" });
    expect(location.pathname).toBe("/t/t2");
    fireEvent.keyDown(box, { key: "Escape" });
    await waitFor(() => expect(titles()).toContain("Third"));
  });

  test("says that a search has found nothing", async () => {
    const body = { data: [], threads: [], has_more: false, next_cursor: null };
    await stage({ ...listing(THREE), "GET /api/search": () => ({ status: 200, body }) });
    fireEvent.change(screen.getByRole("searchbox"), { target: { value: "nowhere" } });
    expect(await screen.findByText("Nothing was found for “nowhere”.")).toBeDefined();
  });
});

describe("the list keeps step with what happens elsewhere", () => {
  test("a run that begins shows, and shows no more when it has ended", async () => {
    const feed = stageFeed();
    await stage({ ...listing(THREE), ...feed.routes });
    await screen.findByText("Third");
    await feed.ready(["t1"]);
    const live = () =>
      within(list())
        .queryAllByRole("img", { name: "A run is under way" })
        .map((mark) => mark.closest("li")?.querySelector("a")?.textContent);
    expect(live()).toEqual(["First"]);
    await feed.tell("t2", "run_started", { run_id: "t2.1", agent: "data", model: "demo" });
    expect(live()).toEqual(["Second", "First"]);
    await feed.tell("t1", "run_ended", { run_id: "t1.1", status: "completed" });
    expect(live()).toEqual(["Second"]);
  });

  test("titles, new threads and deletions arrive", async () => {
    const feed = stageFeed();
    const fresh = thread("t8", "Begun elsewhere");
    await stage({
      ...listing(THREE),
      ...feed.routes,
      "GET /api/threads/t8": () => ({ status: 200, body: fresh }),
    });
    await screen.findByText("Third");
    await feed.ready();
    await feed.tell("t2", "thread_updated", { title: "Better" });
    await feed.tell("t8", "run_started", { run_id: "t8.1", agent: "data", model: "demo" });
    await waitFor(() => expect(titles()).toEqual(["Begun elsewhere", "Third", "Better", "First"]));
    await feed.tell("t3", "thread_deleted", {});
    expect(titles()).toEqual(["Begun elsewhere", "Better", "First"]);
  });

  test("a title that was told stays, though the history is yet to hear of it", async () => {
    const feed = stageFeed();
    await stage({
      ...listing(THREE),
      ...feed.routes,
      "GET /api/threads/t8": () => ({ status: 200, body: thread("t8", null) }),
    });
    await screen.findByText("Third");
    await feed.ready();
    await feed.tell("t8", "thread_updated", { title: "Named at once" });
    await feed.tell("t8", "run_started", { run_id: "t8.1", agent: "data", model: "demo" });
    await waitFor(() => expect(titles()).toEqual(["Named at once", "Third", "Second", "First"]));
  });

  test("an open thread that was deleted elsewhere says so", async () => {
    const feed = stageFeed();
    await stage({ ...listing(THREE), ...feed.routes }, "/t/t2");
    await screen.findByRole("heading", { name: "Second" });
    await feed.ready();
    await feed.tell("t2", "thread_deleted", {});
    expect(await screen.findByText("This thread was deleted.")).toBeDefined();
    expect(titles()).toEqual(["Third", "First"]);
  });
});

describe("an open thread", () => {
  test("that is not the person's is said not to be there, and no socket is opened", async () => {
    const { sockets } = await stage(listing([]), "/t/foreign");
    expect((await screen.findByRole("alert")).textContent).toContain(
      EN.problems.codes.not_found.what,
    );
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
    await waitFor(() => expect(document.title).toBe("Old · Apex Edge"));
  });

  test("closes at the browser's back, and its connection with it", async () => {
    await stage({ ...listing(THREE), ...opened("t2", "Second") }, "/t/t2");
    await screen.findByRole("heading", { name: "Second" });
    act(() => {
      history.replaceState(null, "", "/");
      dispatchEvent(new PopStateEvent("popstate"));
    });
    expect(screen.getByRole("heading", { name: "Where does the money go?" })).toBeDefined();
    await waitFor(() => expect(document.title).toBe("Apex Edge"));
  });

  test("keeps its title where the server refuses another, and says why", async () => {
    await stage(
      {
        ...listing(THREE),
        ...opened("t2", "Second"),
        "PATCH /api/threads/t2": () => refusal("invalid_fields", 422),
      },
      "/t/t2",
    );
    await screen.findByText("Third");
    choose("Second", "Rename");
    const box = screen.getByRole("textbox", { name: "Title" });
    fireEvent.change(box, { target: { value: "Worse" } });
    fireEvent.submit(box);
    expect((await screen.findByRole("alert")).textContent).toContain(
      EN.problems.codes.invalid_fields.what,
    );
    fireEvent.keyDown(box, { key: "Escape" });
    expect(titles()).toEqual(["Third", "Second", "First"]);
    expect(screen.getByRole("heading", { name: "Second" })).toBeDefined();
  });

  test("takes another title, in the list too", async () => {
    await stage(
      {
        ...listing(THREE),
        ...opened("t2", "Second"),
        "PATCH /api/threads/t2": ({ body }) => ({
          status: 200,
          body: Object.assign({}, thread("t2", null), body),
        }),
      },
      "/t/t2",
    );
    await screen.findByText("Third");
    choose("Second", "Rename");
    const box = screen.getByRole("textbox", { name: "Title" });
    expect(box).toHaveProperty("value", "Second");
    fireEvent.change(box, { target: { value: "Better" } });
    fireEvent.submit(box);
    await screen.findByRole("heading", { name: "Better" });
    await waitFor(() => expect(titles()).toEqual(["Third", "Better", "First"]));
    expect(screen.queryByRole("textbox", { name: "Title" })).toBeNull();
  });

  test("is forked at its end into one that opens", async () => {
    const forks: unknown[] = [];
    await stage({
      ...listing(THREE),
      "GET /api/threads/t2/messages": () => ({
        status: 200,
        body: {
          data: [message("last", 9, "assistant", "So.")],
          has_more: false,
          next_cursor: null,
        },
      }),
      "POST /api/threads/t2/fork": ({ body }) => {
        forks.push(body);
        return { status: 201, body: thread("t9", "Second") };
      },
    });
    await screen.findByText("Third");
    choose("Second", "Fork");
    await waitFor(() => expect(location.pathname).toBe("/t/t9"));
    expect(forks).toEqual([{ message_id: "last" }]);
    expect(titles()).toEqual(["Second", "Third", "Second", "First"]);
  });

  test("that holds nothing is not forked, and that is said", async () => {
    await stage({
      ...listing(THREE),
      "GET /api/threads/t2/messages": () => ({
        status: 200,
        body: { data: [], has_more: false, next_cursor: null },
      }),
    });
    await screen.findByText("Third");
    choose("Second", "Fork");
    expect(await screen.findByText(/There is nothing to fork yet/)).toBeDefined();
  });
});

describe("a deleted thread", () => {
  test("is hidden at once, and deleted when the moment to undo it has passed", async () => {
    const { asked } = await stage({
      ...listing(THREE),
      "DELETE /api/threads/t2": () => ({ status: 204 }),
    });
    await screen.findByText("Third");
    vi.useFakeTimers({ shouldAdvanceTime: true });
    choose("Second", "Delete");
    expect(titles()).toEqual(["Third", "First"]);
    expect(screen.getByText("“Second” was deleted.")).toBeDefined();
    expect(asked).not.toContain("DELETE /api/threads/t2");
    await act(() => vi.advanceTimersByTimeAsync(8_100));
    expect(asked).toContain("DELETE /api/threads/t2");
    await waitFor(() => expect(screen.queryByText("“Second” was deleted.")).toBeNull());
    expect(titles()).toEqual(["Third", "First"]);
  });

  test("is there again when that is undone, and the server never heard of it", async () => {
    const { asked } = await stage({ ...listing(THREE), ...opened("t2", "Second") }, "/t/t2");
    await screen.findByText("Third");
    vi.useFakeTimers({ shouldAdvanceTime: true });
    choose("Second", "Delete");
    expect(location.pathname).toBe("/");
    // What has just happened is told in one place alone.
    expect(document.querySelectorAll(".toasts")).toHaveLength(1);
    press("Undo");
    expect(titles()).toEqual(["Third", "Second", "First"]);
    await act(() => vi.advanceTimersByTimeAsync(20_000));
    expect(asked).not.toContain("DELETE /api/threads/t2");
  });

  test("is deleted when the page goes, before its moment has passed", async () => {
    const { asked } = await stage({
      ...listing(THREE),
      "DELETE /api/threads/t2": () => ({ status: 204 }),
    });
    await screen.findByText("Third");
    choose("Second", "Delete");
    act(() => void dispatchEvent(new Event("pagehide")));
    await waitFor(() => expect(asked).toContain("DELETE /api/threads/t2"));
  });

  test("comes back where the server could not delete it, and that is said", async () => {
    await stage({
      ...listing(THREE),
      "DELETE /api/threads/t2": () => refusal("unavailable", 503),
    });
    await screen.findByText("Third");
    vi.useFakeTimers({ shouldAdvanceTime: true });
    choose("Second", "Delete");
    await act(() => vi.advanceTimersByTimeAsync(8_100));
    expect(await screen.findByText(/“Second” could not be deleted/)).toBeDefined();
    expect(titles()).toEqual(["Third", "Second", "First"]);
  });
});

/** @returns the route that finds a thread by its id. */
function opened(id: string, title: string) {
  return { [`GET /api/threads/${id}`]: () => ({ status: 200, body: thread(id, title) }) };
}
