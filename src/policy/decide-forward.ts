// decideForward: what the packet filter does with the first packet of a connection whose rule starts a pfService.

import type { SocketAddress } from '../address/socket-address.ts';
import type { Refusal } from '../proxy/engine.ts';
import { checkAccess } from './access.ts';
import { chooseAnyService } from './decide-client.ts';
import { FAMILY_MISMATCH, translateEnds } from './decide-nat.ts';
import type { DecisionFacts, ListenedFacts, Refused } from './decision.ts';
import { hasPorts, PROTOCOL_NUMBERS } from './ip-protocol.ts';
import type { PfService } from './pf-service.ts';
import type { Policy } from './policy.ts';
import { route } from './router.ts';
import type { TraceStep } from './trace.ts';
import { matchZone } from './zone-step.ts';

/** A connection that the packet filter forwards. */
export interface Forwarded extends DecisionFacts {
  readonly outcome: 'forwarded';
  readonly service: PfService;
  /** Where it comes from behind the firewall; undefined: from the address of the outgoing interface. */
  readonly source: SocketAddress | undefined;
}

/** A destination, and where a connection to it comes from. */
interface Ends {
  readonly server: SocketAddress;
  readonly source: SocketAddress | undefined;
}

/**
 * Decides a connection as the generated packet filter does. Pure.
 * @returns undefined if the rule that wins starts no pfService.
 */
export function decideForward(
  policy: Policy,
  facts: ListenedFacts,
): Forwarded | Refused | undefined {
  const { listener } = facts;
  const trace: TraceStep[] = [];
  const { service, rule, clientZone } = chooseAnyService(policy, facts, trace);
  if (service?.kind !== 'pf-service') return undefined;
  const because = 'the rule starts it';
  trace.push({ check: 'service', outcome: 'chosen', subject: service, because });
  const known = { listener, rule, clientZone, service, trace };
  const refuse = (refusal: Refusal, server?: SocketAddress): Refused => ({
    outcome: 'refused',
    ...known,
    server,
    serverZone: undefined,
    refusal,
  });

  const question = { service, startedBy: 'rule' } as const;
  const leaves = { ...question, direction: 'outbound', zone: clientZone } as const;
  const outbound = checkAccess(policy, leaves, trace);
  if (outbound !== undefined) return refuse(outbound);
  const ends = translate(facts, service, trace);
  if ('refusal' in ends) return refuse(ends.refusal, ends.server);
  const { server, source } = ends;
  const toServer = { check: 'server-zone', whenUnknown: 'skipped' } as const;
  const zone = matchZone(policy, server, toServer, trace)?.value;
  const inbound = checkAccess(policy, { ...question, direction: 'inbound', zone }, trace);
  if (inbound !== undefined) return { ...refuse(inbound, server), serverZone: zone };
  return { outcome: 'forwarded', ...known, server, serverZone: zone, source };
}

/** Both ends behind the firewall. NAT sees the same pair as that of a proxied connection. */
function translate(
  facts: ListenedFacts,
  service: PfService,
  trace: TraceStep[],
): Ends | { readonly refusal: Refusal; readonly server: SocketAddress | undefined } {
  const { router } = service;
  const chosen = route(router, facts.client, facts.local);
  trace.push({ check: 'router', outcome: 'chosen', subject: router, because: ITS_ROUTER });
  const [target = facts.local] = chosen.targets;
  const meant = target.port === 0 ? target.withPort(facts.local.port) : target;
  const step = { check: 'server', outcome: 'chosen', subject: router } as const;
  trace.push({ ...step, because: 'the router names it', value: meant });
  const translated = translateEnds({ ...facts, service, route: chosen }, meant, trace);
  if (translated.outcome === 'refused') return translated;
  const isPortless = !hasPorts(facts.protocol ?? PROTOCOL_NUMBERS.tcp);
  const server = isPortless ? translated.server.withPort(0) : translated.server;
  if (server.address.family !== facts.client.address.family) {
    const because = 'the packet filter cannot forward from one family to the other';
    trace.push({ check: 'server', outcome: 'refused', subject: router, because, value: server });
    return { refusal: FAMILY_MISMATCH, server };
  }
  traceSource(translated.route.local, service, trace);
  return { server, source: translated.route.local };
}

/** Where the source stays or becomes that of the interface, no NAT has said so. */
function traceSource(
  source: SocketAddress | undefined,
  { router }: PfService,
  trace: TraceStep[],
): void {
  const step = { check: 'snat', outcome: 'chosen', subject: router } as const;
  if (source === undefined)
    trace.push({ ...step, because: 'the source becomes the address of the outgoing interface' });
  else if (
    router.forgeAddress &&
    trace.every(({ check, outcome }) => !(check === 'snat' && outcome === 'chosen'))
  )
    trace.push({ ...step, because: "the client's address stays the source" });
}

const ITS_ROUTER = 'the service has it';
