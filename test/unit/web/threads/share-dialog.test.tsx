/**
 * Sharing a thread: a link that is made, shown again where it was made, brought up to date, and taken back.
 * @vitest-environment happy-dom
 */
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { EN } from "../../../../src/web/words/en.ts";
import { thread } from "../../client/frames.ts";
import { listing, type Routes, refusal, stage, strike } from "../stage.tsx";

const AT = "2026-11-21T08:00:00.000Z";
const SHARE = { created_at: AT, renewed_at: AT };

afterEach(strike);

/** The server's end of one thread's link. */
function sharing(shared: boolean) {
  const said: string[] = [];
  let isShared = shared;
  const routes: Routes = {
    "GET /api/threads/t1/share": () => ({ status: 200, body: { share: isShared ? SHARE : null } }),
    "POST /api/threads/t1/share": () => {
      said.push("made");
      isShared = true;
      return { status: 201, body: { ...SHARE, token: "abc", path: "/s/abc" } };
    },
    "PUT /api/threads/t1/share": () => {
      said.push("renewed");
      return { status: 200, body: SHARE };
    },
    "DELETE /api/threads/t1/share": () => {
      said.push("taken back");
      isShared = false;
      return { status: 204 };
    },
  };
  return { said, routes };
}

async function openDialog(routes: Routes) {
  await stage({ ...listing([thread("t1", "Costs")]), ...routes }, "/t/t1");
  await screen.findByRole("heading", { name: "Costs" });
  fireEvent.click(screen.getByRole("button", { name: "Share…" }));
  await screen.findByRole("dialog", { name: "Share this thread" });
}

const press = async (name: string) => fireEvent.click(await screen.findByRole("button", { name }));

test("a link is made, brought up to date and taken back", async () => {
  const { said, routes } = sharing(false);
  await openDialog(routes);
  await press("Make a link");
  const field = await screen.findByRole("textbox", { name: "Link" });
  expect(field).toHaveProperty("value", `${location.origin}/s/abc`);
  await press("Show what was said since, too");
  await screen.findByText("The link shows everything said so far.");
  await press("Stop sharing");
  await screen.findByRole("button", { name: "Make a link" });
  expect(screen.queryByRole("textbox", { name: "Link" })).toBeNull();
  expect(said).toEqual(["made", "renewed", "taken back"]);
  expect(Object.keys(localStorage).filter((key) => key.includes("link"))).toEqual([]);
});

test("a link that was made here is shown again; one made elsewhere only can be replaced", async () => {
  const first = sharing(false);
  await openDialog(first.routes);
  await press("Make a link");
  await screen.findByRole("textbox", { name: "Link" });
  await press("Close");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  fireEvent.click(screen.getByRole("button", { name: "Share…" }));
  await screen.findByRole("textbox", { name: "Link" });
  strike();

  const elsewhere = sharing(true);
  await openDialog(elsewhere.routes);
  await screen.findByText(/The link was made elsewhere/);
  await press("Make another link");
  await screen.findByRole("textbox", { name: "Link" });
  expect(elsewhere.said).toEqual(["made"]);
});

test("what the server has against it is told", async () => {
  const { routes } = sharing(false);
  await openDialog({ ...routes, "POST /api/threads/t1/share": () => refusal("unavailable", 503) });
  await press("Make a link");
  expect((await screen.findByRole("alert")).textContent).toContain(
    EN.problems.codes.unavailable.what,
  );
});
