// Listeners: they open TCP ports and pick the service for what arrives. Those that ask the rules: rule-listener.ts.

import { z } from 'zod';
import { registerOptions } from '../proxy/option-owners.ts';
import type { Bind } from './bind.ts';
import type {
  ListenerOptions,
  ZoneChoice,
  ZoneListenerOptions,
  ZonePairChoice,
} from './listener-options.ts';
import { listenerFields, zoneFields, zonePairFields } from './listener-options.ts';
import type { Listener } from './make-listener.ts';
import { makePlainListener, makeZoneListener } from './make-listener.ts';
import type { AnyService } from './service.ts';

const plainSchema = z.strictObject(listenerFields);
registerOptions('listener', plainSchema);
const zoneSchema = z.strictObject({ ...listenerFields, ...zoneFields });
registerOptions('zoneListener', zoneSchema);
const zonePairSchema = z.strictObject({ ...listenerFields, ...zonePairFields });
registerOptions('csZoneListener', zonePairSchema);

/**
 * Starts one service for everything that arrives.
 * @example listener('127.0.0.1:8080', web, { name: 'explicit-proxy' });
 */
export function listener(bind: Bind, service: AnyService, options: ListenerOptions = {}): Listener {
  const kind = { factory: listener, protocol: 'tcp', schema: plainSchema } as const;
  return makePlainListener(kind, bind, service, options);
}

/**
 * Picks the service by the zone of the client; the nearest line wins.
 * @example zoneListener('192.0.2.1:80', { services: [{ from: intranet, service: web }, { from: '*', service: refuse }] });
 */
export function zoneListener(bind: Bind, options: ZoneListenerOptions<ZoneChoice>): Listener {
  const kind = { factory: zoneListener, protocol: 'tcp', schema: zoneSchema } as const;
  return makeZoneListener(kind, 'zone', bind, options);
}

/**
 * Picks the service by the zones of the client and of its original destination; the nearest client zone wins, then the
 * nearest server zone.
 * @example csZoneListener('192.0.2.1:25', { services: [{ from: intranet, to: dmz, service: mail }], transparent: true });
 */
export function csZoneListener(bind: Bind, options: ZoneListenerOptions<ZonePairChoice>): Listener {
  const kind = { factory: csZoneListener, protocol: 'tcp', schema: zonePairSchema } as const;
  return makeZoneListener(kind, 'cs-zone', bind, options);
}
