// What somebody who has just started Zorp can type in another terminal.

import { SocketAddress } from '../address/socket-address.ts';
import type { Listener } from '../policy/make-listener.ts';
import type { Policy } from '../policy/policy.ts';
import type { AnyService } from '../policy/service.ts';

/** A curl command for every listener that is an explicit HTTP proxy. */
export function thingsToTry(
  policy: Policy,
  instance: string,
  listening: readonly string[],
): readonly string[] {
  const listeners = policy.instances.get(instance) ?? [];
  return listeners.filter(takesCurl).flatMap((listener) => {
    const [bind] = listener.binds;
    const address = bind === undefined ? undefined : reachable(bind, listening);
    return address === undefined ? [] : [curl(address, listener.choices[0]?.service)];
  });
}

/** curl asks for the password of NAME itself. Certificates are rarely for the address, and this is only to try. */
function curl(address: string, service: AnyService | undefined): string {
  const { authentication, encryption } = service?.kind === 'service' ? service : {};
  const user = authentication === undefined ? '' : ' -U NAME';
  const tls = encryption?.client;
  const scheme = tls === undefined ? 'http' : 'https';
  const trust = tls === undefined ? '' : ' --proxy-insecure';
  const shown = tls?.verifier?.required === true ? ' --proxy-cert FILE --proxy-key FILE' : '';
  return `curl -x ${scheme}://${address}${trust}${shown}${user} http://example.org/`;
}

/**
 * Only a proxy in explicit mode takes what curl -x sends; the mode is what it explains first. A load balancer would begin with a
 * PROXY header.
 */
function takesCurl({ choices, proxyProtocol }: Listener): boolean {
  const [line] = choices;
  const service = line?.service;
  return (
    proxyProtocol === undefined &&
    service?.kind === 'service' &&
    service.proxy.name === 'http' &&
    service.proxy.explain().startsWith('HTTP, explicit') &&
    service.router.isOverrideable
  );
}

/** An address that a client can connect to: 0.0.0.0 is this machine, and for port 0 the kernel chose another. */
function reachable(bind: SocketAddress, listening: readonly string[]): string | undefined {
  const real = bind.port === 0 ? realAddress(bind, listening) : bind;
  if (real === undefined) return undefined;
  const text = real.address.toString();
  if (text === '0.0.0.0') return String(SocketAddress.of('127.0.0.1', real.port));
  return text === '::' ? String(SocketAddress.of('::1', real.port)) : String(real);
}

/** Only where it is surely the one that is meant. */
function realAddress(bind: SocketAddress, listening: readonly string[]): SocketAddress | undefined {
  const candidates = listening
    .map((text) => SocketAddress.tryParse(text))
    .filter((address) => address?.address.equals(bind.address));
  return candidates.length === 1 ? candidates[0] : undefined;
}
