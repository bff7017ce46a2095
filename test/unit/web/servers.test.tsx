/**
 * Connected MCP servers in the settings: what is wrong with them, and signing in to them.
 * @vitest-environment happy-dom
 */
import { screen, waitFor } from "@testing-library/react";
import { describe, expect, test, vi } from "vitest";
import { AT } from "../client/frames.ts";
import { answer, open, press, type } from "./settings-stage.tsx";
import { type Routes, refusal } from "./stage.tsx";

describe("a server that asks for a sign-in", () => {
  const SERVER = {
    ...{ id: "m1", name: "wiki", url: "https://mcp.example.com/mcp", has_secret: false },
    ...{
      enabled: true,
      created_at: AT,
      updated_at: AT,
      checked_at: AT,
      tool_count: 0,
      left_out: 0,
    },
    ...{ problem: "It asks you to sign in to it.", health: "failing", breaker: "closed" },
    known_problem: { code: "sign_in_needed", named: null },
    ...{ sign_in: "needed", signs_in_at: null },
  };
  const servers = (server: object, routes: Routes = {}) =>
    open("servers", {
      "GET /api/mcp/servers": answer({ data: [{ ...SERVER, ...server }] }),
      "GET /api/mcp/tools": answer({ data: [] }),
      "GET /api/mcp/config": answer({ endpoint: "https://apex.test/mcp", data: [] }),
      ...routes,
    });
  const SIGN_IN = "POST /api/mcp/servers/m1/sign-in";

  test("has a button that leads there", async () => {
    const gone = vi.spyOn(location, "assign").mockImplementation(() => undefined);
    const authorization_url = "https://auth.example.com/authorize?state=x";
    await servers({}, { [SIGN_IN]: answer({ authorization_url }) });
    await screen.findByText("Sign-in needed");
    press("Sign in to wiki");
    await waitFor(() => expect(gone).toHaveBeenCalledWith(authorization_url));
  });

  test("takes a client id where it registers nobody", async () => {
    const gone = vi.spyOn(location, "assign").mockImplementation(() => undefined);
    const bodies: unknown[] = [];
    const errors = [{ field: "client_id", message: "register by hand" }];
    await servers(
      { sign_in: "needed_again" },
      {
        [SIGN_IN]: ({ body }) => {
          bodies.push(body);
          return bodies.length > 1
            ? { status: 200, body: { authorization_url: "https://auth.example.com/" } }
            : refusal("invalid_fields", 422, errors);
        },
      },
    );
    await screen.findAllByText("Sign in again");
    press("Sign in to wiki");
    await type("Client id", "apex-by-hand");
    press("Sign in");
    await waitFor(() => expect(gone).toHaveBeenCalledOnce());
    expect(bodies).toEqual([{}, { client_id: "apex-by-hand", client_secret: null }]);
  });

  test.each([
    [{ code: "http_status", named: "503" }, "It answered with HTTP status 503."],
    [{ code: "refused", named: "No <b>such</b> room" }, "says: No <b>such</b> room"],
    [{ code: "of_a_newer_server", named: null }, "In the server's own words."],
    [null, "In the server's own words."],
  ])("is told what is wrong with it in the page's words (%j)", async (known_problem, told) => {
    await servers({ problem: "In the server's own words.", known_problem, sign_in: "none" });
    expect((await screen.findByText(/The last check failed/)).textContent).toContain(told);
  });

  test("is signed out of", async () => {
    const healthy = { health: "healthy", problem: null, known_problem: null };
    const signedIn = { ...healthy, sign_in: "signed_in", signs_in_at: "https://auth.example.com" };
    const { asked } = await servers(signedIn, {
      "DELETE /api/mcp/servers/m1/sign-in": answer(SERVER),
    });
    await screen.findByText(/Signed in at https:..auth\.example\.com/);
    press("Sign out");
    await screen.findByText("You are signed out of wiki.");
    expect(asked).toContain("DELETE /api/mcp/servers/m1/sign-in");
  });
});
