/** The way to another object: asked again where it was only restarting, left in peace where it is not. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { DeadlineExceeded } from "../../../src/core/deadline.ts";
import { reach } from "../../../src/durable/reach.ts";

afterEach(() => {
  vi.useRealTimers();
});

const restarting = () => Object.assign(new Error("restarting"), { retryable: true });

/** Objects that fail with these errors, one after another, and then answer. */
function failing(...errors: Error[]) {
  const stubs: object[] = [];
  const stub = () => {
    const made = {};
    stubs.push(made);
    return made;
  };
  const question = async () => {
    const error = errors.shift();
    if (error) throw error;
    return "answer";
  };
  return { stubs, stub, question };
}

describe("an object that is reached", () => {
  it("is asked again where it was restarting, each time by a new stub", async () => {
    const { stubs, stub, question } = failing(restarting(), restarting());

    expect(await reach(stub, question, 5_000)).toBe("answer");
    expect(new Set(stubs).size).toBe(3);
  });

  it("is given up after three tries", async () => {
    const { stubs, stub, question } = failing(...Array.from({ length: 4 }, restarting));

    await expect(reach(stub, question, 5_000)).rejects.toThrow("restarting");
    expect(stubs).toHaveLength(3);
  });

  it.each([
    ["failed", new Error("broken")],
    ["is overloaded", Object.assign(restarting(), { overloaded: true })],
  ])("is asked once where it %s", async (_, error) => {
    const { stubs, stub, question } = failing(error);

    await expect(reach(stub, question, 5_000)).rejects.toBe(error);
    expect(stubs).toHaveLength(1);
  });

  it("is let go each time it failed, and not where it answered", async () => {
    const { stub, question } = failing(restarting(), restarting());
    const letGo = vi.fn();
    const call = () => Object.assign(question(), { [Symbol.dispose]: letGo });

    expect(await reach(stub, call, 5_000)).toBe("answer");
    expect(letGo).toHaveBeenCalledTimes(2);
  });

  it("is waited for so long and no longer", async () => {
    vi.useFakeTimers();
    const asked = expect(
      reach(
        () => ({}),
        () => new Promise(() => undefined),
        1_000,
      ),
    ).rejects.toThrow(DeadlineExceeded);
    await vi.advanceTimersByTimeAsync(1_000);

    await asked;
  });
});
