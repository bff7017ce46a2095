/** The settings as their tests come to them, and act on them. */
import { fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeAll, vi } from "vitest";
import { listing, type Routes, stage, strike } from "./stage.tsx";

beforeAll(async () => {
  // Loaded lazily, and on a busy machine for longer than a test waits for what it looks for.
  await import("../../../src/web/settings/settings.tsx");
});
afterEach(() => {
  strike();
  vi.restoreAllMocks();
});

export function open(section: string, routes: Routes) {
  return stage({ ...listing([]), ...routes }, `/settings/${section}`);
}

export async function type(label: string, text: string): Promise<void> {
  fireEvent.change(await screen.findByLabelText(label), { target: { value: text } });
}

export function press(name: string | RegExp): void {
  fireEvent.click(screen.getByRole("button", { name }));
}

export const answer = (body: unknown) => () => ({ status: 200, body });
