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

/** The requests for the policy under test, in the form that a server or an explicit proxy gets. */
export interface PolicyRequests {
  /** It is permitted; its Referer is to be dropped. */
  readonly permitted: string;
  /** Each is refused, for a reason of its own. */
  readonly refused: readonly string[];
}

/** What such requests vary in. */
export interface PolicyRequestOptions {
  /** Of the target. */
  readonly form: 'origin' | 'absolute';
  /** Where what is permitted is to be had. */
  readonly host: string;
  /** Whether the connection stays after what is permitted. */
  readonly connection: 'keep-alive' | 'close';
}

/** Makes them. */
export function policyRequests({ form, host, connection }: PolicyRequestOptions): PolicyRequests {
  const request = (after: 'keep-alive' | 'close', of: string, more: readonly string[]) => {
    const target = form === 'absolute' ? `http://${of}/small` : '/small';
    return requestText({ connection: after, target, host: of, more });
  };
  const permitted = request(connection, host, [REFERER, COOKIE]);
  const refused = [
    request('close', BLOCKED_DOMAIN, [COOKIE]),
    request('close', host, ['Cookie: theme=dark']),
    permitted.replace('GET', 'DELETE'),
    permitted.replace('Mozilla/5.0', 'Mozilla/4.0'),
    permitted.replace('*/*', 'image/png'),
    permitted.replace('Accept-Language: en', 'Accept-Language: de'),
  ];
  return { permitted, refused };
}
