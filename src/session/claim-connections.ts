// Further connections of a client that a proxy claims (SECONDARY): they come to the session that is there, and not to
// one of their own. Its client was permitted to come here, and only the same client to the same address counts.

import type { ConnectionClaimer } from './pump-host.ts';
import { welcomeFurther } from './further-connection.ts';
import type { Runtime } from './runtime.ts';
import type { StackedSession } from './session.ts';

/** Claims further connections of the client to where it connected; the returned function ends that. */
export function claimConnections(
  runtime: Runtime,
  session: StackedSession,
  claimer: ConnectionClaimer,
): () => void {
  const { facts, isRefused } = session.connection;
  const { listener, protocol, clientAddress, clientLocal } = facts;
  // What a session takes is not decided anew, so that one that was refused gets nothing.
  if (isRefused) return () => undefined;
  return runtime.claims.join(
    clientAddress.address,
    { protocol, port: clientLocal.port },
    {
      priority: 'normal',
      take: (name, connection) => {
        if (name !== listener.name || !connection.clientLocal.equals(clientLocal)) return false;
        const port = claimer.freePort();
        if (port === undefined) return false;
        welcomeFurther(session, { connection, port, kind: 'secondary' });
        claimer.accepted(port, connection);
        return true;
      },
    },
  );
}
