/** What so many users ask for: from how people use a chat to messages a second, bytes a day and objects. */

/** How people use it; each is an assumption, to be replaced by what is seen. */
export const HABITS = {
  /** The share of all users who come on a day. */
  activeADay: 0.2,
  messagesADay: 10,
  /** The share of a day's messages in its busiest hour, and of that hour's in its busiest minutes, per mean. */
  busiestHour: 0.1,
  peakToMean: 2,
  /** How long a thread stays open in the busiest hour, for each message in it, in seconds. */
  openSeconds: 300,
} as const;

export interface Demand {
  readonly users: number;
  readonly messagesADay: number;
  readonly messagesASecond: number;
  /** At the peak. */
  readonly openSockets: number;
}

const HOUR_SECONDS = 3_600;

/** @returns what they ask for, at the peak of a day. */
export function demandOf(users: number, habits: typeof HABITS = HABITS): Demand {
  const messagesADay = users * habits.activeADay * habits.messagesADay;
  const meanASecond = (messagesADay * habits.busiestHour) / HOUR_SECONDS;
  const messagesASecond = meanASecond * habits.peakToMean;
  return {
    users,
    messagesADay,
    messagesASecond,
    openSockets: messagesASecond * habits.openSeconds,
  };
}
