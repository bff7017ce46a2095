/** A connection whose token runs out: it hands on a new one, and nobody notices. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { accepted, problem, ready, started, tokenExpiring } from "./frames.ts";
import { pass, Stage } from "./stage.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const renewals = ({ server }: Stage) =>
  server.requests.filter(({ route }) => route === "POST /api/auth/refresh").length;

describe("a connection that is warned of its token's end", () => {
  it("goes on as it is where no new token can be had, and tries again when it is closed", async () => {
    const stage = new Stage();
    const connection = await stage.open();
    stage.server.routes.set("POST /api/auth/refresh", () => ({
      status: 503,
      body: problem("unavailable", 503),
    }));
    stage.server.socket.say(tokenExpiring());
    await pass();

    expect(stage.server.socket.commands).toEqual([]);
    expect(connection.status).toBe("open");
    connection.close();
  });

  it("hands on a new token over the same socket, and loses nothing", async () => {
    const stage = new Stage();
    const connection = await stage.open();
    stage.server.socket.say(accepted(1, null));
    stage.server.socket.say(tokenExpiring());
    await pass();
    stage.server.socket.say(started(2));

    expect(stage.server.socket.commands).toEqual([{ type: "reauthenticate", token: "access-2" }]);
    expect(stage.server.sockets).toHaveLength(1);
    expect(stage.statuses).toEqual(["open"]);
    expect(connection.view.lastSeq).toBe(2);
    connection.close();
  });

  it("renews once for each token, however often it is warned", async () => {
    const stage = new Stage();
    const connection = await stage.open();
    stage.server.socket.say(tokenExpiring());
    stage.server.socket.say(tokenExpiring());
    await pass();
    expect(renewals(stage)).toBe(1);
    stage.server.socket.say(tokenExpiring());
    await pass();
    expect(renewals(stage)).toBe(2);
    expect(stage.server.socket.commands.at(-1)).toEqual({
      type: "reauthenticate",
      token: "access-3",
    });
    connection.close();
  });
});

it("a connection that ends with 4401 comes back with a new token, where it left off", async () => {
  const stage = new Stage();
  const connection = await stage.open();
  stage.server.socket.say(accepted(1, null));
  stage.server.socket.drop(4401);
  await pass(5_000);
  stage.server.socket.accept(ready({ replay_after: 1, last_seq: 1 }));

  expect(stage.server.socket.protocols[1]).toBe("bearer.access-2");
  expect(stage.search()).toMatchObject({ after: "1" });
  expect(connection.status).toBe("open");
  connection.close();
});
