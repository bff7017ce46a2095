/** The bindings that a deployment may have or not: wrangler.toml tells of them in comments. */
declare namespace Cloudflare {
  interface Env {
    /** A data point a request and a run, for questions in SQL. */
    ANALYTICS?: AnalyticsEngineDataset;
  }
}
