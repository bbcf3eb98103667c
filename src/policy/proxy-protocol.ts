// Who may say, in a PROXY header before a connection, that its client is somebody else (haproxy's proxy-protocol.txt).

import { z } from 'zod';
import type { IpAddress } from '../address/ip-address.ts';
import { Subnet } from '../address/subnet.ts';
import { milliseconds, objectOf, oneOrMore, parsed } from './fields.ts';
import type { Zone } from './zone.ts';
import { isWithin } from './zone.ts';

/** How a listener takes PROXY headers, of both versions. */
export interface ProxyProtocolOptions {
  /**
   * The load balancers that begin every connection with a header, as zones or subnets. What a header says is believed:
   * name nobody else.
   */
  readonly from: Zone | string | readonly (Zone | string)[];
  /** What becomes of connections of all others: `plain` are those of clients that connect directly. Default: `'refuse'`. */
  readonly others?: 'refuse' | 'plain';
  /** Milliseconds in all until a header is complete. Default: 5000, which outlives a packet that is lost. */
  readonly timeoutMs?: number;
}

/** Checked options. */
export interface ProxyProtocol {
  readonly from: readonly (Zone | Subnet)[];
  readonly others: 'refuse' | 'plain';
  readonly timeoutMs: number;
}

const FROM_CURE = 'give the load balancers as zones or subnets, such as ["10.0.0.5"]';
const OTHERS_CURE = 'give "refuse" or "plain"';

/** The field of everything that takes connections. */
export const proxyProtocolSchema: z.ZodType<ProxyProtocol> = z.strictObject(
  {
    from: oneOrMore(
      z.union([objectOf<Zone>(['zone'], ''), parsed((text) => Subnet.parse(text), FROM_CURE)], {
        error: FROM_CURE,
      }),
      FROM_CURE,
    ),
    others: z.enum(['refuse', 'plain'], { error: OTHERS_CURE }).default('refuse'),
    timeoutMs: milliseconds.default(5_000),
  },
  { error: 'give an object, such as { from: ["10.0.0.5"] }' },
);

/** Whether connections from this address, which is in this zone, begin with a header. */
export function beginsWithHeader(
  { from }: ProxyProtocol,
  address: IpAddress,
  zone: Zone | undefined,
): boolean {
  return from.some((one) =>
    one instanceof Subnet ? one.contains(address) : zone !== undefined && isWithin(zone, one),
  );
}

/** A few words in English: who may speak for others. */
export function explainProxyProtocol({ from, others }: ProxyProtocol): string {
  const names = from.map((one) => (one instanceof Subnet ? one.toString() : one.name)).join(', ');
  const rest = others === 'plain' ? '' : ', and nobody else';
  return `with PROXY headers from ${names}${rest}`;
}
