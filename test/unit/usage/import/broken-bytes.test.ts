/** Bytes that are no UTF-8: the row that has them is set aside by its line, and the rest of the file goes on. */
import { describe, expect, it } from "vitest";
import { NOW, readAll, recordsOf, refusalsOf } from "./read.ts";

const row = (id: string, feature = "search") => ({
  record_id: id,
  ts: NOW - 1_000,
  provider: "openai",
  request_model: "gpt-5.4",
  input_tokens: 100,
  output_tokens: 10,
  feature,
});
const header = Object.keys(row("a")).join(",");
const cells = (id: string, feature: string) => Object.values(row(id, feature)).join(",");

/** What a test writes for a byte that begins no character. */
const BROKEN = "\u0001";

/** @returns the text in UTF-8, but for its {@link BROKEN} ones. */
function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text).map((byte) => (byte === 1 ? 0xe9 : byte));
}

const line = (id: string, feature?: string) => `${JSON.stringify(row(id, feature))}\n`;
const NOT_UTF8 = "is not UTF-8";
const idsOf = async (reading: ReturnType<typeof readAll>) =>
  recordsOf((await reading).entries).map(({ record_id }) => record_id);

// JSON.stringify would spell the byte's stand-in out.
const broken = (id: string) => line(id, "caf@").replace("@", BROKEN);

describe.each([1, 2, 3, 7, 65_536])("in pieces of %i bytes, what is no UTF-8", (size) => {
  it("is one line of lines", async () => {
    const bytes = bytesOf(`${line("a")}${broken("b")}${line("c", "é€😀")}`);
    const reading = readAll(bytes, { size });
    expect(await idsOf(reading)).toEqual(["a", "c"]);
    expect(recordsOf((await reading).entries).at(-1)?.feature).toBe("é€😀");
    expect(refusalsOf((await reading).entries)).toEqual([{ line: 2, reason: NOT_UTF8 }]);
  });

  it("is one element of an array, also where all stand in one line", async () => {
    const text = `[${[line("a"), broken("b"), line("c")].map((each) => each.trim()).join(",")}]`;
    const reading = readAll(bytesOf(text), { size });
    expect(await idsOf(reading)).toEqual(["a", "c"]);
    expect(refusalsOf((await reading).entries)).toEqual([{ line: 1, reason: NOT_UTF8 }]);
  });

  it("is one row of a table, over all the lines of it", async () => {
    const text = [
      header,
      cells("a", "é"),
      cells("b", `"caf\n${BROKEN}${BROKEN}"`),
      cells("c", "last"),
      cells("d", BROKEN),
      cells("e", "more"),
    ].join("\r\n");
    const reading = readAll(bytesOf(text), {
      size,
      format: "csv",
      columns: { columns: {}, constants: {} },
    });
    expect(await idsOf(reading)).toEqual(["a", "c", "e"]);
    expect(refusalsOf((await reading).entries)).toEqual([
      { line: 3, reason: NOT_UTF8 },
      { line: 6, reason: NOT_UTF8 },
    ]);
  });

  it("is the end of a file that was cut within a character", async () => {
    const bytes = bytesOf(`${line("a")}${line("b", "é")}`);
    const cut = bytes.slice(0, bytes.lastIndexOf(0xc3) + 1);
    const reading = readAll(cut, { size });
    expect(await idsOf(reading)).toEqual(["a"]);
    expect(refusalsOf((await reading).entries)).toEqual([{ line: 2, reason: NOT_UTF8 }]);
  });

  it("is not U+FFFD, which is a character: text that somebody lost before counts", async () => {
    const bytes = bytesOf(`${line("a")}${line("b", "caf\ufffd")}${broken("c")}${line("d")}`);
    const reading = readAll(bytes, { size });
    expect(await idsOf(reading)).toEqual(["a", "b", "d"]);
    expect(recordsOf((await reading).entries)[1]?.feature).toBe("caf\ufffd");
  });
});

it("keeps of a row that is no UTF-8 what can be read", async () => {
  const { entries } = await readAll(bytesOf(`${line("a")}${broken("b")}`));
  const kept = entries.flatMap((entry) => (entry.kind === "refused" ? [entry.refusal.row] : []));
  expect(kept).toEqual([broken("b").trim().replace(BROKEN, "\ufffd")]);
});

describe("a file of another charset altogether is refused whole", () => {
  const malformed = {
    code: "malformed_body",
    message: expect.stringContaining("State its charset in Content-Type"),
  };

  it.each([
    ["whose first line is no UTF-8", bytesOf(`${broken("a")}${line("b")}`)],
    ["whose columns are no UTF-8", bytesOf(`${BROKEN},b\n1,2\n`)],
    ["that is packed", new Uint8Array([0x1f, 0x8b, 0x08, 0, 0, 0, 0x99, 0xfe, 0x0a, 0xf1])],
    ["that is one document", bytesOf(`{"data": [\n"${BROKEN}"\n]}`)],
  ])("%s", async (_, bytes) => {
    await expect(readAll(bytes)).rejects.toMatchObject(malformed);
  });

  it("which is read where it is stated, but for UTF-16 that breaks", async () => {
    const latin = bytesOf(`${broken("a")}${line("b")}`);
    const { entries } = await readAll(latin, { charset: "windows-1252" });
    expect(recordsOf(entries).map(({ feature }) => feature)).toEqual(["café", "search"]);
    const text = new Uint8Array(Buffer.from(`${line("a")}${line("b")}`, "utf16le"));
    const torn = readAll(text.slice(0, -1), { charset: "utf-16le", size: 9 });
    await expect(torn).rejects.toMatchObject({
      code: "malformed_body",
      message: expect.stringMatching(/^In or after line 2/),
    });
  });
});
