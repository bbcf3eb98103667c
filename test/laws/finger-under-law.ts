// Finger under the laws.

import fc from 'fast-check';
import { abort, accept, drop, reject } from '../../src/proxy/policy-action.ts';
import { acceptAs } from '../../src/proxy/query-settings.ts';
import { fingerProxy } from '../../src/protocols/finger/index.ts';
import { anyByte } from '../support/arbitraries.ts';
import { failed, settled } from '../support/settled.ts';
import type { ProxyUnderLaw } from './proxy-under-law.ts';
import { queryBeginnings, queryDialogues } from './query-dialogues.ts';

const username = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('', 'root', 'A_b.c-9', '12345678') },
  { weight: 1, arbitrary: fc.constantFrom('-l', 'a b', '123456789', '/etc', 'caf\xe9') },
  { weight: 1, arbitrary: fc.string({ unit: anyByte, maxLength: 9 }) },
);
const hosts = fc.oneof(
  fc.array(fc.constantFrom('@a.example', '@192.0.2.1', '@2001:db8::1'), { maxLength: 3 }),
  fc.array(fc.constantFrom('@', '@-a', `@${'h'.repeat(31)}`, '@a b'), { maxLength: 1 }),
);
const questions = fc
  .record({ verbose: fc.constantFrom('', '', '/W ', '/w', ' /W  '), username, hosts })
  .map((parts) => `${parts.verbose}${parts.username}${parts.hosts.join('')}`);

/** Finger. */
export const FINGER: ProxyUnderLaw = {
  name: 'finger',
  variants: {
    default: fingerProxy(),
    'forwarding any name': fingerProxy({ maxHopCount: 'unlimited', strictUsernameCheck: false }),
    'a policy with promises': fingerProxy({
      maxHopCount: 1,
      fingerRequest: () => settled(accept()),
    }),
    'changed requests': fingerProxy({
      fingerRequest: (request) => acceptAs({ ...request, isDetailed: true, hostnames: ['b'] }),
    }),
    'a policy that fails': fingerProxy({
      fingerRequest: (request) => (request.isDetailed ? failed(new Error('No')) : abort('No')),
    }),
    'header, footer and low limits': fingerProxy({
      responseHeader: 'header',
      responseFooter: 'footer\nof two lines\n',
      maxLineLength: 12,
      maxUsernameLength: 4,
      maxHostnameLength: 9,
    }),
  },
  refusing: {
    reject: fingerProxy({ fingerRequest: () => reject('No') }),
    drop: fingerProxy({ fingerRequest: () => drop() }),
    'abort later': fingerProxy({ fingerRequest: () => settled(abort()) }),
    'fail later': fingerProxy({ fingerRequest: () => failed(new Error('No')) }),
    'change into two lines': fingerProxy({
      fingerRequest: (request) => acceptAs({ ...request, username: 'a\r\nb' }),
    }),
  },
  asking: (isAccepted) =>
    fingerProxy({ fingerRequest: () => (isAccepted() ? accept() : reject('No')) }),
  dialogues: queryDialogues(questions, 'finger'),
  timers: ['finger'],
  beginnings: queryBeginnings('root'),
  pieces: ['/W root@a.example\r\n', '@a'],
  // A line of the client, its request, and a line of the server.
  maxHeldBytes: 3 * 132,
};
