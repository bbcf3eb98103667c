// The engine of a session, from the proxy of its service.

import type { Service } from '../policy/service.ts';
import type { ProxyContext, ProxyEngine, RestingEngine } from '../proxy/engine.ts';
import type { StackedSession } from './session.ts';
import { EMPTY_LIST } from './short-list.ts';

/** Makes the engine of a session. A proxy that cannot even be made ends its session and nothing else. */
export function makeEngine(
  { proxy, encryption }: Pick<Service, 'proxy'> & Partial<Pick<Service, 'encryption'>>,
  session: StackedSession,
  given: Omit<ProxyContext, 'session' | 'startTls'>,
): ProxyEngine {
  const startTls = encryption?.startTls ?? EMPTY_LIST;
  return guarded(() => proxy.create({ session: session.forPolicy, startTls, ...given }));
}

/** The engine that goes on after a rest, guarded in the same way. */
export function wakeEngine(resting: RestingEngine): ProxyEngine {
  return guarded(() => resting.wake());
}

function guarded(make: () => ProxyEngine): ProxyEngine {
  try {
    return make();
  } catch (bug) {
    const stack = bug instanceof Error ? bug.stack : String(bug);
    const reason = 'proxy.internal-error';
    const message = 'The proxy could not be started on an error of its own';
    return {
      handle: () => [
        { type: 'log', level: 'violation', code: reason, message, fields: { stack } },
        { type: 'close', verdict: 'denied-by-unknown-fail', reason },
      ],
    };
  }
}
