/** A server that ends a connection for good says so first: nobody waits for a socket that takes its time to close. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { failure, problem } from "./frames.ts";
import { pass, Stage } from "./stage.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a connection whose socket is still open is over", () => {
  it("once it is told that its session has ended: its user is asked to sign in again", async () => {
    const stage = new Stage();
    const connection = await stage.open();
    stage.server.routes.set("POST /api/auth/refresh", () => ({
      status: 401,
      body: problem("session_ended"),
    }));
    const { socket } = stage.server;
    socket.say(failure("session_ended"));
    await pass();

    expect(connection).toMatchObject({ status: "closed", error: { code: "session_ended" } });
    expect(socket.readyState).toBeGreaterThan(1);
    expect(stage.frames.at(-1)).toMatchObject({ type: "error" });
    expect(stage.server.sockets).toHaveLength(1);
  });

  it("once it is told that its thread is gone", async () => {
    const stage = new Stage();
    const connection = await stage.open();
    stage.server.socket.say(failure("not_found"));
    await pass();

    expect(connection).toMatchObject({ status: "closed", error: { code: "not_found" } });
    expect(stage.server.sockets).toHaveLength(1);
  });
});

it.each([
  ["a command was refused with it", failure("not_found", { command: "cancel" })],
  ["it ends nothing", failure("rate_limited")],
])("a connection goes on where %s", async (_, error) => {
  const stage = new Stage();
  const connection = await stage.open();
  stage.server.socket.say(error);
  await pass();

  expect(connection.status).toBe("open");
  connection.close();
});
