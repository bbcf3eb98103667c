// Options of sockets whose value is one integer, and the two that are more than that.

import { errorName } from './libc.ts';
import type { Libc } from './libc.ts';
import type { GuardedMemory } from './guarded-memory.ts';
import { SO_ERROR, SO_KEEPALIVE, SO_LINGER, SOL_SOCKET } from './linux-constants.ts';

/** The C library, and memory for the parameters of one call. */
export interface SystemCalls {
  readonly libc: Libc;
  readonly parameters: GuardedMemory;
}

/** An option by its level and name, as in `setsockopt(descriptor, level, name, ...)`. */
export type OptionName = readonly [level: number, name: number];

/** Sets an option to an integer. False: it failed, and `errno()` says how. */
export function setOption(
  { libc, parameters }: SystemCalls,
  descriptor: number,
  [level, name]: OptionName,
  value: number,
): boolean {
  parameters.words[0] = value;
  return libc.setsockopt(descriptor, level, name, parameters.address, 4) === 0;
}

/** The integer value of an option; undefined: it failed, and `errno()` says how. */
export function getOption(
  { libc, parameters }: SystemCalls,
  descriptor: number,
  [level, name]: OptionName,
): number | undefined {
  const { words, address } = parameters;
  words[0] = 0;
  words[1] = 4;
  const result = libc.getsockopt(descriptor, level, name, address, address + 4);
  return result === 0 ? words[0] : undefined;
}

/** Takes the error that a socket has, which is none afterwards: a code such as 'ECONNREFUSED', or undefined. */
export function takeError(calls: SystemCalls, descriptor: number): string | undefined {
  const errno = getOption(calls, descriptor, [SOL_SOCKET, SO_ERROR]);
  return errno === undefined || errno === 0 ? undefined : errorName(errno);
}

/** Switches TCP keepalive on; when and how often is the system's setting. */
export function keepAlive(calls: SystemCalls, descriptor: number): void {
  setOption(calls, descriptor, [SOL_SOCKET, SO_KEEPALIVE], 1);
}

/** Has the coming close(2) of a TCP socket reset the connection and drop what is unsent (socket(7), SO_LINGER). */
export function resetOnClose({ libc, parameters }: SystemCalls, descriptor: number): void {
  parameters.words[0] = 1;
  parameters.words[1] = 0;
  libc.setsockopt(descriptor, SOL_SOCKET, SO_LINGER, parameters.address, 8);
}
