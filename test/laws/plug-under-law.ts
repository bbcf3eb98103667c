// The plug under the laws.

import fc from 'fast-check';
import { abort, accept } from '../../src/proxy/policy-action.ts';
import { plugProxy } from '../../src/protocols/plug/index.ts';
import { anyByte } from '../support/arbitraries.ts';
import { client, clientEnds, elapses, server, serverEnds } from '../support/dialogue.ts';
import { settled } from '../support/settled.ts';
import type { ProxyUnderLaw } from './proxy-under-law.ts';

const says = fc.string({ unit: anyByte, maxLength: 50 });

/** The plug. */
export const PLUG: ProxyUnderLaw = {
  name: 'plug',
  variants: {
    default: plugProxy(),
    'hard end': plugProxy({ shutdownSoft: false }),
    'to the server only': plugProxy({ copyToClient: false }),
    'to the client only': plugProxy({ copyToServer: false }),
    watched: plugProxy({ statistics: { everyMs: 1000, check: () => settled(accept()) } }),
    'watched by an enemy': plugProxy({
      statistics: {
        everyMs: 1000,
        check: ({ fromClient }) => (fromClient > 9 ? abort() : accept()),
      },
    }),
  },
  refusing: {},
  dialogues: fc.array(
    fc.oneof(
      { weight: 4, arbitrary: says.map(client) },
      { weight: 4, arbitrary: says.map((text) => server(text)) },
      { weight: 1, arbitrary: fc.constantFrom(clientEnds(), serverEnds()) },
      { weight: 1, arbitrary: fc.constantFrom(elapses('statistics'), elapses('idle')) },
    ),
    { maxLength: 8 },
  ),
  timers: ['idle', 'statistics'],
  beginnings: [[], [client('hello'), server('welcome')], [clientEnds()]],
  pieces: [],
  maxHeldBytes: 0,
};
