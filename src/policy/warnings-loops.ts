// Services that lead back to the listener that starts them: the original destination is the listener itself.

import type { Listener } from './make-listener.ts';
import { servicesOf } from './policy-rules.ts';
import type { Policy } from './policy.ts';
import type { AnyService } from './service.ts';
import type { Warning } from './warning.ts';
import { called, placed, warn } from './warning.ts';

/** The warnings about connections that would go round in circles, and are refused as `route.loop`. */
export function loopWarnings({ instances, rules }: Policy): readonly Warning[] {
  const listeners = [...instances.values()].flat();
  const ruled = servicesOf(rules);
  const found = new Map<AnyService, Listener>();
  for (const listener of listeners) {
    if (listener.transparent || listener.proxyProtocol !== undefined) continue; // it knows where others are meant for
    const lines = listener.choices.map(({ service }) => service);
    for (const service of listener.type === 'rule' ? ruled : lines)
      if (leadsBack(service) && !found.has(service)) found.set(service, listener);
  }
  return [...found].map(([service, listener]) =>
    warn('listener.leads-back', service, {
      message: `${called(service)} leads back to ${placed(listener, called(listener))}: that takes what is meant for itself, and the router goes where that was meant for`,
      cure: 'make the listener transparent, or give the service a directedRouter(), an inbandRouter(), a forcedPort or a dnat',
    }),
  );
}

/** Whether nothing can lead it elsewhere than to the original destination. */
function leadsBack(service: AnyService): boolean {
  if (service.kind !== 'service') return false;
  const { router, dnat } = service;
  const isPlain = router.forcedPort === undefined && !router.isOverrideable;
  return router.type === 'transparent' && isPlain && dnat === undefined;
}
