/** The terminal chat against the running product: as a command in scripts, and as a conversation. */
import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, inject, test } from "vitest";
import { ServerFrame } from "../../src/protocol/events.ts";
import { ThreadId } from "../../src/protocol/ids.ts";
import type { StepInput } from "../model-server/step.ts";
import { scriptModel } from "./model-script.ts";
import { newPerson } from "./person.ts";
import { freePort } from "./product.ts";
import { expectDeltasToMake, expectRules } from "./rules.ts";
import { runTerminal } from "./terminal-program.ts";

const ANSWER = "The cost is in the records; ask me for a week of it.";
const SLOW: StepInput = { text: "This one never comes to its end.", hang: "after_content" };

/** Everybody in these tests is somebody else, so that no thread is seen by two of them. */
let email: string;

beforeEach(() => {
  email = `${randomUUID()}@example.com`;
});

const chat = (args: readonly string[], input = "") =>
  runTerminal({ url: inject("openaiUrl"), email, args, input });

describe("It fails", () => {
  test("with exit code 2 and the usage, where an option is unknown", async () => {
    const { code, stdout, stderr } = await chat(["--colour", "Hello"]);

    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("--colour");
    expect(stderr).toContain("Usage: npm run chat");
  });

  test("with exit code 1 and one sentence, where nobody is at the address", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, stdout, stderr } = await chat(["--url", url, "Hello"]);

    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toBe(`The server at ${url} could not be reached.\n`);
  });

  test("with exit code 1 and what to do, where the model refuses the run", async () => {
    await scriptModel([{ status: 401 }]);
    const { code, stdout, stderr } = await chat(["Hello"]);

    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("Check OPENAI_API_KEY");
  });

  test("with exit code 1, where the answer takes longer than it may, and the run is stopped", async () => {
    await scriptModel([SLOW]);
    const { code, stdout, stderr } = await chat(["--timeout", "1", "Hello"]);

    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("No answer within 1 s: it was stopped.");
    const person = await newPerson(inject("openaiUrl"), email);
    const [question] = await person.history(threadIn(stderr));
    expect(await person.ended((question ?? never()).run_id)).toMatchObject({ status: "cancelled" });
  });
});

describe("Asked one question", () => {
  test("it prints the answer alone on the standard output, and the run on the other", async () => {
    await scriptModel([
      { tool_calls: [{ name: "usage_summary", arguments: {} }] },
      { text: ANSWER },
    ]);
    const { code, stdout, stderr } = await chat(["What", "did it cost?"]);

    expect(code).toBe(0);
    expect(stdout).toBe(`${ANSWER}\n`);
    expect(stderr).toContain("usage_summary");
    expect(stderr).toContain("✓ completed");
    const person = await newPerson(inject("openaiUrl"), email);
    expect(await person.history(threadIn(stderr))).toMatchObject([
      { content: "What did it cost?" },
      { content: ANSWER },
    ]);
  });

  test("it goes on with the thread it is given", async () => {
    await scriptModel([{ text: "One." }, { text: "Two." }]);
    const first = await chat(["First?"]);
    const second = await chat(["--thread", threadIn(first.stderr), "-"], "Second?\n");

    expect(second).toMatchObject({ code: 0, stdout: "Two.\n" });
    expect(threadIn(second.stderr)).toBe(threadIn(first.stderr));
  });

  test("with --json every line is a frame of the protocol, and together they are the run", async () => {
    await scriptModel([
      { tool_calls: [{ name: "usage_summary", arguments: {} }] },
      { text: ANSWER },
    ]);
    const { code, stdout } = await chat(["--json", "What did it cost?"]);
    const lines = stdout.trimEnd().split("\n");
    const frames = lines.map((line) => ServerFrame.parse(JSON.parse(line)));
    const last = frames.at(-1);

    expect(code).toBe(0);
    expect(frames[0]?.type).toBe("connection_ready");
    if (last?.type !== "agent_completed") return expect(last?.type).toBe("agent_completed");
    const person = await newPerson(inject("openaiUrl"), email);
    const { end } = expectRules(frames, last.context.run_id, person);
    expect(end.data.final_response).toBe(ANSWER);
    expectDeltasToMake(ANSWER, frames, last.context.run_id);
  });
});

describe("A conversation through a pipe", () => {
  test("answers in turn, lists what it was asked to, and leaves on /quit", async () => {
    await scriptModel([{ text: "The first answer." }, { text: "The second answer." }]);
    const lines = ["/help", "The first question", "The second question", "/threads", "/quit"];
    const { code, stdout } = await chat([], [...lines, "Never said"].join("\n"));

    expect(code).toBe(0);
    expect(stdout).toContain("/stop            stop the run");
    const answers = ["apex › The first answer.\n", "apex › The second answer.\n"];
    const places = answers.map((answer) => stdout.indexOf(answer));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(stdout).toMatch(/^1\. The first question \d{4}-\d\d-\d\d \S+$/m);
    expect(stdout).not.toContain("Never said");
  });

  test("gives a slow answer its time, and then takes the /stop that follows", async () => {
    await scriptModel([SLOW]);
    const { code, stdout } = await chat(["--timeout", "1"], "A slow question\n/stop\n/quit\n");

    expect(code).toBe(0);
    expect(stdout).toContain("This one never comes");
    expect(stdout).toContain("■ cancelled");
  });
});

function threadIn(stderr: string): ThreadId {
  return ThreadId.parse(/^thread (\S+)$/m.exec(stderr)?.[1]);
}

function never(): never {
  throw new Error("There is no such thing.");
}
