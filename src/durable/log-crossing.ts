/** What is being served crosses to an object with every call of it, so that the object's lines of the log tell of it too. */
import * as z from "zod";
import { LogContext, logContext, withLogContext } from "../telemetry/log.ts";

/** Comes behind a call's own arguments; none of those is like it. */
const Crossing = z.strictObject({ "apex.log_context": LogContext });

/** @returns the stub; each call over it brings along what is being served here. */
export function crossing<Stub extends object>(stub: Stub): Stub {
  return new Proxy(stub, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...given: unknown[]): unknown => {
        // A request is a message of its own: one that opens a socket says by itself what it serves.
        const more = name === "fetch" ? [] : [{ "apex.log_context": logContext() }];
        return Reflect.apply(member, target, [...given, ...more]);
      };
    },
  });
}

/**
 * Has whatever enters an object (a call, an alarm, a socket's frame) be served in a log context: of what
 * it was called with, and of what the object itself is. To be called in a static block of its class.
 * @param prototype the class's: its methods are changed in place.
 * @param itself gives the ids that the object stands for.
 */
export function logEntries<Entered extends object>(
  prototype: Entered,
  itself: (object: Entered) => LogContext = () => ({}),
): void {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    const method: unknown = descriptor.value;
    if (name === "constructor" || typeof method !== "function") continue;
    Object.defineProperty(prototype, name, {
      ...descriptor,
      value(this: Entered, ...given: unknown[]): unknown {
        const crossed = Crossing.safeParse(given.at(-1));
        const own = crossed.success ? given.slice(0, -1) : given;
        const context = { ...crossed.data?.["apex.log_context"], ...itself(this) };
        return withLogContext(context, () => Reflect.apply(method, this, own));
      },
    });
  }
}
