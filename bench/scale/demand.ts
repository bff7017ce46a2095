/** What so many users ask for: from how people use a chat to messages a second, bytes a day and objects. */

/** How people use it. */
export interface Habits {
  /** The share of all users who come on a day. */
  readonly activeADay: number;
  readonly messagesADay: number;
  /** The share of a day's messages in its busiest hour, and how much its peak is above its mean. */
  readonly busiestHour: number;
  readonly peakToMean: number;
  /** How long a thread stays open for each message in it, in seconds. */
  readonly openSeconds: number;
}

/** What is assumed, until it is seen. */
export const HABITS: Habits = {
  activeADay: 0.2,
  messagesADay: 10,
  busiestHour: 0.1,
  peakToMean: 2,
  openSeconds: 300,
};

export interface Demand {
  readonly users: number;
  readonly messagesADay: number;
  readonly messagesASecond: number;
  /** At the peak. */
  readonly openSockets: number;
}

const HOUR_SECONDS = 3_600;

/** @returns what they ask for, at the peak of a day. */
export function demandOf(users: number, habits = HABITS): Demand {
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
