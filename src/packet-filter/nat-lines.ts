// The NAT of a service as lines for the packets of one family: the first whose subnets have both ends counts, and the last
// is for all. What the router says of the server is in them.

import type { AddressFamily } from '../address/ip-address.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import { Subnet } from '../address/subnet.ts';
import type { NatDirection, NatRanges, RangeMapping } from '../policy/nat.ts';
import { placeHost } from '../policy/nat-subnets.ts';
import type { PfService } from '../policy/pf-service.ts';

/** What becomes of an end. */
export type NatResult =
  | { readonly outcome: 'translated'; readonly into: Subnet; readonly port: number | undefined }
  /** The address stays; the port becomes this one, if there is one. */
  | { readonly outcome: 'kept'; readonly port: number | undefined }
  /** The address of the outgoing interface: only of a source. */
  | { readonly outcome: 'interface' }
  | { readonly outcome: 'refused' };

/** For which connections a line is, and what becomes of their end. */
export interface NatLine {
  /** Where the client is; undefined: anywhere. */
  readonly from: Subnet | undefined;
  /** Which destination is meant, before it is translated; undefined: any. */
  readonly to: Subnet | undefined;
  readonly result: NatResult;
}

const REFUSED: NatResult = { outcome: 'refused' };
const NO_RANGES: NatRanges = { mappings: [], otherwise: 'unmapped' };

/** The lines of a service for one end. */
export function natLines(
  service: PfService,
  direction: NatDirection,
  family: AddressFamily,
): readonly NatLine[] {
  const { mappings, otherwise } = service[direction]?.ranges?.[direction] ?? NO_RANGES;
  const lines: NatLine[] = [];
  for (const mapping of mappings) {
    if (!isPossible(mapping, service, family)) continue;
    const { from } = mapping;
    const to = serverOf(service) === undefined ? mapping.to : undefined;
    lines.push({ from, to, result: RESULTS[direction](mapping, service, family) });
    if (from === undefined && to === undefined) return lines;
  }
  const result = otherwise === 'refused' ? REFUSED : OTHERS[direction](service, family);
  return [...lines, { from: undefined, to: undefined, result }];
}

/** Whether a packet of the family may have both ends where a line has them. */
function isPossible(
  { from, to }: RangeMapping,
  service: PfService,
  family: AddressFamily,
): boolean {
  const isFrom = from === undefined || from.network.family === family;
  return isFrom && mayBeMeant(to, serverOf(service), family);
}

/** Whether the destination that is meant may be in a subnet. */
function mayBeMeant(
  to: Subnet | undefined,
  server: SocketAddress | undefined,
  family: AddressFamily,
): boolean {
  if (to === undefined) return true;
  return server === undefined ? to.network.family === family : to.contains(server.address);
}

/** Bits of a host that do not fit are dropped: an end of a smaller subnet has no bits in between. */
function narrowed(translated: Subnet, inside: Subnet | undefined): Subnet {
  const length = Math.max(translated.prefixLength, inside?.prefixLength ?? 0);
  return new Subnet(translated.network, length);
}

/** What a line makes of an end that it is for. What is of another family than the client is refused. */
const RESULTS = { snat: newSource, dnat: newServer } as const;
/** What becomes of an end for which no line is. */
const OTHERS = { snat: otherSource, dnat: otherServer } as const;

function newSource(
  { from, translated, port = 0 }: RangeMapping,
  _service: PfService,
  family: AddressFamily,
): NatResult {
  if (translated.network.family !== family) return REFUSED;
  return translatedInto(narrowed(translated, from), port);
}

function newServer(
  { to, translated, port }: RangeMapping,
  service: PfService,
  family: AddressFamily,
): NatResult {
  if (translated.network.family !== family) return REFUSED;
  const server = serverOf(service);
  const meant = port ?? portOf(service);
  if (server === undefined) return translatedInto(narrowed(translated, to), meant);
  if (isOf(server, family))
    return translatedInto(new Subnet(placeHost(server.address, to, translated)), meant);
  // A general NAT takes no end of another family; the others have an address for whatever end it is.
  if (service.dnat?.type === 'general') return REFUSED;
  return translatedInto(translated, meant);
}

function otherSource({ router }: PfService): NatResult {
  return router.forgeAddress ? { outcome: 'kept', port: undefined } : { outcome: 'interface' };
}

function otherServer(service: PfService, family: AddressFamily): NatResult {
  const server = serverOf(service);
  const meant = portOf(service);
  if (server === undefined) return { outcome: 'kept', port: meant === 0 ? undefined : meant };
  return isOf(server, family) ? translatedInto(new Subnet(server.address), meant) : REFUSED;
}

/** Port 0 is the one that the end has. */
function translatedInto(into: Subnet, port: number): NatResult {
  return { outcome: 'translated', into, port: port === 0 ? undefined : port };
}

function serverOf({ router }: PfService): SocketAddress | undefined {
  return router.destinations[0];
}

/** The port that the router names; 0: the one that the client asked for. */
function portOf({ router }: PfService): number {
  return router.destinations[0]?.port ?? router.forcedPort ?? 0;
}

function isOf(server: SocketAddress, family: AddressFamily): boolean {
  return server.address.family === family;
}
