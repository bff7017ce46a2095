/** @vitest-environment happy-dom: the controls that have a will of their own, the theme and the toasts. */
import { readFileSync } from "node:fs";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useRef } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { followTheme } from "../../../src/web/design/theme.ts";
import { ThemeSwitch } from "../../../src/web/design/theme-switch.tsx";
import { type Toast, Toasts, useToasts } from "../../../src/web/design/toasts.tsx";

const { dataset } = document.documentElement;

afterEach(() => {
  cleanup();
  localStorage.clear();
  delete dataset.theme;
  vi.useRealTimers();
});

describe("the theme", () => {
  const firstScript = readFileSync("src/web/public/theme.js", "utf8");
  const load = () => new Function("localStorage", "document", firstScript)(localStorage, document);

  it("is the system's where nothing, or nonsense, was chosen", () => {
    load();
    expect(dataset.theme).toBeUndefined();
    localStorage.setItem("apex-edge.theme", "<b>pink</b>");
    load();
    render(<ThemeSwitch />);
    expect(dataset.theme).toBeUndefined();
    expect(screen.getByRole<HTMLInputElement>("radio", { name: "System" }).checked).toBe(true);
  });

  it("is the chosen one at once, after a reload, and until the system's is chosen again", () => {
    followTheme();
    render(<ThemeSwitch />);
    fireEvent.click(screen.getByRole("radio", { name: "Dark" }));
    expect(dataset.theme).toBe("dark");
    delete dataset.theme;
    load();
    expect(dataset.theme).toBe("dark");
    fireEvent.click(screen.getByRole("radio", { name: "System" }));
    expect(dataset.theme).toBeUndefined();
  });

  it("follows what another tab chooses", () => {
    followTheme();
    render(<ThemeSwitch />);
    localStorage.setItem("apex-edge.theme", "light");
    act(() => void dispatchEvent(new Event("storage")));
    expect(dataset.theme).toBe("light");
    expect(screen.getByRole<HTMLInputElement>("radio", { name: "Light" }).checked).toBe(true);
  });
});

describe("toasts", () => {
  beforeEach(() => void vi.useFakeTimers());

  function Button({ toast }: { readonly toast: Toast }) {
    const show = useToasts();
    const withdraw = useRef<() => void>(() => undefined);
    return (
      <>
        <button
          type="button"
          onClick={() => {
            withdraw.current = show(toast);
          }}
        >
          Show {toast.text}
        </button>
        <button type="button" onClick={() => withdraw.current()}>
          Withdraw {toast.text}
        </button>
      </>
    );
  }
  function stage(...toasts: Toast[]) {
    render(
      <Toasts>
        {toasts.map((toast) => (
          <Button key={toast.text} toast={toast} />
        ))}
      </Toasts>,
    );
    for (const { text } of toasts) fireEvent.click(screen.getByText(`Show ${text}`));
  }
  const pass = (ms: number) => act(() => void vi.advanceTimersByTime(ms));

  it("go by themselves, and stay while they are pointed at", () => {
    stage({ text: "Saved." });
    fireEvent.pointerEnter(screen.getByText("Saved."));
    pass(60_000);
    fireEvent.pointerLeave(screen.getByText("Saved."));
    pass(7_000);
    expect(screen.getByRole("status").textContent).toBe("Saved.");
    pass(2_000);
    expect(screen.getByRole("status").textContent).toBe("");
  });

  it("go once dismissed, and do what they offer once", () => {
    const run = vi.fn();
    stage({ text: "Saved." }, { text: "Deleted.", action: { label: "Undo", run } });
    fireEvent.click(screen.getByRole("button", { name: "Undo" }));
    expect(run).toHaveBeenCalledTimes(1);
    fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(screen.getByRole("status").textContent).toBe("");
  });

  it("never cover the page: of many, the newest stay", () => {
    const onPass = vi.fn();
    stage({ text: "1", onPass }, { text: "2" }, { text: "3" });
    expect(onPass).not.toHaveBeenCalled();
    fireEvent.click(screen.getByText("Show 2"));
    expect(screen.getByRole("status").textContent).toBe("232");
    pass(60_000);
    expect(onPass).toHaveBeenCalledTimes(1);
  });

  it("pass by themselves or dismissed, and not by what they offer or once withdrawn", () => {
    const passed = vi.fn();
    const action = { label: "Undo", run: () => undefined };
    stage({ text: "1", onPass: () => passed(1) }, { text: "2", action, onPass: () => passed(2) });
    fireEvent.click(screen.getByRole("button", { name: "Undo" }));
    pass(60_000);
    expect(passed.mock.calls).toEqual([[1]]);
    fireEvent.click(screen.getByText("Show 1"));
    fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
    fireEvent.click(screen.getByText("Show 1"));
    fireEvent.click(screen.getByText("Withdraw 1"));
    pass(60_000);
    expect(passed.mock.calls).toEqual([[1], [1]]);
    expect(screen.getByRole("status").textContent).toBe("");
  });
});
