// The plug under the laws.

import fc from 'fast-check';
import { program } from '../../src/policy/program.ts';
import { service } from '../../src/policy/service.ts';
import { abort, accept } from '../../src/proxy/policy-action.ts';
import { plugProxy } from '../../src/protocols/plug/index.ts';
import { anyByte } from '../support/arbitraries.ts';
import { client, clientEnds, elapses, server, serverEnds } from '../support/dialogue.ts';
import { settled } from '../support/settled.ts';
import type { ProxyUnderLaw } from './proxy-under-law.ts';

const filter = program('filter', { command: ['/bin/cat'] });
const inner = service('inner', { proxy: plugProxy() });

const says = fc.string({ unit: anyByte, maxLength: 50 });

/** The plug. */
export const PLUG: ProxyUnderLaw = {
  name: 'plug',
  variants: {
    default: plugProxy(),
    'hard end': plugProxy({ shutdownSoft: false }),
    'with further flows': plugProxy({ secondarySessions: 3 }),
    'to the server only': plugProxy({ copyToClient: false }),
    'to the client only': plugProxy({ copyToServer: false }),
    watched: plugProxy({ statistics: { everyMs: 1000, check: () => settled(accept()) } }),
    'watched by an enemy': plugProxy({
      statistics: {
        everyMs: 1000,
        check: ({ fromClient }) => (fromClient > 9 ? abort() : accept()),
      },
    }),
    'through a program': plugProxy({ stack: filter }),
    'through a service, to the server only': plugProxy({ stack: inner, copyToClient: false }),
    'through what is chosen late': plugProxy({ stack: () => settled(filter), shutdownSoft: false }),
    'through nothing, by choice': plugProxy({ stack: () => undefined }),
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
