// Requests of finger (RFC 1288, 2.3): `/W user@host@host`, every part of which may be missing.

import { Violation } from '../../proxy/violation.ts';
import type { FingerRequest, FingerSettings } from './settings.ts';

/** The settings that requests are read by. */
export type RequestLimits = Pick<
  FingerSettings,
  'maxHopCount' | 'maxHostnameLength' | 'maxUsernameLength' | 'strictUsernameCheck'
>;

const LINE = /^[\x20-\x7e\x80-\xff]*$/;
/** Servers in C hand the name to a program: one that begins with - is an option of that, one with / a switch of the protocol. */
const USERNAME = /^(?![-/ ])[\x20-\x3f\x41-\x7e\x80-\xff]*(?<! )$/;
const STRICT_USERNAME = /^[A-Za-z0-9_.-]*$/;
/** A host name or an address in text form. */
const HOSTNAME = /^[A-Za-z0-9_:][A-Za-z0-9_.:-]*$/;

/**
 * Reads the line of a client; throws a Violation for anything in doubt. Where the request may name the server, the last
 * host does: it is asked to pass the request on to the one before it (RFC 1288, 2.3 {Q2}).
 */
export function readRequest(
  line: string,
  limits: RequestLimits,
  mayNameServer: boolean,
): FingerRequest {
  if (!LINE.test(line))
    throw bad('control-character', 'There is a control character in the request');
  const { isDetailed, rest } = withoutSwitch(line.replace(/^ +| +$/g, ''));
  const [username = '', ...hosts] = rest.split('@');
  checkUsername(username, limits);
  for (const host of hosts) checkHostname(host, limits);
  const server = mayNameServer ? hosts.pop() : undefined;
  const { maxHopCount } = limits;
  const hostnames = hosts.slice(0, maxHopCount === 'unlimited' ? hosts.length : maxHopCount);
  return Object.freeze({ isDetailed, username, hostnames: Object.freeze(hostnames), server });
}

/** The canonical form: one blank behind `/W`, none elsewhere. */
export function writeRequest({ isDetailed, username, hostnames }: FingerRequest): string {
  const name = [username, ...hostnames].join('@');
  if (!isDetailed) return name;
  return name === '' ? '/W' : `/W ${name}`;
}

/** Whether this is a request that reads back as it is written; limits are for clients, not for the policy. */
export function isRequest(value: unknown): value is FingerRequest {
  if (typeof value !== 'object' || value === null) return false;
  const { isDetailed, username, hostnames, server }: Partial<Record<keyof FingerRequest, unknown>> =
    value;
  return (
    typeof isDetailed === 'boolean' &&
    typeof username === 'string' &&
    USERNAME.test(username) &&
    Array.isArray(hostnames) &&
    hostnames.every(isHostname) &&
    (server === undefined || isHostname(server))
  );
}

function withoutSwitch(text: string): { isDetailed: boolean; rest: string } {
  const match = /^\/[Ww](?: +(?<rest>.*))?$/.exec(text);
  return match === null
    ? { isDetailed: false, rest: text }
    : { isDetailed: true, rest: match.groups?.['rest'] ?? '' };
}

function checkUsername(username: string, limits: RequestLimits): void {
  if (username.length > limits.maxUsernameLength)
    throw bad('username-too-long', 'The name of a user is longer than allowed');
  const isStrict = limits.strictUsernameCheck;
  if (!USERNAME.test(username) || (isStrict && !STRICT_USERNAME.test(username)))
    throw bad('bad-username', 'The name of a user has characters that are not allowed');
}

function checkHostname(hostname: string, limits: RequestLimits): void {
  if (hostname.length > limits.maxHostnameLength)
    throw bad('hostname-too-long', 'The name of a host is longer than allowed');
  if (!isHostname(hostname))
    throw bad('bad-hostname', 'The name of a host is empty or has characters that are not allowed');
}

function isHostname(value: unknown): boolean {
  return typeof value === 'string' && HOSTNAME.test(value);
}

function bad(rule: string, message: string): Violation {
  return new Violation(`finger.${rule}`, 'client', message);
}
