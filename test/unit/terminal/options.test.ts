/** The command line: what is refused, and what each option means. */
import { expect, test } from "vitest";
import { parseOptions } from "../../../src/terminal/options.ts";

test.each([
  [["--colour"], "Unknown option '--colour'."],
  [["-x"], "Unknown option '-x'."],
  [["--url"], "Option '--url <value>' argument missing"],
  [["--url", "ftp://x"], "Not a web address: ftp://x"],
  [["--timeout", "soon"], "--timeout takes seconds, from above 0 to 86400: soon"],
  [["--timeout", "0"], "--timeout takes seconds, from above 0 to 86400: 0"],
  [["--thread", ""], "Not a thread's id: "],
  [["--json"], "--json needs a question."],
])("%j is a mistake that is named", (args, mistake) => {
  expect(parseOptions(args, {})).toEqual({ kind: "mistake", mistake });
});

test("without arguments a conversation opens with the local server", () => {
  expect(parseOptions([], {})).toEqual({
    kind: "options",
    options: {
      url: "http://127.0.0.1:8787",
      email: "developer@example.com",
      login: false,
      thread: null,
      json: false,
      timeoutMs: 120_000,
      question: null,
    },
  });
});

test("the server may stand in the environment, and an option wins over it", () => {
  const environment = { APEX_URL: "https://chat.test" };
  const url = (args: string[]) => {
    const parsed = parseOptions(args, environment);
    return parsed.kind === "options" && parsed.options.url;
  };
  expect([url([]), url(["--url", "http://other.test"])]).toEqual([
    "https://chat.test",
    "http://other.test",
  ]);
});

test("every option has its place, and words without quotes are one question", () => {
  const args = "--login --email a@b.test --thread t-1 --json --timeout 1.5 Why so slow?".split(" ");
  expect(parseOptions(args, {})).toMatchObject({
    options: {
      login: true,
      email: "a@b.test",
      thread: "t-1",
      json: true,
      timeoutMs: 1500,
      question: "Why so slow?",
    },
  });
  expect(parseOptions(["-"], {})).toMatchObject({ options: { question: "-" } });
  expect(parseOptions(["--help", "me"], {})).toEqual({ kind: "help" });
});
