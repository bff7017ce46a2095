/** Where the Worker's processor time goes, as V8's own profiler samples it. */
import * as z from "zod";
import type { Inspector } from "../inspector.ts";

/** Between two samples, in microseconds. */
const INTERVAL_US = 100;
/** V8's names for what runs no script: of the time without work nobody is told. */
const IDLE = "(idle)";
const UNSCRIPTED: Readonly<Record<string, string>> = {
  "(garbage collector)": "garbage collector",
};

/** https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
export const CpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({
        functionName: z.string(),
        scriptId: z.string(),
        url: z.string(),
        lineNumber: z.number().describe("From 0"),
      }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});
export type CpuProfile = z.infer<typeof CpuProfile>;

const Source = z.object({ scriptSource: z.string() });

/** Time of one function itself, without those that it calls. */
export interface Spent {
  /** The room or the package whose it is, "workerd", or "garbage collector". */
  readonly whose: string;
  readonly name: string;
  readonly milliseconds: number;
}

/** Samples a Worker while something is done with it. @returns the time of each of its functions, most first. */
export async function profile(inspector: Inspector, work: () => Promise<void>): Promise<Spent[]> {
  for (const domain of ["Profiler", "Debugger"]) await inspector.ask(`${domain}.enable`);
  await inspector.ask("Profiler.setSamplingInterval", { interval: INTERVAL_US });
  await inspector.ask("Profiler.start");
  await work();
  const stopped = z.object({ profile: CpuProfile }).parse(await inspector.ask("Profiler.stop"));
  const sources = new Map<string, string>();
  for (const { callFrame } of stopped.profile.nodes) {
    const { scriptId, url } = callFrame;
    if (!url.endsWith(".js") || sources.has(scriptId)) continue;
    const answer = Source.safeParse(await inspector.ask("Debugger.getScriptSource", { scriptId }));
    sources.set(scriptId, answer.data?.scriptSource ?? "");
  }
  return spentIn(stopped.profile, sources);
}

/**
 * @param sources of the scripts by their ids: a bundle says above each module which file it is.
 * @returns the time of each function, most first.
 */
export function spentIn(profiled: CpuProfile, sources: ReadonlyMap<string, string>): Spent[] {
  const modules = new Map([...sources].map(([id, source]) => [id, modulesOf(source)]));
  const functions = new Map(profiled.nodes.map((node) => [node.id, node.callFrame]));
  const spent = new Map<string, Spent>();
  for (const [index, sample] of profiled.samples.entries()) {
    const frame = functions.get(sample);
    if (frame === undefined || frame.functionName === IDLE) continue;
    // Nobody samples a thread that sleeps: what follows a sleep is no longer than another sample.
    const time = Math.min(profiled.timeDeltas[index] ?? 0, 2 * INTERVAL_US) / 1_000;
    const whose = ownerOf(frame, modules.get(frame.scriptId) ?? []);
    const name = frame.functionName || "(anonymous)";
    const key = `${whose} ${name}`;
    spent.set(key, { whose, name, milliseconds: (spent.get(key)?.milliseconds ?? 0) + time });
  }
  return [...spent.values()].sort((one, other) => other.milliseconds - one.milliseconds);
}

/** @returns the time of each owner, most first. */
export function byOwner(spent: readonly Spent[]): readonly Omit<Spent, "name">[] {
  const sums = new Map<string, number>();
  for (const { whose, milliseconds } of spent) {
    sums.set(whose, (sums.get(whose) ?? 0) + milliseconds);
  }
  const owners = [...sums].map(([whose, milliseconds]) => ({ whose, milliseconds }));
  return owners.sort((one, other) => other.milliseconds - one.milliseconds);
}

type CallFrame = CpuProfile["nodes"][number]["callFrame"];
type Module = { readonly line: number; readonly path: string };

/** @returns where in a bundle each module begins, in order. */
function modulesOf(source: string): Module[] {
  return source.split("\n").flatMap((text, line) => {
    const path = /^\/\/ ((?:\.\.\/)*(?:src|bench|node_modules)\/\S+)$/.exec(text)?.[1];
    return path === undefined ? [] : [{ line, path }];
  });
}

function ownerOf(frame: CallFrame, modules: readonly Module[]): string {
  if (frame.url === "") return UNSCRIPTED[frame.functionName] ?? "workerd";
  const path = modules.findLast(({ line }) => line <= frame.lineNumber)?.path;
  if (path === undefined) return "workerd";
  const [, vendor] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  return vendor ?? path.replace(/^(?:\.\.\/)*/, "").replace(/\/[^/]*$/, "");
}
