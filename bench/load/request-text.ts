// The requests of the load.

import { BLOCKED_DOMAIN } from '../policy-under-test.ts';

/** What a request for /small varies in. */
export interface RequestOptions {
  readonly connection: 'keep-alive' | 'close';
  /** Default: `/small`. */
  readonly target?: string;
  /** Default: `bench.example`. */
  readonly host?: string;
  /** Further lines. */
  readonly more?: readonly string[];
}

const DEFAULT_HOST = 'bench.example';

/** The line of the host, unless another one is given. */
export const HOST = `Host: ${DEFAULT_HOST}`;

/** What a browser sends for a small thing, in short. */
export function requestText({
  connection,
  target = '/small',
  host = DEFAULT_HOST,
  more = [],
}: RequestOptions): string {
  return [
    `GET ${target} HTTP/1.1`,
    `Host: ${host}`,
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) bench',
    'Accept: text/html,application/xhtml+xml,*/*;q=0.8',
    'Accept-Language: en',
    ...more,
    `Connection: ${connection}`,
    '\r\n',
  ].join('\r\n');
}

const COOKIE = 'Cookie: session=0f8b1c6e-4c1e-4e8f; theme=dark';
const REFERER = 'Referer: http://www.bench.example/index.html';

/** A request that the policy under test permits; its Referer is to be dropped. */
export const PERMITTED = requestText({
  connection: 'keep-alive',
  host: 'www.bench.example',
  more: [REFERER, COOKIE],
});

/** Requests that the policy under test refuses, each for a reason of its own. */
export const REFUSED: readonly string[] = [
  requestText({ connection: 'close', host: BLOCKED_DOMAIN, more: [COOKIE] }),
  requestText({ connection: 'close', host: 'www.bench.example', more: ['Cookie: theme=dark'] }),
  PERMITTED.replace('GET', 'DELETE'),
  PERMITTED.replace('Mozilla/5.0', 'Mozilla/4.0'),
  PERMITTED.replace('*/*', 'image/png'),
  PERMITTED.replace('Accept-Language: en', 'Accept-Language: de'),
];
