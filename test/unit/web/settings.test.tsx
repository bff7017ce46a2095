/**
 * The settings: what each form refuses, says and changes.
 * @vitest-environment happy-dom
 */
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { EN } from "../../../src/web/words/en.ts";
import { AT, credentials, USER } from "../client/frames.ts";
import { answer, open, press, type } from "./settings-stage.tsx";
import { refusal } from "./stage.tsx";

describe("a section", () => {
  test("that does not exist is said not to", async () => {
    await open("nowhere", {});
    await screen.findByText("There is nothing at this address.");
  });

  test("that could not be loaded says why, and can be asked again", async () => {
    let works = false;
    const budget = { monthly_usd: null, spent_usd: 0, remaining_usd: null, period: "2026-11" };
    await open("budget", {
      "GET /api/account/budget": () =>
        works ? { status: 200, body: { ...budget, resets_at: AT } } : refusal("unavailable", 503),
    });
    expect((await screen.findAllByRole("alert"))[0]?.textContent).toContain(
      EN.problems.codes.unavailable.what,
    );
    works = true;
    press("Try again");
    await screen.findByText("No budget is set.");
  });

  test("takes the focus to its heading, and names the tab", async () => {
    await open("keys", { "GET /api/keys": answer({ data: [] }) });
    const heading = await screen.findByRole("heading", { name: "API keys", level: 2 });
    await waitFor(() => expect(document.activeElement).toBe(heading));
    expect(screen.getByRole("link", { name: "API keys" }).getAttribute("aria-current")).toBe(
      "page",
    );
    await waitFor(() => expect(document.title).toBe("API keys · Apex Edge"));
  });
});

describe("the profile", () => {
  test("refuses an empty name before the server is asked", async () => {
    const { asked } = await open("profile", {});
    await type("Name", " ");
    press("Save name");
    const name = await screen.findByRole("textbox", {
      name: "Name",
      description: "Please fill this in.",
    });
    await waitFor(() => expect(document.activeElement).toBe(name));
    expect(asked).not.toContain("PATCH /api/auth/me");
  });

  test("says at its field that a password is wrong, and stays signed in", async () => {
    const { asked } = await open("profile", {
      "POST /api/account/password": () => refusal("credentials_invalid", 401),
    });
    await type("Current password", "wrong");
    await type("New password", "long enough it is");
    press("Change password");
    await screen.findByText("This is not your password.");
    expect(screen.queryByRole("alert")).toBeNull();
    expect(asked).not.toContain("POST /api/auth/refresh");
  });

  test("keeps a new name, and has the tokens tell of it", async () => {
    const { store } = await open("profile", {
      "PATCH /api/auth/me": answer({ ...USER, name: "Ada" }),
      "POST /api/auth/refresh": answer({ ...credentials(2), user: { ...USER, name: "Ada" } }),
    });
    await type("Name", "Ada");
    press("Save name");
    await screen.findByText("Saved.");
    expect(await store.load()).toMatchObject({ user: { name: "Ada" } });
    expect(screen.getByLabelText("Name")).toHaveProperty("value", "Ada");
  });
});

describe("sessions", () => {
  const session = (id: string, current: boolean) => ({
    id,
    method: current ? "password" : "github",
    address: "192.0.2.1",
    user_agent: current ? null : "Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537.36 Edg/140",
    current,
    created_at: AT,
    last_used_at: AT,
    expires_at: AT,
  });

  test("say in the dialog why one could not be ended, and keep it", async () => {
    await open("sessions", {
      "GET /api/sessions": answer({ data: [session("s1", true), session("s2", false)] }),
      "DELETE /api/sessions/s2": () => refusal("unavailable", 503),
    });
    await screen.findByText("Edge on Windows");
    press("End the session: Edge on Windows");
    press("End session");
    const dialog = await screen.findByRole("dialog", { name: "End this session?" });
    expect((await within(dialog).findByRole("alert")).textContent).toContain(
      EN.problems.codes.unavailable.what,
    );
  });

  test("end everywhere else at once, and not here", async () => {
    let data = [session("s1", true), session("s2", false)];
    await open("sessions", {
      "GET /api/sessions": () => ({ status: 200, body: { data } }),
      "DELETE /api/sessions": () => {
        data = data.slice(0, 1);
        return { status: 204 };
      },
    });
    await screen.findByText("Edge on Windows");
    press("Sign out everywhere else");
    const dialog = screen.getByRole("dialog", { name: "Sign out everywhere else?" });
    fireEvent.click(within(dialog).getByRole("button", { name: "Sign out everywhere else" }));
    await screen.findByText("You are signed in here alone now.");
    await waitFor(() => expect(screen.queryByText("Edge on Windows")).toBeNull());
    expect(screen.getByText("An unknown device")).toBeDefined();
    expect(screen.queryByRole("button", { name: /^End/ })).toBeNull();
  });
});

