/**
 * The way in, and out.
 * @vitest-environment happy-dom
 */
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, test } from "vitest";
import { EN } from "../../../src/web/words/en.ts";
import { credentials } from "../client/frames.ts";
import { listing, type Routes, refusal, stage, strike } from "./stage.tsx";

function type(label: string, text: string): void {
  fireEvent.change(screen.getByLabelText(label), { target: { value: text } });
}

function press(name: string): void {
  fireEvent.click(screen.getByRole("button", { name }));
}

function arrive(routes: Routes) {
  return stage({ ...listing([]), ...routes }, "/", false);
}

afterEach(strike);

describe("signing in", () => {
  test("names every field at fault before the server is asked, and goes to the first", async () => {
    const { asked } = await arrive({});
    type("Email", "nobody");
    press("Sign in");
    const email = await screen.findByRole("textbox", {
      name: "Email",
      description: "Enter a whole email address, like name@example.com.",
    });
    await waitFor(() => expect(document.activeElement).toBe(email));
    expect(screen.getByLabelText("Password").getAttribute("aria-invalid")).toBe("true");
    expect(asked.filter((route) => route.startsWith("POST"))).toEqual([]);
  });

  test("shows why the server refused, and lets one try again", async () => {
    await arrive({ "POST /api/auth/login": () => refusal("credentials_invalid", 401) });
    type("Email", "a@example.com");
    type("Password", "wrong");
    press("Sign in");
    expect((await screen.findByRole("alert")).textContent).toContain(
      EN.problems.codes.credentials_invalid.what,
    );
    expect(screen.getByRole("button", { name: "Sign in" })).toHaveProperty("disabled", false);
    expect(screen.getByLabelText("Email")).toHaveProperty("value", "a@example.com");
  });

  test.each([
    [{ code: "too_short", bound: 12 }, "Use at least 12 characters."],
    [{ code: "too_short" }, "Please write more."],
    [{ code: "of_tomorrow" }, "This was not accepted. Please check it."],
    [{}, "This was not accepted. Please check it."],
  ])("marks the field that the server names, in words of its own: %j", async (fault, said) => {
    const errors = [{ field: "password", message: "zod: Too small", ...fault }];
    await arrive({ "POST /api/auth/register": () => refusal("invalid_fields", 422, errors) });
    press("I am new here");
    type("Email", "a@example.com");
    type("Password", "password123");
    press("Create account");
    await screen.findByText(said);
    expect(document.body.textContent).not.toContain("zod");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("Password")));
    expect(screen.getByLabelText("Password").getAttribute("aria-invalid")).toBe("true");
    expect(screen.getByLabelText("Email").getAttribute("aria-invalid")).toBe("false");
  });

  test("says that the server is out of reach", async () => {
    await arrive({
      "POST /api/auth/login": () => {
        throw new TypeError("fetch failed");
      },
    });
    type("Email", "a@example.com");
    type("Password", "secret");
    press("Sign in");
    expect((await screen.findByRole("alert")).textContent).toContain(
      EN.problems.codes.unavailable.what,
    );
  });

  test("withdraws the development form where the server has no such route", async () => {
    await arrive({});
    press("Continue as developer");
    await waitFor(() => expect(screen.queryByRole("form", { name: "Development" })).toBeNull());
    expect(screen.getByRole("form", { name: "Sign-in" })).toBeDefined();
  });

  test.each([
    ["with a password", "POST /api/auth/login", "Sign in"],
    ["as somebody new", "POST /api/auth/register", "Create account"],
  ])("opens the workspace %s", async (_how, route, button) => {
    const bodies: unknown[] = [];
    await arrive({
      [route]: ({ body }) => {
        bodies.push(body);
        return { status: 200, body: credentials(1) };
      },
    });
    if (button === "Create account") press("I am new here");
    type("Email", "Somebody@example.com");
    type("Password", "long enough");
    press(button);
    await screen.findByRole("heading", { name: "Where does the money go?" });
    expect(bodies).toEqual([{ email: "somebody@example.com", password: "long enough" }]);
  });

  test("needs one press in development", async () => {
    const { store } = await arrive({
      "POST /api/auth/dev-login": () => ({ status: 200, body: credentials(1) }),
    });
    expect(screen.getByLabelText("Developer")).toHaveProperty("value", "developer@example.com");
    press("Continue as developer");
    await screen.findByText("developer@example.com");
    expect(await store.load()).toMatchObject({ refresh_token: "refresh-1" });
  });
});

describe("a session", () => {
  test("outlives a reload", async () => {
    const { store, unmount } = await stage(listing([]));
    expect(store.read()).not.toBeNull();
    unmount();
    await stage(listing([]), "/", false);
    expect(screen.getByText("developer@example.com")).toBeDefined();
  });

  test("ends with log-out, which leaves nothing behind", async () => {
    const { asked } = await stage(
      { ...listing([]), "POST /api/auth/logout": () => ({ status: 204 }) },
      "/t/gone",
    );
    fireEvent.click(screen.getByRole("menuitem", { name: "Log out", hidden: true }));
    await screen.findByRole("button", { name: "Sign in" });
    expect(localStorage.length).toBe(0);
    expect(location.pathname).toBe("/");
    await waitFor(() => expect(asked).toContain("POST /api/auth/logout"));
  });

  test("ends here when the server no longer knows it", async () => {
    await stage({
      "GET /api/threads": () => refusal("token_invalid", 401),
      "POST /api/auth/refresh": () => refusal("session_ended", 401),
    });
    await screen.findByRole("button", { name: "Sign in" });
    expect(localStorage.length).toBe(0);
  });

  test("ends here when another tab ends it", async () => {
    await stage(listing([]));
    localStorage.clear();
    fireEvent(window, new StorageEvent("storage"));
    await screen.findByRole("button", { name: "Sign in" });
  });
});
