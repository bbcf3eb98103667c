// The order in which a chainer goes through its servers, as the reference tells it (target iteration).

import type { SocketAddress } from '../../src/address/socket-address.ts';
import type { Chainer } from '../../src/policy/chainer.ts';

/** What a chainer remembers from one connect to the next. */
export interface PlainMemory {
  /** How many servers it has passed. */
  turn: number;
  /** The addresses of those that failed, without ports. */
  readonly failed: Set<string>;
}

/**
 * The numbers of the servers to try, as long as the one before failed. Whoever takes them adds to `memory.failed` what
 * failed; all checks of availability say that a server is up.
 */
export function* plainIteration(
  chainer: Chainer,
  targets: readonly SocketAddress[],
  memory: PlainMemory,
): Generator<number, void, undefined> {
  if (chainer.type === 'connect' || targets.length === 0) {
    yield 0;
    return;
  }
  const remembers = 'timeoutStateMs' in chainer;
  for (const round of remembers ? [1, 2] : [1]) {
    if (round === 2) memory.failed.clear();
    for (const target of roundOf(chainer, targets, memory)) {
      memory.turn++;
      if (!remembers || !memory.failed.has(String(target.address))) yield targets.indexOf(target);
    }
  }
}

function roundOf(
  chainer: Chainer,
  targets: readonly SocketAddress[],
  { turn }: PlainMemory,
): readonly SocketAddress[] {
  const order = chainer.type === 'availability' ? chainer.order : chainer.type;
  const first = order === 'failover' ? 0 : turn % targets.length;
  return [...targets.slice(first), ...targets.slice(0, first)];
}