describe("API keys", () => {
  const key = {
    id: "k1",
    name: "Nightly",
    start: "apx_1",
    scopes: ["threads:read"],
    created_at: AT,
    expires_at: "2099-01-01T00:00:00.000Z",
    last_used_at: null,
    revoked_at: null,
  };

  test("name the scopes that the server refuses", async () => {
    const errors = [{ field: "scopes.0", message: "is more than you may", code: "not_permitted" }];
    await open("keys", {
      "GET /api/keys": answer({ data: [] }),
      "POST /api/keys": () => refusal("invalid_fields", 422, errors),
    });
    await type("Name", "Nightly");
    press("Make key");
    await screen.findByText("You may not do all of this yourself, so no key of yours may.");
    const first = screen.getByRole("checkbox", { name: "Read threads" });
    expect(first.getAttribute("aria-invalid")).toBe("true");
    await waitFor(() => expect(document.activeElement).toBe(first));
  });

  test("are shown once, with what was asked for, and are no more to be seen then", async () => {
    let data: object[] = [];
    const bodies: unknown[] = [];
    await open("keys", {
      "GET /api/keys": () => ({ status: 200, body: { data } }),
      "POST /api/keys": ({ body }) => {
        bodies.push(body);
        data = [key];
        return { status: 201, body: { ...key, key: "apx_1_secret" } };
      },
    });
    await type("Name", "Nightly");
    await type("Valid for", "7");
    fireEvent.click(screen.getByRole("checkbox", { name: "Read usage and limits" }));
    press("Make key");
    await screen.findByText("apx_1_secret");
    expect(bodies).toEqual([
      {
        name: "Nightly",
        expires_in_days: 7,
        scopes: [
          "threads:read",
          "threads:write",
          "runs:read",
          "runs:write",
          "tools:*",
          "usage:read",
        ],
      },
    ]);
    press("Copy");
    await screen.findByText(/^(Copied\.|Your browser did not let us copy it)/);
    press("Close");
    expect(screen.queryByText("apx_1_secret")).toBeNull();
    await screen.findByText(/Never used/);
  });
});

describe("the budget", () => {
  const budget = {
    monthly_usd: 100,
    spent_usd: 25,
    remaining_usd: 75,
    period: "2026-11",
    resets_at: "2099-01-01T00:00:00.000Z",
  };

  test.each([
    ["", "Please fill this in."],
    ["plenty", "Enter an amount in figures, like 250."],
    ["-3", "Enter an amount above 0."],
    ["0", "Enter an amount above 0."],
    ["1e12", "Enter 1,000,000 or less."],
  ])("is not %j", async (typed, said) => {
    const { asked } = await open("budget", { "GET /api/account/budget": answer(budget) });
    await type("Monthly budget in US dollars", typed);
    press("Set budget");
    await screen.findByText(said);
    expect(asked).not.toContain("PUT /api/account/budget");
  });

  test("is shown as far as it is spent", async () => {
    await open("budget", { "GET /api/account/budget": answer(budget) });
    await screen.findByText("$25.00 of $100.00 spent this month");
    const meter = screen.getByRole("meter", { name: "Spent of the month's budget" });
    expect(meter.getAttribute("value")).toBe("25");
  });

  test("is taken away by sending none", async () => {
    const bodies: unknown[] = [];
    await open("budget", {
      "GET /api/account/budget": answer(budget),
      "PUT /api/account/budget": ({ body }) => {
        bodies.push(body);
        return { status: 200, body: { ...budget, monthly_usd: null, remaining_usd: null } };
      },
    });
    await screen.findByText(/spent this month/);
    press("Remove budget");
    await screen.findByText("There is no budget any more.");
    expect(bodies).toEqual([{ monthly_usd: null }]);
  });
});

describe("one's data", () => {
  test("that was cut off on its way is no export", async () => {
    await open("data", {
      "GET /api/account/export": answer({ kind: "export", user: USER, exported_at: AT }),
    });
    await screen.findByText("Export everything");
    press("Export as NDJSON");
    expect((await screen.findByRole("alert")).textContent).toContain("was cut off");
  });

  test("is deleted with the account, once its address is typed", async () => {
    const bodies: unknown[] = [];
    const receipt = { deleted_at: AT, complete: true, deleted: {}, left: {} };
    const { store } = await open("data", {
      "DELETE /api/account": ({ body }) => {
        bodies.push(body);
        return bodies.length === 1
          ? refusal("invalid_fields", 422, [
              { field: "email", message: "is another", code: "mismatch" },
            ])
          : { status: 200, body: receipt };
      },
    });
    await screen.findByText("Delete the account");
    press("Delete account…");
    await type("Your email address", "other@example.com");
    press("Delete everything");
    await screen.findByText("This is not the email address of your account.");
    await type("Your email address", USER.email);
    press("Delete everything");
    await screen.findByRole("button", { name: "Sign in" });
    expect(bodies).toEqual([{ email: "other@example.com" }, { email: USER.email }]);
    expect(store.read()).toBeNull();
  });
});
