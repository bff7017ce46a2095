/** Whoever writes a line of the log, it names what was being served: in objects, in runs, in what isolates share. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { Account } from "../../../src/account/account-object.ts";
import { Organization } from "../../../src/account/organization-object.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { breakerReports } from "../../../src/durable/breakers.ts";
import { guardedModel } from "../../../src/models/guarded.ts";
import { AcceptedMessage } from "../../../src/protocol/api.ts";
import { ApexError } from "../../../src/protocol/errors.ts";
import { consoleLog, LogContext } from "../../../src/telemetry/log.ts";
import { portsOf } from "../../../src/thread/ports.ts";
import { foundTeam } from "../http/team.ts";
import { beginThread, type Conversation, clientOf } from "./conversation.ts";
import { holdModel, objectEnv } from "./held-model.ts";

const Line = LogContext.extend({ event: z.string() });
type Line = z.infer<typeof Line>;

let lines: Line[];
beforeEach(() => {
  lines = [];
  for (const level of ["log", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line: unknown) => {
      lines.push(Line.parse(JSON.parse(String(line))));
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
});

const away = () => Promise.reject(new Error("away"));

/** @returns the lines of an event that are about a user, once there is one. */
async function told(event: string, { owner }: Conversation): Promise<Line[]> {
  const isIt = (line: Line) => line.event === event && line.user_id === owner.user.id;
  const found = () => lines.filter(isIt);
  await vi.waitFor(() => expect(found()).not.toEqual([]), { timeout: 15_000 });
  return found();
}

/** What an answer says of its request. */
function namesOf({ headers }: Response) {
  const [, trace_id] = headers.get("traceresponse")?.split("-") ?? [];
  return { request_id: headers.get("x-request-id"), trace_id };
}

function ownerOf({ owner, threadId }: Conversation) {
  return { user_id: owner.user.id, thread_id: threadId };
}

async function post(thread: Conversation, content: string) {
  const answer = await thread.ask("/messages", { body: { content } });
  const { run_id } = AcceptedMessage.parse(await answer.clone().json());
  return { run_id, names: { ...ownerOf(thread), ...namesOf(answer) } };
}

describe("a run's lines name the request that it came by", () => {
  it("where its model fails, and the breaker opens that guards it for everybody", async () => {
    const gone = { report: away };
    const BREAKERS = new Proxy(env.BREAKERS, { get: () => () => gone });
    const broken = guardedModel(
      {
        provider: "openai",
        models: ["broken"],
        stream() {
          throw new ApexError("model_unavailable", "The model is away.");
        },
        cost: () => null,
      },
      {
        clock: systemClock,
        log: consoleLog,
        failures: 1,
        onChange: breakerReports({ BREAKERS }, systemClock, consoleLog)("model"),
      },
    );
    const { model } = portsOf(await objectEnv());
    vi.spyOn(model, "stream").mockImplementation((request) => broken.stream(request));
    const thread = await beginThread();
    const { run_id, names } = await post(thread, "anybody there?");
    await thread.settled();

    for (const event of ["model_breaker_opened", "breaker.unreported", "run.ended"]) {
      expect(await told(event, thread)).toMatchObject([{ ...names, run_id }]);
    }
  });

  it("where it waited behind another, and where it was taken up after a death", async () => {
    const model = await holdModel();
    const thread = await beginThread();
    const [first, second] = [await post(thread, "goes first"), await post(thread, "waits")];
    await model.turn("goes first");
    await thread.die();
    await thread.alarm();
    (await model.turn("goes first", 2)).end("Done.");
    (await model.turn("waits")).end("Done.");
    await thread.settled();

    const ended = await told("run.ended", thread);
    expect(ended).toMatchObject([first, second].map(({ run_id, names }) => ({ ...names, run_id })));
    expect(first.names.request_id).not.toBe(second.names.request_id);
  });
});

describe("an object's lines name the request", () => {
  it("that it is called for, also where that call went through another object", async () => {
    await holdModel();
    vi.spyOn(Organization.prototype, "tally").mockImplementation(away);
    const thread = await beginThread(await foundTeam());
    const { names } = await post(thread, "at the team's cost");
    const { user_id, request_id, trace_id } = names;

    for (const line of await told("budget.team_away", thread)) {
      expect(line).toMatchObject({ user_id, request_id, trace_id });
    }
  });

  it("that opened the socket a message came over; its trace is the message's own", async () => {
    const model = await holdModel();
    vi.spyOn(Account.prototype, "openSocket").mockImplementation(away);
    vi.spyOn(Account.prototype, "reserve").mockImplementation(away);
    const thread = await beginThread();
    const upgraded = await thread.ask("/socket", { headers: { upgrade: "websocket" } });
    const client = clientOf(upgraded);
    const { run_id } = await client.say("by socket");
    (await model.turn("by socket")).end("Done.");
    await client.completed(run_id);
    await thread.settled();
    client.close();

    const { request_id, trace_id } = namesOf(upgraded);
    const owner = ownerOf(thread);
    expect(await told("account.unreached", thread)).toMatchObject([
      { ...owner, request_id, trace_id },
    ]);
    const [unreached] = await told("quota.unreached", thread);
    expect(unreached).toMatchObject({ ...owner, request_id });
    expect(unreached?.trace_id).toMatch(/^[0-9a-f]{32}$/);
    expect(unreached?.trace_id).not.toBe(trace_id);
    const ended = { ...owner, request_id, trace_id: unreached?.trace_id, run_id };
    expect(await told("run.ended", thread)).toMatchObject([ended]);
  });
});

it("an alarm's lines name what the object is, and no request, for none caused them", async () => {
  const model = await holdModel();
  const thread = await beginThread();
  const { run_id } = await post(thread, "over by then");
  (await model.turn("over by then")).end("Done.");
  await thread.settled();
  await thread.die();
  lines = [];
  vi.spyOn(Account.prototype, "announce").mockImplementation(away);
  await thread.ask("", { method: "PATCH", body: { title: "New" } });
  const [asked] = await told("feed.postponed", thread);
  expect(asked).toMatchObject({ ...ownerOf(thread), request_id: expect.any(String) });
  await thread.die();
  lines = [];
  expect(await thread.alarm()).toBe(true);

  expect(await told("feed.postponed", thread)).toEqual([
    { event: "feed.postponed", ...ownerOf(thread) },
  ]);
  expect(lines.filter((line) => line.run_id === run_id)).toEqual([]);
});
