// Every proxy that there is, and what the laws need to know of it. A new protocol adds its line to PROXIES.

import fc from 'fast-check';
import type { ProxyFactory } from '../../src/proxy/engine.ts';
import { abort, accept } from '../../src/proxy/policy-action.ts';
import { plugProxy } from '../../src/protocols/plug/index.ts';
import { anyByte } from '../support/arbitraries.ts';
import type { Dialogue } from '../support/dialogue.ts';
import { client, clientEnds, elapses, server, serverEnds } from '../support/dialogue.ts';
import { settled } from '../support/settled.ts';

/** One proxy under the laws. */
export interface ProxyUnderLaw {
  /** Its folder in test/corpus. */
  readonly name: string;
  /** The proxy with settings that take different ways through its code, by what they do. */
  readonly variants: Readonly<Record<string, ProxyFactory>>;
  /** The proxy with policies that let nothing pass. A refused connection is a law for all, and needs no entry here. */
  readonly refusing: Readonly<Record<string, ProxyFactory>>;
  /** The proxy with a policy that asks before anything goes to the server; absent if its policy has no such question. */
  readonly asking?: (isAccepted: () => boolean) => ProxyFactory;
  /** Dialogues in the grammar of the protocol. */
  readonly dialogues: fc.Arbitrary<Dialogue>;
  /** Names of its timers. */
  readonly timers: readonly string[];
  /** Where endless input may begin: in each phase of the protocol. */
  readonly beginnings: readonly Dialogue[];
  /** Pieces of the protocol that endless input repeats. */
  readonly pieces: readonly string[];
  /** What one engine may hold, by its settings. */
  readonly maxHeldBytes: number;
}

const says = fc.string({ unit: anyByte, maxLength: 50 });

const PLUG: ProxyUnderLaw = {
  name: 'plug',
  variants: {
    default: plugProxy(),
    'soft end': plugProxy({ shutdownSoft: true }),
    'to the server only': plugProxy({ copyToClient: false }),
    'to the client only': plugProxy({ copyToServer: false, shutdownSoft: true }),
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

/** All proxies. */
export const PROXIES: readonly ProxyUnderLaw[] = [PLUG];
