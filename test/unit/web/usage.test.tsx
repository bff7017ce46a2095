/**
 * Usage: an import from the drop to the end, and everything that can go wrong with one.
 * @vitest-environment happy-dom
 */
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { told } from "../../../src/web/form/told.ts";
import { asUpload, importIdOf } from "../../../src/web/usage/import-file.ts";
import { EN } from "../../../src/web/words/en.ts";
import { AT, USER } from "../client/frames.ts";
import { listing, type Routes, refusal, stage, strike } from "./stage.tsx";

const counts = { rows: 3, stored: 2, known: 0, duplicates: 0, ignored: 0, quarantined: 1 };
const tooSmall = { code: "too_small", field: "input_tokens", bound: 0 };
const refused = [{ reason: "input_tokens: Too small", faults: [tooSmall], rows: 1, lines: [2] }];
const PREVIEW = {
  dry_run: true,
  format: "litellm",
  ...counts,
  refused,
  examples: [{ record_id: "r1", ts: 0, request_model: "gpt-5", input_tokens: 12 }],
  first_at: AT,
  last_at: AT,
  reported_usd: 2,
  computed_usd: 1.5,
  unpriced: 1,
};

beforeAll(async () => {
  await import("../../../src/web/usage/usage.tsx");
});
afterEach(() => {
  vi.useRealTimers();
  strike();
});

function open(routes: Routes) {
  const summary = { n_records: 0, cost_usd: null, tokens: 0, window: { to: AT } };
  return stage(
    {
      ...listing([]),
      "POST /api/tools/usage_summary/execute": () => ({
        status: 200,
        body: {
          ...{ call_id: "c", tool_name: "usage_summary", duration_ms: 1, findings: [] },
          ...{ output: summary, degraded: null },
        },
      }),
      "GET /api/usage/prices": () => ({ status: 200, body: { data: [] } }),
      "GET /api/usage/imports": () => ({ status: 200, body: pageOf() }),
      ...routes,
    },
    "/usage",
  );
}

/** An import, as the server tells of it. */
function imported(changes: object = {}) {
  return {
    ...{ ...counts, id: "i1", format: "litellm", status: "incomplete" },
    ...{ under_way: false, file_name: null },
    ...{ first_at: AT, last_at: AT, created_at: AT, updated_at: AT },
    ...changes,
  };
}

function pageOf(imports: readonly object[] = [], next_cursor: string | null = null) {
  return { data: imports, next_cursor, has_more: next_cursor !== null };
}

async function choose(content = "a,b", name = "calls.csv"): Promise<void> {
  const input = await screen.findByLabelText("Choose a file", { selector: "input" });
  fireEvent.change(input, { target: { files: [new File([content], name)] } });
}

function press(name: string): void {
  fireEvent.click(screen.getByRole("button", { name }));
}

