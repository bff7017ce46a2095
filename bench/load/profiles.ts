/** The profiles of load: what each asks of the product, at full size and as a quick look. */

/** Users who each send on a beat of their own. */
export interface Talk {
  readonly kind: "talk";
  readonly users: number;
  readonly messagesAMinute: number;
  readonly minutes: number;
}

/** Sockets of as many users that all come within seconds. */
export interface Burst {
  readonly kind: "burst";
  readonly connects: number;
  readonly seconds: number;
}

/** Users who make a few requests each, one after the other and all users at once; and one who makes many at once. */
export interface Requests {
  readonly kind: "requests";
  readonly users: number;
  readonly requestsAUser: number;
  readonly rapid: number;
  /** How often all of it is done, so that there is something to rank. */
  readonly rounds: number;
}

export type Profile = Talk | Burst | Requests;

/** By name, in the order they are run. */
export const PROFILES = {
  burst: { kind: "burst", connects: 500, seconds: 10 },
  requests: { kind: "requests", users: 20, requestsAUser: 4, rapid: 30, rounds: 10 },
  steady: { kind: "talk", users: 50, messagesAMinute: 1, minutes: 5 },
  peak: { kind: "talk", users: 200, messagesAMinute: 5, minutes: 3 },
  sustained: { kind: "talk", users: 100, messagesAMinute: 1, minutes: 60 },
} as const satisfies Readonly<Record<string, Profile>>;

export type ProfileName = keyof typeof PROFILES;

/** As {@link PROFILES}, with little of everything: it shows that all of it runs, and is no measurement. */
export const QUICK = {
  burst: { kind: "burst", connects: 30, seconds: 1 },
  requests: { kind: "requests", users: 5, requestsAUser: 4, rapid: 10, rounds: 1 },
  steady: { kind: "talk", users: 5, messagesAMinute: 12, minutes: 0.1 },
  peak: { kind: "talk", users: 12, messagesAMinute: 30, minutes: 0.1 },
  sustained: { kind: "talk", users: 6, messagesAMinute: 20, minutes: 0.15 },
} as const satisfies Readonly<Record<ProfileName, Profile>>;

/** @returns what a profile asks, in words. */
export function describe(profile: Profile): string {
  switch (profile.kind) {
    case "talk": {
      const { users, messagesAMinute, minutes } = profile;
      return `${users} users × ${messagesAMinute} a minute, ${minutes} minutes`;
    }
    case "burst":
      return `${profile.connects} users connect within ${profile.seconds} s`;
    case "requests": {
      const { users, requestsAUser, rapid, rounds } = profile;
      return `${users} users × ${requestsAUser} requests, ${rapid} rapid ones, ${rounds} times`;
    }
  }
}
