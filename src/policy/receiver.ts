// Receivers: they open UDP ports and pick the service for what arrives. The datagrams between one address and port of a
// client and one destination are a session.

import { z } from 'zod';
import { registerOptions } from '../proxy/option-owners.ts';
import type { Bind } from './bind.ts';
import type {
  ReceiverOptions,
  ZoneChoice,
  ZonePairChoice,
  ZoneReceiverOptions,
} from './listener-options.ts';
import { receiverFields, zoneFields, zonePairFields } from './listener-options.ts';
import type { Listener } from './make-listener.ts';
import { makePlainListener, makeZoneListener } from './make-listener.ts';
import type { AnyService } from './service.ts';

const plainSchema = z.strictObject(receiverFields);
registerOptions('receiver', plainSchema);
const zoneSchema = z.strictObject({ ...receiverFields, ...zoneFields });
registerOptions('zoneReceiver', zoneSchema);
const zonePairSchema = z.strictObject({ ...receiverFields, ...zonePairFields });
registerOptions('csZoneReceiver', zonePairSchema);

/**
 * Starts one service for all datagrams that arrive.
 * @example receiver('192.0.2.1:53', names, { name: 'dns', maxSessions: 10_000 });
 */
export function receiver(bind: Bind, service: AnyService, options: ReceiverOptions = {}): Listener {
  const kind = { factory: receiver, protocol: 'udp', schema: plainSchema } as const;
  return makePlainListener(kind, bind, service, options);
}

/**
 * Picks the service of datagrams by the zone of the client; the nearest line wins.
 * @example zoneReceiver('192.0.2.1:53', { services: [{ from: intranet, service: names }, { from: '*', service: refuse }] });
 */
export function zoneReceiver(bind: Bind, options: ZoneReceiverOptions<ZoneChoice>): Listener {
  const kind = { factory: zoneReceiver, protocol: 'udp', schema: zoneSchema } as const;
  return makeZoneListener(kind, 'zone', bind, options);
}

/**
 * Picks the service of datagrams by the zones of the client and of their original destination; the nearest client zone
 * wins, then the nearest server zone.
 * @example csZoneReceiver('192.0.2.1:123', { services: [{ from: intranet, to: dmz, service: time }], transparent: true });
 */
export function csZoneReceiver(bind: Bind, options: ZoneReceiverOptions<ZonePairChoice>): Listener {
  const kind = { factory: csZoneReceiver, protocol: 'udp', schema: zonePairSchema } as const;
  return makeZoneListener(kind, 'cs-zone', bind, options);
}
