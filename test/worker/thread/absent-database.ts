/** A D1 that does not answer: bindings with which requests find it away, for reading and for writing. */
const fail = async () => {
  throw new Error("D1 is away");
};
const statement = { bind: () => statement, all: fail, first: fail, raw: fail, run: fail };

export const ABSENT_DATABASE = { DB: { prepare: () => statement, batch: fail } };
