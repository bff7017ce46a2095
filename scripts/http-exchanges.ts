/** What goes on over one HTTP connection, watched from beside it: whether anybody waits for anything. */
import { HTTPParser } from "http-parser-js";

/**
 * Reads both sides of a connection as they pass. One that it can't read never rests, nor does one that
 * was upgraded, or that is to end with its answer.
 */
export class HttpExchanges {
  readonly #requests = new HTTPParser(HTTPParser.REQUEST);
  readonly #answers = new HTTPParser(HTTPParser.RESPONSE);
  /** The methods of requests that are not answered yet: the answer to a HEAD has no body, whatever its length. */
  readonly #asked: string[] = [];
  #isReading = true;
  /** Since the last whole request there has come more. */
  #isAsking = false;
  #status = 0;

  constructor() {
    this.#requests[HTTPParser.kOnHeadersComplete] = ({ method, shouldKeepAlive }) => {
      this.#asked.push(HTTPParser.methods[method] ?? "");
      if (!shouldKeepAlive) this.#isReading = false;
    };
    this.#requests[HTTPParser.kOnMessageComplete] = () => {
      this.#isAsking = false;
    };
    this.#answers[HTTPParser.kOnHeadersComplete] = ({ statusCode, upgrade, shouldKeepAlive }) => {
      this.#status = statusCode;
      if (upgrade || !shouldKeepAlive) this.#isReading = false;
      return this.#asked[0] === "HEAD" ? 1 : 0;
    };
    this.#answers[HTTPParser.kOnMessageComplete] = () => {
      // An interim answer is followed by the one that was asked for (RFC 9110, 15.2).
      if (this.#status >= 200) this.#asked.shift();
    };
  }

  /** Whether every request is whole and wholly answered, so that neither side waits for the other. */
  get areAtRest(): boolean {
    return this.#isReading && !this.#isAsking && this.#asked.length === 0;
  }

  /** Records what the client sends. */
  request(bytes: Buffer): void {
    this.#read(this.#requests, bytes.subarray(0, -1));
    this.#isAsking = true;
    // A request that ends with anything else than the last byte is followed by the beginning of another.
    this.#read(this.#requests, bytes.subarray(-1));
  }

  /** Records what the server sends. */
  answer(bytes: Buffer): void {
    this.#read(this.#answers, bytes);
  }

  #read(parser: Pick<InstanceType<typeof HTTPParser>, "execute">, bytes: Buffer): void {
    if (this.#isReading && parser.execute(bytes) instanceof Error) this.#isReading = false;
  }
}
