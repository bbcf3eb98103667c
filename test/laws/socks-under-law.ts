// SOCKS under the laws: at a port of its own, and at one where HTTP is spoken, too.

import fc from 'fast-check';
import { abort, accept, reject } from '../../src/proxy/policy-action.ts';
import { httpProxy } from '../../src/protocols/http/index.ts';
import { plugProxy } from '../../src/protocols/plug/index.ts';
import type { SocksOptions } from '../../src/protocols/socks/index.ts';
import { socksProxy } from '../../src/protocols/socks/index.ts';
import { anyByte } from '../support/arbitraries.ts';
import type { Dialogue, Turn } from '../support/dialogue.ts';
import { client, clientEnds, server, serverEnds } from '../support/dialogue.ts';
import { failed, settled } from '../support/settled.ts';
import * as say from '../support/socks-messages.ts';
import { inband } from './inband.ts';
import type { ProxyUnderLaw } from './proxy-under-law.ts';

const connect = { kind: 'service', name: 'tunnel', proxy: plugProxy() } as const;
const OPEN: SocksOptions = { connect, targetPorts: '1-65535' };

const hosts = fc.oneof(
  fc.constantFrom(
    'a.example',
    'A.EXAMPLE.',
    '192.0.2.1',
    '0x7f.1',
    '',
    'a b',
    'a\r\nHost: b',
    'x'.repeat(255),
  ),
  fc.string({ unit: anyByte, maxLength: 20 }),
);
const ports = fc.constantFrom(0, 22, 80, 443, 65_535);
const addresses = fc.constantFrom(
  [192, 0, 2, 1],
  [0, 0, 0, 0],
  [...Array<number>(10).fill(0), 255, 255, 192, 0, 2, 1],
);
const commands = fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, fc.nat(4));
const texts = fc.string({ unit: anyByte, maxLength: 12 });

const requests5 = fc.oneof(
  fc.tuple(hosts, ports, commands).map(([host, port, command]) => say.named(host, port, command)),
  fc
    .tuple(addresses, ports, commands)
    .map(([host, port, command]) => say.addressed(host, port, command)),
);
const openings = fc.oneof(
  fc
    .tuple(fc.uniqueArray(fc.nat(3), { maxLength: 3 }), requests5)
    .map(([methods, request]) => [say.greeting(...methods), request]),
  fc
    .tuple(texts, texts, requests5)
    .map(([user, password, request]) => [
      say.greeting(2),
      say.credentials(user, password),
      request,
    ]),
  fc.tuple(hosts, ports, texts).map(([host, port, user]) => [say.socks4a(host, port, user)]),
  fc
    .tuple(ports, texts, commands)
    .map(([port, user, command]) => [say.socks4([192, 0, 2, 1], port, user, command)]),
  fc.constant(['CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n']),
);

/** A client that waits for replies, or does not, and then both talk. */
const dialogues: fc.Arbitrary<Dialogue> = fc
  .tuple(
    openings,
    fc.boolean(),
    fc.array(fc.tuple(fc.boolean(), texts), { maxLength: 4 }),
    fc.nat(3),
  )
  .map(([opening, isPatient, talk, endings]) => {
    const first: Turn[] = isPatient
      ? opening.map((text) => client(text))
      : [client(opening.join(''))];
    const rest = talk.map(([isClient, text]) => (isClient ? client(text) : server(text)));
    const ends = [clientEnds(), serverEnds()].filter((_, index) => (endings & (1 << index)) !== 0);
    return [...first, ...rest, ...ends];
  });

const ASK = [client(say.greeting(0)), client(say.named('a.example', 443))];

/** SOCKS. */
export const SOCKS: ProxyUnderLaw = {
  name: 'socks',
  variants: {
    default: socksProxy({ connect }),
    open: socksProxy(OPEN),
    'a policy with promises': socksProxy({ ...OPEN, request: () => settled(accept()) }),
    'beside HTTP': httpProxy({ mode: 'explicit', connect, targetPorts: '1-65535', socks: true }),
    'by way of a parent proxy': inband(
      socksProxy({ ...OPEN, parentProxy: { host: 'proxy.example' } }),
    ),
    'without a word': httpProxy({ mode: 'explicit', connect, socks: true, errorSilent: true }),
  },
  refusing: {
    reject: socksProxy({ ...OPEN, request: reject('No') }),
    'abort later': socksProxy({ ...OPEN, request: () => settled(abort('No')) }),
    'fail later': socksProxy({ ...OPEN, request: () => failed(new Error('No')) }),
    'blocked hosts': socksProxy({ ...OPEN, urlFilter: { blockHosts: () => true } }),
    'beside HTTP': httpProxy({
      mode: 'explicit',
      connect,
      socks: true,
      request: { '*': reject('No') },
    }),
  },
  asking: (isAccepted) =>
    socksProxy({ ...OPEN, request: () => (isAccepted() ? accept() : reject('No')) }),
  dialogues,
  timers: ['http'],
  beginnings: [
    [],
    [client('\x05')],
    [client(say.greeting(0))],
    [client(say.greeting(2))],
    [client('\x04\x01\x01\xbb\0\0\0\x01')],
    ASK,
  ],
  pieces: ['\x05\x01\0', '\0', 'user', say.named('a.example', 443), 'GET / HTTP/1.1\r\n\r\n'],
  // The longest message, and what HTTP holds: the bytes of one read that came while it was busy.
  maxHeldBytes: 4 * 65_536,
};
