// curl as the client of a test.
import assert from 'node:assert/strict';
import type { DecisionRecord } from '../../src/log/decision-record.ts';
import type { Lab } from './system-lab.ts';
import type { RunningZorp } from './system-zorp.ts';

/**
 * How curl ends where its connection is reset: while it connects, sends or waits (CURLE_COULDNT_CONNECT, CURLE_SEND_ERROR,
 * CURLE_RECV_ERROR).
 */
export const RESET_EXITS: readonly number[] = [7, 55, 56];

/** What curl saw. */
export interface CurlAnswer {
  /** 0 where it worked; 22, 52, 56, 7... see curl(1), EXIT CODES. */
  readonly exit: number;
  readonly status: number;
  /** The status of the answer to CONNECT; 0 if there was none. */
  readonly connectStatus: number;
  readonly body: string;
  /** Header fields of the answer, names in lower case. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

interface CurlReport {
  readonly http_code: number;
  readonly http_connect: number;
}

const MAX_SECONDS = 8;
const REPORT = '%{stderr}%{json}\n%{header_json}';

/** Runs curl with these arguments. */
export async function curl(lab: Lab, ...args: readonly string[]): Promise<CurlAnswer> {
  const limits = ['--max-time', String(MAX_SECONDS), '--connect-timeout', '4'];
  const ended = await lab.run(['curl', '-q', '-s', ...limits, '-w', REPORT, ...args]);
  assert.equal(typeof ended.status, 'number', `curl was ended: ${ended.stderr}`);
  const [report = '', ...headers] = ended.stderr.split('\n');
  const { http_code, http_connect } = JSON.parse(report) as CurlReport;
  return {
    exit: Number(ended.status),
    status: http_code,
    connectStatus: http_connect,
    body: ended.stdout,
    headers: JSON.parse(headers.join('\n')) as CurlAnswer['headers'],
  };
}

/** Lets curl make one connection through a gateway, as to a proxy of HTTP unless it is told otherwise, and what is recorded of it. */
export async function curlThrough(
  lab: Lab,
  gateway: RunningZorp,
  address: string,
  ...args: readonly string[]
): Promise<CurlAnswer & { readonly record: DecisionRecord }> {
  const by = args.includes('--socks5-hostname') ? [] : ['-x'];
  const seen = await curl(lab, ...args, ...by, address);
  return { ...seen, record: await gateway.record() };
}
