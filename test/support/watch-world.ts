// The surroundings of checks in tests: a clock that the test moves, connects that it answers, and a log in memory.

import { SocketAddress } from '../../src/address/socket-address.ts';
import { availabilityChainer } from '../../src/policy/chainer-availability.ts';
import type { AvailabilityChainerOptions } from '../../src/policy/chainer-availability.ts';
import type { WatchedServer } from '../../src/policy/watched-servers.ts';
import { CheckSlots } from '../../src/session/check-slots.ts';
import type { ConnectRequest, ConnectResult } from '../../src/session/outside.ts';
import { FakeStream } from './fake-stream.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryLog } from './memory-log.ts';

interface Connect {
  readonly request: ConnectRequest;
  readonly done: (result: ConnectResult) => void;
}

/** Where checks run. */
export class WatchWorld {
  readonly clock = new ManualClock();
  readonly log = new MemoryLog();
  readonly slots = new CheckSlots(64);
  /** Connects that nobody has answered or given up. */
  readonly connects = new Set<Connect>();
  readonly outside = {
    clock: this.clock,
    connector: {
      connect: (request: ConnectRequest, done: Connect['done']): (() => void) => {
        const connect = { request, done };
        this.connects.add(connect);
        return () => void this.connects.delete(connect);
      },
    },
  };

  /** The servers that are being asked just now. */
  get asked(): readonly string[] {
    return [...this.connects].map(({ request }) => String(request.remote));
  }

  /** Answers every connect that is under way. @returns the streams of those that succeed. */
  answer(succeeds: (server: string) => boolean): readonly FakeStream[] {
    return [...this.connects].flatMap((connect) => {
      this.connects.delete(connect);
      const { request, done } = connect;
      if (!succeeds(String(request.remote))) {
        done({ ok: false, error: 'ECONNREFUSED' });
        return [];
      }
      const stream = new FakeStream();
      done({ ok: true, stream, local: request.remote });
      return [stream];
    });
  }

  /** What was logged of servers: `down 192.0.2.1:80`. */
  get changes(): readonly string[] {
    return this.log.lines.map(
      ({ code, fields }) => `${code.replace('chainer.server-', '')} ${String(fields?.['server'])}`,
    );
  }
}

/** A server of a service that is to be checked. */
export function watched(
  service: string,
  server: string,
  options: AvailabilityChainerOptions = {},
): WatchedServer {
  const address = SocketAddress.parse(server);
  return { service, chainer: availabilityChainer(options), target: address, server: address };
}
