/** What the demo can have computed: which words ask for which tool. */

/** A subject that a question can have, and the tool for it. Words are regular expressions. */
export interface Topic {
  readonly tool: string;
  readonly title: string;
  readonly asks: string;
  readonly gives: string;
  readonly words: string;
  /**
   * A special subject stands for itself: where its tool is at hand, the general ones beside it, whose
   * words it shares, are not asked for.
   */
  readonly rank: "general" | "special";
}

/** In the order they are computed and told. */
export const TOPICS: readonly Topic[] = [
  {
    tool: "usage_summary",
    title: "Usage",
    asks: "how much is used and how well it works",
    gives: "counts the requests, tokens and errors",
    words:
      "usage|used|consum|volume|requests?|calls?|tokens?|errors?|fail|traffic|cach|how many|overview|summar|workload|monitor|report|activity",
    rank: "general",
  },
  {
    tool: "cost_breakdown",
    title: "Cost",
    asks: "where the money goes",
    gives: "splits the recorded cost into its parts",
    words:
      "costs?\\b|spend|spent|expens|money|bill|budget|dollar|pays?\\b|paid|pric(?:e|ing)|charge|invoice|break.{0,20}down|split",
    rank: "general",
  },
  {
    tool: "model_comparison",
    title: "Models",
    asks: "which model does the work best for its price",
    gives: "compares the models by price, latency and errors",
    words:
      "compar|cheap|(?:which|other|better|best) models?|switch|migrat|latenc|slow|fast|speed|quality|versus|vs\\b|alternative",
    rank: "general",
  },
  {
    tool: "publish_report",
    title: "Publishing",
    asks: "to have the newest report published",
    gives: "sends the report to the workspace's webhook, once you approve it",
    words: "publish",
    rank: "special",
  },
  {
    tool: "latency_percentiles",
    title: "Latency",
    asks: "how long requests take",
    gives: "orders the latencies and reads the percentiles off them",
    words:
      "percentile|p50\\b|p9\\d\\b|ttft|time to first|response times?|how (?:slow|fast|long)|tail latenc|latency distribution",
    rank: "special",
  },
  {
    tool: "error_retry_waste",
    title: "Waste",
    asks: "what failed and repeated calls cost",
    gives: "adds up the cost of failed and superseded calls",
    words: "retr(?:y|ies)|wasted?\\b|cost of (?:errors|failures)|failed calls",
    rank: "special",
  },
  {
    tool: "spend_forecast",
    title: "Forecast",
    asks: "what the spend will come to",
    gives: "carries the trend of the daily spend on",
    words: "forecast|predict|projected|projection|next (?:week|month|quarter|year)",
    rank: "special",
  },
  {
    tool: "anomaly_scan",
    title: "Anomalies",
    asks: "what stands out",
    gives: "looks for days whose spend leaves its usual band",
    words: "anomal|spikes?\\b|unusual|outlier|stands? out|runaway|sudden",
    rank: "special",
  },
  {
    tool: "commitment_utilisation",
    title: "Commitments",
    asks: "how much of the reserved capacity is used",
    gives: "sets the reserved capacity against its use, hour by hour",
    words: "commit(?:ted|ment)|reserved|provisioned|utili[sz]ation|ptus?\\b",
    rank: "special",
  },
  {
    tool: "budget_alert",
    title: "Budget",
    asks: "whether a limit will be reached",
    gives: "sets the forecast against the limit",
    words: "budget|overspend|over (?:the|our) limit",
    rank: "special",
  },
  {
    tool: "prompt_cache_opportunity",
    title: "Prompt caching",
    asks: "what caching prompts would save",
    gives: "replays the prompts against a cache of prefixes",
    words: "prompt cach|cach(?:e|ing) (?:opportunit|sav|prompts|prefix)|prefix",
    rank: "special",
  },
  {
    tool: "duplicate_response_opportunity",
    title: "Duplicates",
    asks: "what repeated requests cost",
    gives: "replays the requests and counts those answered before",
    words: "duplicat|repeated (?:requests|prompts|questions|calls)|dedup|same question",
    rank: "special",
  },
  {
    tool: "batch_opportunity",
    title: "Batch",
    asks: "what batch prices would save",
    gives: "prices the work that can wait at batch rates",
    words: "batch",
    rank: "special",
  },
  {
    tool: "rightsize_simulate",
    title: "Smaller models",
    asks: "where a smaller model would do",
    gives: "prices a smaller model where its evaluations hold up",
    words: "right-?\\s?siz|smaller models?|downgrade|cascade",
    rank: "special",
  },
  {
    tool: "trim_opportunity",
    title: "Trimming",
    asks: "what shorter prompts and outputs would save",
    gives: "prices the tokens over the usual length",
    words: "trim|shorter (?:prompt|output|context|answer)|context bloat|too long|verbose",
    rank: "special",
  },
  {
    tool: "portfolio_roi",
    title: "Savings together",
    asks: "what all levers save together, and their return",
    gives: "replays all levers together and takes their overlap out",
    words: "roi\\b|return on|payback|portfolio|all levers",
    rank: "special",
  },
  {
    tool: "action_plan",
    title: "Plan",
    asks: "which steps to take",
    gives: "ranks the steps by what they save for their effort",
    words: "action plan|road-?map|next steps|what (?:should|to) do first",
    rank: "special",
  },
];