describe("a file", () => {
  test("that is empty is not sent", async () => {
    const { asked } = await open({});
    await choose("");
    expect((await screen.findByRole("alert")).textContent).toBe("This file is empty.");
    expect(asked).not.toContain("POST /api/usage/imports");
  });

  test("that is not understood is told of, and may be explained", async () => {
    const queries: string[] = [];
    await open({
      "POST /api/usage/imports": ({ query }) => {
        queries.push(query.toString());
        return queries.length === 1
          ? refusal("invalid_fields", 422)
          : { status: 200, body: PREVIEW };
      },
    });
    await choose();
    expect((await screen.findByRole("alert")).textContent).toContain(
      EN.problems.codes.invalid_fields.what,
    );
    fireEvent.change(screen.getByLabelText("Format"), { target: { value: "csv" } });
    fireEvent.change(screen.getByLabelText("Columns, as JSON"), { target: { value: "{}" } });
    press("Read it again");
    await screen.findByRole("heading", { name: "Preview of calls.csv" });
    expect(queries).toEqual(["dry_run=true", "format=csv&column_map=%7B%7D&dry_run=true"]);
  });

  test("without a record in it cannot be imported", async () => {
    const body = { ...PREVIEW, stored: 0, examples: [], first_at: null, last_at: null };
    await open({ "POST /api/usage/imports": () => ({ status: 200, body }) });
    await choose();
    await screen.findByText("There is no record in it that could be imported.");
    expect(screen.queryByRole("button", { name: /^Import/ })).toBeNull();
    press("Choose another file");
    await screen.findByText("Drop a file here");
  });

  test("is previewed with what it is, what it cost, and what is set aside", async () => {
    await open({ "POST /api/usage/imports": () => ({ status: 200, body: PREVIEW }) });
    await choose();
    const heading = await screen.findByRole("heading", { name: "Preview of calls.csv" });
    await waitFor(() => expect(document.activeElement).toBe(heading));
    const said = heading.parentElement?.textContent;
    expect(said).toContain("LiteLLM logs");
    expect(said, "a window of one day is that day").toContain(`Time${told("en").day(AT)}Cost`);
    expect(said).toContain("$1.50; 1 without a known price");
    expect(said).toContain("1 × input_tokens is too small. The least is 0. line 2");
    press("Cancel");
    await screen.findByText("Drop a file here");
  });

  test("whose reasons the page has no words for is told of them in the server's", async () => {
    const faults = [tooSmall, { code: "of_tomorrow" }];
    const body = {
      ...PREVIEW,
      refused: [{ reason: "is of tomorrow", faults, rows: 1, lines: [] }],
    };
    await open({ "POST /api/usage/imports": () => ({ status: 200, body }) });
    await choose();
    const list = await screen.findByRole("region", { name: "Set aside, and why" });
    expect(list.textContent).toMatch(/1 × is of tomorrow$/);
  });

  test("whose import broke off says so, and can go on or be taken back", async () => {
    const { asked } = await open({
      "POST /api/usage/imports": ({ query }) =>
        query.has("dry_run") ? { status: 200, body: PREVIEW } : refusal("import_conflict", 409),
      "DELETE /api/usage/imports/i1": () => ({ status: 204 }),
    });
    await choose();
    await screen.findByRole("heading", { name: "Preview of calls.csv" });
    press("Import 2 records");
    await screen.findByText(/^The import broke off/);
    expect(screen.getByRole("alert").textContent).toContain(EN.problems.codes.import_conflict.what);
    press("Go on");
    await waitFor(() =>
      expect(asked.filter((route) => route === "POST /api/usage/imports")).toHaveLength(3),
    );
  });
});

describe("a file is sent", () => {
  test.each([
    ["calls.csv", "", "text/csv"],
    ["calls.CSV", "application/vnd.ms-excel", "text/csv"],
    ["calls.txt", "text/csv", "text/csv"],
    ["calls.json", "application/json", "application/octet-stream"],
  ])("%s of the type %j as %s", (name, type, sent) => {
    expect(asUpload(new File(["x"], name, { type })).type).toBe(sent);
  });

  test("that a reload cut off is told of, and goes on as soon as it is chosen again", async () => {
    const file = new File(["a,b"], "calls.csv");
    const id = await importIdOf(file);
    const import_ = {
      ...imported({ id }),
      rows: 1,
    };
    const key = `apex-edge.import/${USER.id}/latest`;
    localStorage.setItem(key, JSON.stringify({ id, name: "calls.csv", rows: 3 }));
    const asked: string[] = [];
    await open({
      [`GET /api/usage/imports/${id}`]: () => ({ status: 200, body: import_ }),
      "POST /api/usage/imports": ({ query }) => {
        asked.push(query.get("import_id") ?? "tried");
        if (query.get("dry_run")) return { status: 200, body: PREVIEW };
        const done = { type: "import_completed", import: { ...import_, rows: 3 }, refused };
        return { status: 200, stream: new Blob([`data: ${JSON.stringify(done)}\n\n`]).stream() };
      },
    });
    await screen.findByText(/^The import was interrupted\./);
    await screen.findByText("1 of 3 rows");
    fireEvent.change(screen.getByLabelText("Choose a file", { selector: "input" }), {
      target: { files: [file] },
    });
    await screen.findByRole("heading", { name: "calls.csv is imported" });
    expect(asked).toEqual(["tried", id]);
    expect(localStorage.getItem(key)).toBeNull();
  });

  const BETWEEN_LOOKS = 2_000;
  const KEY = `apex-edge.import/${USER.id}/latest`;
  const interrupted = (said: () => { status: number; body?: unknown }) => {
    localStorage.setItem(KEY, JSON.stringify({ id: "file-1", name: "calls.csv", rows: 3 }));
    return open({ "GET /api/usage/imports/file-1": said });
  };
  const standing = (rows: number, changes: object = {}) => ({
    status: 200,
    body: imported({ id: "file-1", rows, stored: rows, ...changes }),
  });
  const GOES_ON = { under_way: true };

  test("that is unknown by now is not told of again", async () => {
    await interrupted(() => refusal("not_found", 404));
    await screen.findByText("Drop a file here");
    expect(localStorage.getItem(KEY)).toBeNull();
  });

  test("that went on without its page is followed to its end, and told of once", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"], shouldAdvanceTime: true });
    let looks = 0;
    await interrupted(() => {
      looks += 1;
      return looks < 3 ? standing(looks, GOES_ON) : standing(3, { status: "complete" });
    });
    await screen.findByText(/goes on without the page that began it/);
    await screen.findByText("1 of 3 rows");
    await vi.advanceTimersByTimeAsync(BETWEEN_LOOKS);
    await screen.findByText("2 of 3 rows");
    expect(screen.queryByText("Choose a file")).toBeNull();
    await vi.advanceTimersByTimeAsync(BETWEEN_LOOKS);
    const heading = await screen.findByRole("heading", { name: "calls.csv is imported" });
    expect(heading.parentElement?.textContent).toContain("New records3");
    expect(localStorage.getItem(KEY)).toBeNull();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(looks).toBe(3);
  });

  test.each([
    ["was cut off in the end", () => standing(1)],
    ["cannot be looked at any more", () => refusal("unavailable", 503)],
  ])("that %s can be repeated, and is not asked after for ever", async (_, said) => {
    vi.useFakeTimers({ toFake: ["setTimeout"], shouldAdvanceTime: true });
    let looks = 0;
    await interrupted(() => {
      looks += 1;
      return looks < 3 ? standing(1, GOES_ON) : said();
    });
    await screen.findByText("1 of 3 rows");
    await vi.advanceTimersByTimeAsync(120_000);
    const asked = looks;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(looks).toBe(asked);
    screen.getByText(/^The import was interrupted\./);
    screen.getByText("Choose a file");
  });

  test("under an id that is the same for the same file, and never for another", async () => {
    const [one, same, other] = await Promise.all(
      ["a", "a", "bb"].map((text) => importIdOf(new File([text], "x", { lastModified: 1 }))),
    );
    expect(same).toBe(one);
    expect(other).not.toBe(one);
    expect(one).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });
});

