// Whether a client that chose its server by an address asked by name for one that has it: who names one server and
// connects another gets around what was decided about the name.

import type { SocketAddress } from '../address/socket-address.ts';
import type { Service } from '../policy/service.ts';
import type { ConnectFailure } from '../proxy/engine.ts';
import { tlsServerName } from '../proxy/tls-server-name.ts';
import { resolveTarget } from './resolve-target.ts';
import type { Runtime } from './runtime.ts';
import type { StackedSession } from './session.ts';

/** A server that is to be connected, and the name that it is to have. */
export interface NamedServer {
  readonly session: StackedSession;
  readonly service: Service;
  readonly address: SocketAddress;
  readonly name: string;
}

/**
 * Asks the resolver of the service for the addresses of the name. `done` is called once, never before this has returned, with
 * what is wrong and not permitted.
 */
export function checkAddress(
  runtime: Runtime,
  server: NamedServer,
  done: (failure: ConnectFailure | undefined) => void,
): void {
  const { session, service, name } = server;
  const { address } = server.address;
  resolveTarget(runtime, service, name, (result) => {
    const isIts =
      result.ok && result.answer.some((one) => one.unmapped().equals(address.unmapped()));
    if (isIts) done(undefined);
    else if (service.checkServerAddress === 'refuse') done(failureOf(name, server.address));
    else {
      const fields = { session: session.sessionId, name, server: String(server.address) };
      if (session.warn(REASON)) runtime.log.line('policy', REASON, MESSAGE, fields);
      done(undefined);
    }
  });
}

/**
 * The name that is to be checked, where the policy wants that and the address is the client's choice: one that the router, the
 * policy or the resolver has made an address of needs no check. `host` is what the protocol calls the server.
 */
export function nameToCheck(
  session: StackedSession,
  { checkServerAddress }: Service,
  address: SocketAddress,
  host: string | undefined,
): string | undefined {
  if (checkServerAddress === 'off' || session.targetAddressInband) return undefined;
  return address.equals(session.clientLocal) ? (session.get(tlsServerName) ?? host) : undefined;
}

const REASON = 'connect.address-mismatch';
const MESSAGE = 'The client asks for a server by a name that does not have the address it connects';

function failureOf(name: string, address: SocketAddress): ConnectFailure {
  const message = `${name} does not have the address ${address.address.toString()}`;
  return { reason: REASON, verdict: 'denied-by-policy', message };
}
