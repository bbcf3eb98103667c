// Random connections to the listeners of random policies, with all that client, servers, DNS and the network do.

import fc from 'fast-check';
import type { Target } from '../../src/proxy/engine.ts';
import { addressText, namedText, port, socketOf, socketText } from './random-addresses.ts';

/** One connection. */
export interface ConnectionSeed {
  /** Which of the listeners accepts it. */
  readonly listener: number;
  readonly client: string;
  /** Where the client connects to; undefined: to the address of the listener. */
  readonly local: string | undefined;
  /** The server that the protocol names. */
  readonly target: Target | undefined;
  /** The addresses of every name. */
  readonly named: readonly string[];
  /** What the client says at once, in these pieces. */
  readonly says: readonly string[];
  readonly ends: boolean;
  /** What a server says that is connected to hear its greeting. */
  readonly greeting: string;
  /** What comes of the connects, one after the other: `ok`, or an error code. Those that follow succeed. */
  readonly outcomes: readonly string[];
  /** Whether the session goes on while the next connections come. */
  readonly stays: boolean;
  readonly draw: number;
}

/** The name that DNS knows. */
export const NAME = 'www.example.net';

const REQUEST = 'GET / HTTP/1.1\r\n\r\n';
const BANNER = 'SSH-2.0-random\r\n';
const says = fc.oneof(
  fc.constant([]),
  fc.constantFrom([REQUEST], [BANNER], ['hello\r\n'], ['GET'], ['SSH'], ['\u0000']),
  fc.nat(REQUEST.length).map((at) => [REQUEST.slice(0, at), REQUEST.slice(at)]),
  fc.nat(BANNER.length).map((at) => [BANNER.slice(0, at), BANNER.slice(at)]),
);
const target = fc.record({ host: fc.oneof(namedText, fc.constant(NAME)), port });
const peer = fc.tuple(addressText, port).map(([address, number]) => socketOf(address, number));

/** A random connection. */
export const connectionSeed: fc.Arbitrary<ConnectionSeed> = fc.record({
  listener: fc.nat(4),
  client: peer,
  local: fc.option(peer, { nil: undefined, freq: 4 }),
  target: fc.option(target, { nil: undefined, freq: 2 }),
  named: fc.array(addressText, { maxLength: 3 }),
  says: says.map((pieces) => pieces.filter((piece) => piece !== '')),
  ends: fc.boolean(),
  greeting: fc.constantFrom('', '220 hello\r\n', BANNER),
  outcomes: fc.array(
    fc.constantFrom('ok', 'ok', 'ECONNREFUSED', 'ETIMEDOUT', 'EADDRINUSE', 'ENETUNREACH'),
    { maxLength: 4 },
  ),
  stays: fc.boolean(),
  draw: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

/** A connection as `zorp explain` is asked about it. */
export interface Question {
  readonly listener: number;
  readonly client: string;
  readonly to: string;
}

/** A random question. */
export const question: fc.Arbitrary<Question> = fc.record({
  listener: fc.nat(4),
  client: peer,
  to: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(namedText, port).map(([host, number]) => socketOf(host, number)),
    },
    socketText.filter((text) => !text.endsWith(':0')),
  ),
});
