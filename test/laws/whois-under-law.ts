// Whois under the laws.

import fc from 'fast-check';
import { abort, accept, drop, reject } from '../../src/proxy/policy-action.ts';
import { acceptAs } from '../../src/proxy/query-settings.ts';
import { whoisProxy } from '../../src/protocols/whois/index.ts';
import { anyByte } from '../support/arbitraries.ts';
import { failed, settled } from '../support/settled.ts';
import type { ProxyUnderLaw } from './proxy-under-law.ts';
import { queryBeginnings, queryDialogues } from './query-dialogues.ts';

const questions = fc.oneof(
  fc.constantFrom('example.org', '', ' -T dn,ace caf\xe9.example', 'x'.repeat(128), 'a\rb', 'a\tb'),
  fc.string({ unit: anyByte, maxLength: 20 }),
);

/** Whois. */
export const WHOIS: ProxyUnderLaw = {
  name: 'whois',
  variants: {
    default: whoisProxy(),
    'a policy with promises': whoisProxy({ whoisRequest: () => settled(accept()) }),
    'changed requests': whoisProxy({
      whoisRequest: ({ query }) => acceptAs({ query: query.toUpperCase() }),
    }),
    'a policy that fails': whoisProxy({
      whoisRequest: ({ query }) => (query === '' ? failed(new Error('No')) : abort('No')),
    }),
    'header, footer and low limits': whoisProxy({
      responseHeader: '% header',
      responseFooter: '% footer\n% of two lines\n',
      maxLineLength: 5,
      maxRequestLength: 12,
    }),
  },
  refusing: {
    reject: whoisProxy({ whoisRequest: () => reject('No') }),
    drop: whoisProxy({ whoisRequest: () => drop() }),
    'abort later': whoisProxy({ whoisRequest: () => settled(abort()) }),
    'fail later': whoisProxy({ whoisRequest: () => failed(new Error('No')) }),
    'change into two lines': whoisProxy({ whoisRequest: () => acceptAs({ query: 'a\r\nb' }) }),
  },
  asking: (isAccepted) =>
    whoisProxy({ whoisRequest: () => (isAccepted() ? accept() : reject('No')) }),
  dialogues: queryDialogues(questions, 'whois'),
  timers: ['whois'],
  beginnings: queryBeginnings('example.org'),
  pieces: ['example.org\r\n'],
  // A line of the client, its request, and a line of the server.
  maxHeldBytes: 3 * 132,
};
