// Which services can take datagrams: those that keep the boundaries of each. Others are faults behind a receiver.

import { showValue } from '../proxy/policy-fault.ts';
import { PROTOCOL_NUMBERS } from './ip-protocol.ts';
import type { Listener } from './make-listener.ts';
import type { NumberedRule } from './number-rules.ts';
import type { PolicyFaults } from './policy-faults.ts';
import type { Rule } from './rule.ts';
import type { AnyService, Service } from './service.ts';

/** What keeps a service from taking datagrams, as the cure of a fault; undefined: nothing does. */
export function datagramObstacle({
  proxy,
  chainer,
  sendProxyProtocol,
}: Service): string | undefined {
  if (proxy.takesDatagrams !== true)
    return 'give a service whose proxy takes datagrams, such as plugProxy() without a stack';
  if (sendProxyProtocol !== undefined)
    return 'give a service without sendProxyProtocol: a PROXY header begins a TCP connection';
  return chainer.type === 'side-stack'
    ? 'give a service without sideStackChainer(): what stands beside a proxy gets a stream of bytes'
    : undefined;
}

/** A place of the policy where a service stands that gets datagrams only. */
interface DatagramLine {
  readonly owner: object;
  readonly path: string;
  readonly service: AnyService | undefined;
}

/** Collects the services that get datagrams only, and cannot take them. */
export function checkDatagrams(
  listeners: readonly Listener[],
  rules: readonly NumberedRule[],
  faults: PolicyFaults,
): void {
  const lines = [...listeners.flatMap(linesOf), ...rules.flatMap(({ rule }) => linesOfRule(rule))];
  for (const { owner, path, service } of lines) {
    if (service?.kind !== 'service') continue;
    const cure = datagramObstacle(service);
    if (cure !== undefined) faults.add(owner, { path, value: showValue(service.name), cure });
  }
}

function linesOf(owner: Listener): readonly DatagramLine[] {
  if (owner.protocol !== 'udp') return [];
  return owner.choices.map(({ service }, index) => {
    const path = owner.type === 'plain' ? 'service' : `services[${index}].service`;
    return { owner, path, service };
  });
}

/** A rule for other protocols, too, decides only when a datagram comes. */
function linesOfRule(owner: Rule): readonly DatagramLine[] {
  const { protocols, service, detect } = owner;
  const isForAll = protocols.length === 0;
  if (isForAll || protocols.some((number) => number !== PROTOCOL_NUMBERS.udp)) return [];
  const detected = detect.map((line, index) => ({
    ...{ owner, path: `detect[${index}].service` },
    service: line.service,
  }));
  return [{ owner, path: 'service', service }, ...detected];
}
