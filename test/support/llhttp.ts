// llhttp in its strict mode: the parser inside this Node, which has no other door to it.

import { createRequire } from 'node:module';

/** A message as a parser understood it: `GET /a` or `200`, `name: value` lines, and the body without its framing. */
export interface ReadMessage {
  readonly line: string;
  readonly fields: readonly string[];
  readonly body: string;
}

/** What came of a stream: the messages that were complete, and the code of what was wrong after them. */
export interface LlhttpReading {
  readonly messages: readonly ReadMessage[];
  readonly error: string | undefined;
}

/** What the parser says of a head. */
type HeadersComplete = (
  ...said: [
    major: number,
    minor: number,
    headers: string[] | undefined,
    method: number | undefined,
    url: string | undefined,
    status: number | undefined,
  ]
) => number;

/** The part of Node's own parser that is used here; it has no types. */
interface NodeParser {
  initialize(type: number, resource: object, maxHeadBytes: number, leniency: number): void;
  execute(bytes: Uint8Array): number | (Error & { code: string });
  [callback: number]: HeadersComplete | ((...given: never[]) => void);
}

interface NodeParserClass {
  new (): NodeParser;
  readonly REQUEST: number;
  readonly RESPONSE: number;
  readonly kOnHeaders: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
}

const node = createRequire(import.meta.url)('node:_http_common') as {
  readonly HTTPParser: NodeParserClass;
  readonly methods: readonly string[];
};
const { HTTPParser } = node;

/** The methods that it knows; it refuses all others. */
export const LLHTTP_METHODS: ReadonlySet<string> = new Set(node.methods);

const MAX_HEAD_BYTES = 1_048_576; // longer than any of ours
const STRICT = 0;

/** Reads one stream after the other. */
export class Llhttp {
  readonly #type: number;
  readonly #parser = new HTTPParser();
  #messages: ReadMessage[] = [];
  #line = '';
  #fields: string[] = [];
  #body = '';
  #isInHead = true;

  constructor(what: 'requests' | 'responses') {
    this.#type = what === 'requests' ? HTTPParser.REQUEST : HTTPParser.RESPONSE;
    const parser = this.#parser;
    parser[HTTPParser.kOnHeaders] = (headers: string[], url: string) => {
      if (!this.#isInHead) return; // trailers
      this.#take(headers);
      this.#line += url;
    };
    const complete: HeadersComplete = (...said) => {
      const [, , headers, method, url, status] = said;
      this.#isInHead = false;
      this.#take(headers ?? []);
      this.#line =
        method === undefined ? String(status) : `${node.methods[method]} ${url ?? this.#line}`;
      return 0;
    };
    parser[HTTPParser.kOnHeadersComplete] = complete;
    parser[HTTPParser.kOnBody] = (bytes: Buffer) => (this.#body += bytes.toString('latin1'));
    parser[HTTPParser.kOnMessageComplete] = () => {
      this.#messages.push({ line: this.#line, fields: this.#fields, body: this.#body });
      this.#begin();
    };
  }

  /** Reads a stream. Where a message asks for another protocol, what follows is read as messages again. */
  read(bytes: Uint8Array): LlhttpReading {
    this.#messages = [];
    this.#begin();
    for (let at = 0; at < bytes.length;) {
      this.#parser.initialize(this.#type, {}, MAX_HEAD_BYTES, STRICT);
      const result = this.#parser.execute(bytes.subarray(at));
      if (typeof result !== 'number') return { messages: this.#messages, error: result.code };
      at += result;
    }
    return { messages: this.#messages, error: undefined };
  }

  #begin(): void {
    this.#line = '';
    this.#fields = [];
    this.#body = '';
    this.#isInHead = true;
  }

  /** Takes names and values, which come by turns. */
  #take(headers: readonly string[]): void {
    for (let at = 0; at + 1 < headers.length; at += 2)
      this.#fields.push(`${headers[at]}: ${headers[at + 1]}`);
  }
}
