/** Getting in, or being told plainly why not; and the program as a process of its own. */
import { spawn } from "node:child_process";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { WriteStream } from "node:tty";
import { describe, expect, test, vi } from "vitest";
import { USAGE } from "../../../src/terminal/options.ts";
import { painter } from "../../../src/terminal/world.ts";
import { credentials, problem } from "../client/frames.ts";
import { ScriptedServer } from "../client/scripted-server.ts";
import { ANSWER, answeringServer, TestTerminal } from "./world.ts";

/** @returns a server with passwords, whose development login is off. */
function passwordServer(): ScriptedServer {
  const server = answeringServer(...ANSWER);
  server.routes.delete("POST /api/auth/dev-login");
  server.routes.set("POST /api/auth/login", ({ body }) =>
    JSON.stringify(body).includes('"secret"')
      ? { status: 200, body: credentials(1) }
      : { status: 401, body: problem("credentials_invalid", 401) },
  );
  return server;
}

describe("a sign-in that fails is one plain sentence", () => {
  test.each([
    [
      "the server is out of reach",
      ["--url", "http://nowhere.test", "Why?"],
      "The server at http://nowhere.test could not be reached.\n",
    ],
    [
      "there is no development login",
      ["Why?"],
      "This server has no development login. Use --login with --email, " +
        "and give the password in APEX_PASSWORD or when asked.\n",
    ],
    [
      "there is nobody to type a password",
      ["--login"],
      "--login needs the password in APEX_PASSWORD.\n",
    ],
    [
      "the email is none",
      ["--email", "me", "--login"],
      "--login needs the password in APEX_PASSWORD.\n",
    ],
  ])("where %s", async (_name, args, said) => {
    const server = passwordServer();
    server.reachable = !args.includes("--url");
    const terminal = new TestTerminal(false);
    expect(await terminal.run(server, ...args)).toBe(1);
    expect([terminal.out, terminal.err]).toEqual(["", said]);
  });

  test("where the password is wrong", async () => {
    const terminal = new TestTerminal(false, { APEX_PASSWORD: "guess" });
    expect(await terminal.run(passwordServer(), "--login", "Why?")).toBe(1);
    expect(terminal.err).toBe("Refused: credentials_invalid\n");
  });

  test("where the server is broken", async () => {
    const server = new ScriptedServer();
    server.routes.set("POST /api/auth/dev-login", () => ({ status: 500 }));
    const terminal = new TestTerminal(false);
    expect(await terminal.run(server, "Why?")).toBe(1);
    expect(terminal.err).toBe("The server answered with status 500.\n");
  });

  test("where the user interrupts instead of typing", async () => {
    const terminal = new TestTerminal(true);
    terminal.stdin.write("sec\u0003");
    expect(await terminal.run(passwordServer(), "--login")).toBe(1);
    expect(terminal.err).toBe("Password: \nNo password was given.\n");
  });
});

describe("a password", () => {
  test("comes from the environment", async () => {
    const terminal = new TestTerminal(false, { APEX_PASSWORD: "secret" });
    expect(await terminal.run(passwordServer(), "--login", "Why?")).toBe(0);
    expect(terminal.out).toBe("All is well.\n");
  });

  test("is asked for on a terminal, and never shown", async () => {
    const terminal = new TestTerminal(true);
    terminal.stdin.write("secret\r");
    expect(await terminal.run(passwordServer(), "--login", "Why?")).toBe(0);
    expect(terminal.err).toContain("Password: ");
    expect(terminal.out + terminal.err).not.toContain("secret");
  });
});

test("colours are for terminals whose user has not set NO_COLOR", () => {
  const { getColorDepth } = WriteStream.prototype;
  const stream = Object.assign(new PassThrough(), { isTTY: true, getColorDepth });
  const painted = () => painter(stream)("red", "text");
  for (const name of ["FORCE_COLOR", "CI"]) vi.stubEnv(name, undefined);
  vi.stubEnv("TERM", "xterm-256color");
  vi.stubEnv("NO_COLOR", undefined);
  expect(painted()).toBe("\u001b[31mtext\u001b[39m");
  vi.stubEnv("NO_COLOR", "1");
  expect(painted()).toBe("text");
  vi.stubEnv("NO_COLOR", undefined);
  stream.isTTY = false;
  expect(painted()).toBe("text");
  vi.unstubAllEnvs();
});

describe("the program", () => {
  async function start(...args: string[]) {
    const child = spawn(process.execPath, ["src/terminal/main.ts", ...args]);
    const exit = new Promise((resolve) => child.once("close", resolve));
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { out, err, code: await exit };
  }

  test("ends with 2 where it does not know an option, and names it", async () => {
    const { out, err, code } = await start("--colour", "Why?");
    expect({ out, code }).toEqual({ out: "", code: 2 });
    expect(err).toBe(`Unknown option '--colour'.\n\n${USAGE}`);
  });

  test("ends with 1 and a sentence where nobody listens", async () => {
    const { out, err, code } = await start("--url", "http://127.0.0.1:1", "Why?");
    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toBe("The server at http://127.0.0.1:1 could not be reached.\n");
  });

  test("explains itself", async () => {
    const terminal = new TestTerminal(false);
    expect(await terminal.run(new ScriptedServer(), "--help")).toBe(0);
    expect([terminal.out, terminal.err]).toEqual([USAGE, ""]);
  });
});
