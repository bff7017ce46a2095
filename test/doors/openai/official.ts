/** The official client, signed in as somebody at a product under test. */
import OpenAI from "openai";
import { ThreadId } from "../../../src/protocol/ids.ts";
import { newPerson, type Person } from "../../e2e/person.ts";

export const MODEL = "apex-supervisor";
export const user = (content: string) => ({ role: "user" as const, content });
/** What the demo model answers by a tool. */
export const QUESTION = user("How many requests did we make in the last 7 days?");

export interface Caller {
  readonly person: Person;
  readonly openai: OpenAI;
}

/** @returns somebody whom nobody else is, with the client. */
export async function newCaller(url: string, maxRetries = 0): Promise<Caller> {
  const person = await newPerson(url);
  const apiKey = person.credentials.access_token;
  return { person, openai: new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries }) };
}

/** @returns the thread that an answer names. */
export function threadOf({ headers }: Response): ThreadId {
  return ThreadId.parse(headers.get("x-apex-thread-id"));
}

/** @returns the error that a request ends with. */
export async function failure(request: Promise<unknown>): Promise<unknown> {
  try {
    await request;
  } catch (error) {
    return error;
  }
  throw new Error("The request succeeded.");
}

/** A function of the caller's, as both of OpenAI's APIs describe it inside. */
export const WEATHER = {
  name: "get_weather",
  description: "The weather of a city.",
  parameters: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
  },
};

export const ASKS_WEATHER = 'Ask get_weather {"city":"Paris"} for me.';

/** @returns all that a stream gives. */
export async function gathered<Value>(stream: AsyncIterable<Value>): Promise<Value[]> {
  const values: Value[] = [];
  for await (const value of stream) values.push(value);
  return values;
}