describe("the imports", () => {
  /** @returns the list, once it is there. */
  const list = () => screen.findByRole("list", { name: "Imports" });

  test("are told with their file, how they stand, and what became of their rows", async () => {
    const imports = [
      imported({ id: "i1", file_name: "may.csv", under_way: true, stored: 1, quarantined: 1 }),
      imported({ id: "i2", file_name: "april.csv", stored: 2_000, quarantined: 0 }),
      imported({ id: "i3", status: "complete" }),
      imported({ id: "i4", status: "rolling_back" }),
    ];
    await open({ "GET /api/usage/imports": () => ({ status: 200, body: pageOf(imports) }) });
    const rows = [...(await list()).children].map((row) => row.textContent);
    expect(rows[0]).toMatch(/^may\.csv Under way.*1 record accepted, 1 row set aside/);
    expect(rows[0]).not.toContain("Cut off");
    expect(rows[1]).toMatch(/^april\.csv Cut off.*2,000 records accepted, 0 rows set aside.*go on/);
    expect(rows[2]).toMatch(/^i3 Complete/);
    expect(rows[3]).toMatch(/^i4 Being taken back/);
  });

  test("are none at first, and told page by page", async () => {
    const cursors: (string | null)[] = [];
    await open({
      "GET /api/usage/imports": ({ query }) => {
        cursors.push(query.get("cursor"));
        const first = pageOf([imported({ id: "i1" })], "next");
        const last = pageOf([imported({ id: "i2" })]);
        return { status: 200, body: query.has("cursor") ? last : first };
      },
    });
    await list();
    press("Show more");
    await screen.findByRole("button", { name: "Take it back: i2" });
    expect(cursors).toEqual([null, "next"]);
    expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
  });

  test("are taken back once that is confirmed, which is said, and the focus is not lost", async () => {
    let held = [imported({ file_name: "may.csv" })];
    const { asked } = await open({
      "GET /api/usage/imports": () => ({ status: 200, body: pageOf(held) }),
      "DELETE /api/usage/imports/i1": () => {
        held = [];
        return { status: 204 };
      },
    });
    await list();
    press("Take it back: may.csv");
    expect(asked).not.toContain("DELETE /api/usage/imports/i1");
    press("Delete its records");
    await screen.findByText("Nothing of may.csv is left.");
    await screen.findByText("Nothing was imported yet.");
    expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Imports" }));
  });

  test("that cannot be taken back yet say why, and stay", async () => {
    await open({
      "GET /api/usage/imports": () => ({ status: 200, body: pageOf([imported()]) }),
      "DELETE /api/usage/imports/i1": () => refusal("import_conflict", 409),
    });
    await list();
    press("Take it back: i1");
    press("Delete its records");
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("This import is at work elsewhere");
    expect((await list()).children).toHaveLength(1);
  });
});
