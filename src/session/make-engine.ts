// The engine of a session, from the proxy of its service.

import type { Service } from '../policy/service.ts';
import type { ProxyContext, ProxyEngine } from '../proxy/engine.ts';
import type { StackedSession } from './session.ts';

/** Makes the engine of a session. A proxy that cannot even be made ends its session and nothing else. */
export function makeEngine(
  { proxy }: Pick<Service, 'proxy'>,
  session: StackedSession,
  given: Omit<ProxyContext, 'session'> = {},
): ProxyEngine {
  try {
    return proxy.create({ session, ...given });
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
