/** The list of threads in stretches of time, as people remember them. */
import type { Thread } from "../../protocol/entities.ts";

interface ThreadGroup {
  readonly name: string;
  readonly threads: readonly Thread[];
}

/** What the nearest stretches are called; those before are months. */
interface GroupNames {
  readonly today: string;
  readonly yesterday: string;
  readonly lastWeek: string;
}

/** @returns the threads by when they began, in their order. @param now in milliseconds. */
export function groupsOf(
  threads: readonly Thread[],
  names: GroupNames,
  locale: string,
  now: number = Date.now(),
): readonly ThreadGroup[] {
  const month = new Intl.DateTimeFormat(locale, { month: "long", year: "numeric" });
  const nameOf = ({ created_at }: Thread) => {
    const days = daysBetween(new Date(created_at), new Date(now));
    if (days <= 0) return names.today;
    if (days === 1) return names.yesterday;
    return days <= 7 ? names.lastWeek : month.format(new Date(created_at));
  };
  const groups = Map.groupBy(threads, nameOf);
  return Array.from(groups, ([name, some]) => ({ name, threads: some }));
}

/** @returns how many midnights, where the person is, lie between two moments. */
function daysBetween(from: Date, to: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(to) - midnight(from)) / 86_400_000);
}
