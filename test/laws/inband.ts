// A proxy under the laws in sessions whose router lets the protocol choose the server.

import type { ProxyFactory } from '../../src/proxy/engine.ts';
import { testSession } from '../support/test-session.ts';

/** The same proxy, for sessions with an in-band router. */
export function inband(proxy: ProxyFactory): ProxyFactory {
  return {
    ...proxy,
    create: (context) => {
      const { isStacked, protocol } = context.session;
      const session = testSession({ isStacked, protocol, targetAddressInband: true });
      return proxy.create({ ...context, session });
    },
  };
}
