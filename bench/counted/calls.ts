/** Counts the requests that reach objects, and how long those cannot leave memory because of them. */
import { AsyncLocalStorage } from "node:async_hooks";
import { note, noteTime } from "./work.ts";

/** What the platform itself calls; of these, frames and closes are no requests. */
const HANDLERS = ["fetch", "alarm", "webSocketMessage", "webSocketClose", "webSocketError"];
const NOT_REQUESTS = new Set(["webSocketMessage", "webSocketClose", "webSocketError"]);

/** The work of one object: from its first call under way to the end of its last. */
class Activity {
  readonly #className: string;
  #underWay = 0;
  #since = 0;

  constructor(className: string) {
    this.#className = className;
  }

  /** @returns what ends it; a second end is none. */
  begin(): () => void {
    if (this.#underWay === 0) this.#since = Date.now();
    this.#underWay += 1;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#underWay -= 1;
      if (this.#underWay === 0) note("activeMs", this.#className, Date.now() - this.#since);
    };
  }
}

/** Whose call is under way: what an object calls of its own reached nobody from outside. */
const within = new AsyncLocalStorage<Activity>();
const activities = new WeakMap<object, Activity>();
/** The methods that count already: the objects of a class share them. */
const counting = new WeakSet<object>();

/** Counts what keeps an object in memory beside its calls: the promises it waits for, from here on. */
export function countActivity(className: string, ctx: DurableObjectState): Activity {
  const activity = new Activity(className);
  const waitUntil = ctx.waitUntil.bind(ctx);
  Object.defineProperty(ctx, "waitUntil", {
    value(promise: Promise<unknown>) {
      const end = activity.begin();
      waitUntil(promise);
      promise.then(end, end);
    },
  });
  const block = ctx.blockConcurrencyWhile.bind(ctx);
  Object.defineProperty(ctx, "blockConcurrencyWhile", {
    value: <Value>(work: () => Promise<Value>) => block(() => within.run(activity, work)),
  });
  return activity;
}

/** Counts the calls of an object that stands. @param calls what others call of it, beside the platform. */
export function countCalls(
  className: string,
  target: object,
  activity: Activity,
  calls: readonly string[],
): void {
  const prototype: object = Object.getPrototypeOf(target);
  for (const name of new Set([...HANDLERS, ...calls])) {
    const method: unknown = Reflect.get(target, name);
    if (typeof method !== "function") continue;
    if (counting.has(method)) continue;
    const value = countingCall(className, name, method);
    counting.add(value);
    // Calls are looked for on the prototype; handlers may be the object's own.
    const holder = Object.hasOwn(target, name) ? target : prototype;
    Object.defineProperty(holder, name, { configurable: true, value });
  }
  activities.set(target, activity);
}

/** @returns the names of all that may be called of a class's own. */
export function callsOf({ prototype }: { readonly prototype: object }): string[] {
  return Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor");
}

type Callable = Parameters<typeof Reflect.apply>[0];

function countingCall(className: string, name: string, method: Callable): Callable {
  return function counted(this: object, ...given: readonly unknown[]): unknown {
    const activity = activities.get(this);
    const call = (): unknown => Reflect.apply(method, this, given);
    if (activity === undefined || within.getStore() !== undefined) return call();
    if (name === "webSocketMessage") note("frames", className, 1);
    else if (!NOT_REQUESTS.has(name)) note("requests", className, 1);
    const end = activity.begin();
    const begun = Date.now();
    const over = () => {
      end();
      noteTime(className, Date.now() - begun);
    };
    const answer = within.run(activity, call);
    if (answer instanceof Promise) answer.then(over, over);
    else over();
    return answer;
  };
}

/** Counts timers, once: an object that waits for one stays in memory. */
export function countTimers(): void {
  const [set, clear] = [globalThis.setTimeout, globalThis.clearTimeout];
  const ends = new Map<unknown, () => void>();
  Object.defineProperty(globalThis, "setTimeout", {
    value(call: (...given: unknown[]) => void, milliseconds?: number, ...given: unknown[]) {
      const end = within.getStore()?.begin() ?? (() => undefined);
      const timer = set(() => {
        ends.delete(timer);
        end();
        call(...given);
      }, milliseconds);
      ends.set(timer, end);
      return timer;
    },
  });
  Object.defineProperty(globalThis, "clearTimeout", {
    value(timer: Parameters<typeof clear>[0]) {
      ends.get(timer)?.();
      ends.delete(timer);
      clear(timer);
    },
  });
}
