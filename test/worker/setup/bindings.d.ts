/** What the worker tests are given beside the product's own bindings. */
declare namespace Cloudflare {
  interface Env {
    MIGRATIONS: import("cloudflare:test").D1Migration[];
    /** Databases of the history alone, for the tests of just that. */
    HISTORY_1?: D1Database;
    HISTORY_2?: D1Database;
  }
}
