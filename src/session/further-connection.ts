// A connection that comes to a session that is there already: it is noted in the record of that session.

import type { RecordedRelated } from '../log/decision-record.ts';
import { recordedAddress } from '../log/session-record.ts';
import type { Channel } from '../proxy/engine.ts';
import type { Accepted } from './outside.ts';
import type { StackedSession } from './session.ts';

/** A connection, the port that it becomes, and why it came to this session. */
export interface FurtherConnection {
  readonly connection: Accepted;
  readonly port: Channel;
  readonly kind: RecordedRelated['kind'];
}

/** Notes a connection and gives it the keepalive of its service. */
export function welcomeFurther(
  session: StackedSession,
  { connection, port, kind }: FurtherConnection,
): void {
  const { stream, clientAddress, clientLocal } = connection;
  const zone = session.zoneOf(clientAddress.address)?.name ?? null;
  const peer = recordedAddress(clientAddress, zone);
  session.connection.recordRelated({ port, kind, peer, local: recordedAddress(clientLocal) });
  const { service } = session.connection.facts;
  const side = port.startsWith('client') ? 'client' : 'server';
  if (service?.kind === 'service' && [side, 'both'].includes(service.keepalive)) stream.keepAlive();
}
