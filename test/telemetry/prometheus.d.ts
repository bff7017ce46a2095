/** The parser of the text that Prometheus scrapes brings no types of its own. */
declare module "parse-prometheus-text-format" {
  export default function parse(text: string): unknown;
}
