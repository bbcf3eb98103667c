// The options of listeners, and their schemas, whose error texts are cures.

import { z } from 'zod';
import type { PortList } from '../address/port-range.ts';
import { objectOf } from './fields.ts';
import { portList } from './port-list.ts';
import type { ProxyProtocol, ProxyProtocolOptions } from './proxy-protocol.ts';
import { proxyProtocolSchema } from './proxy-protocol.ts';
import type { AnyService } from './service.ts';
import type { Zone } from './zone.ts';

/** How the packet filter of the kernel brings connections that are meant for others to a listener. */
export type Diversion = 'tproxy' | 'redirect';

/** Options of everything that takes what clients send, over whatever protocol. */
export interface ReceivingOptions {
  /** Name in records and for `explain --listener`. Default: the first bind as text, of a receiver with `/udp` behind it. */
  readonly name?: string;
  /**
   * Takes what is meant for other machines, and knows their address: the original destination. Needs the packet filter
   * of the kernel, which brings it here, and the capability CAP_NET_ADMIN. Default: false.
   */
  readonly transparent?: boolean;
  /**
   * The ports of other machines for which the packet filter of `zorp nft` brings connections here, such as `80` or
   * `'80,8000-8099'`. Only with `transparent`. Default: none; a packet filter that you write yourself says it then.
   */
  readonly redirectPorts?: PortList;
  /**
   * With which statement a packet filter of your own does that: `tproxy`, or `redirect` of its nat tables. Only with
   * `transparent`. Default: `'tproxy'`, as `zorp nft` writes it.
   */
  readonly divertedBy?: Diversion;
}

/** Options that all listeners share. */
export interface ListenerOptions extends ReceivingOptions {
  /** Length of the kernel's queue of connections not yet accepted. Default: 255, as in the original. */
  readonly backlog?: number;
  /**
   * The load balancers whose connections begin with a PROXY header, version 1 or 2: it says who the client is, and where
   * it connected to. Default: nobody's do, and a header is taken for what the client sends.
   */
  readonly proxyProtocol?: ProxyProtocolOptions;
}

/** Options that all receivers share. */
export interface ReceiverOptions extends Omit<ReceivingOptions, 'divertedBy'> {
  /**
   * Sessions of this receiver at the same time. Beyond them datagrams of new clients are dropped. A session ends with its
   * idle timeout and needs two descriptors: allow for the new clients of that time. Default: 4096.
   */
  readonly maxSessions?: number;
  /**
   * Bytes that may wait in the kernel for this port, and for the socket of each session; Linux allows at most
   * net.core.rmem_max. Default: 65536, as in the original.
   */
  readonly receiveBufferBytes?: number;
}

/** One line of a zone listener: clients of this zone get this service. `'*'` stands for every client. */
export interface ZoneChoice {
  readonly from: Zone | '*';
  readonly service: AnyService;
}

/** One line of a client-server zone listener: clients of one zone going to another get this service. */
export interface ZonePairChoice extends ZoneChoice {
  readonly to: Zone | '*';
}

/** How lines with zones name a service. */
export interface ZoneLines<Choice> {
  readonly services: readonly Choice[];
  /** Whether a line for a zone also covers the zones below it. Default: false. */
  readonly followParent?: boolean;
}

/** Options of the zone receivers. */
export interface ZoneReceiverOptions<Choice> extends ReceiverOptions, ZoneLines<Choice> {}

/** Options of the zone listeners. */
export interface ZoneListenerOptions<Choice> extends ListenerOptions, ZoneLines<Choice> {}

const BACKLOG_CURE = 'give a whole number, 1 to 65535';

/** Fields of everything that takes what clients send. */
export const receivingFields = {
  name: z.string({ error: 'give a text' }).optional(),
  transparent: z.boolean({ error: 'give true or false' }).default(false),
  redirectPorts: portList.optional(),
  divertedBy: z.enum(['tproxy', 'redirect'], { error: 'give "tproxy" or "redirect"' }).optional(),
};

/** Fields of all listeners. */
export const listenerFields = {
  ...receivingFields,
  backlog: z
    .int({ error: BACKLOG_CURE })
    .min(1, { error: BACKLOG_CURE })
    .max(65_535, { error: BACKLOG_CURE })
    .default(255),
  proxyProtocol: proxyProtocolSchema.optional(),
};

// Whoever forges addresses can fill a receiver, with nothing but first datagrams. With this many sessions it takes 8,192
// descriptors and some 20 MiB; names that are asked for and answered at once need far fewer.
const DEFAULT_MAX_SESSIONS = 4096;
const MAX_SESSIONS = 1_000_000; // more than Linux gives descriptors to a process (fs.nr_open)
const SESSIONS_CURE = `give a whole number, 1 to ${MAX_SESSIONS}`;

const DEFAULT_RECEIVE_BUFFER_BYTES = 65_536;
const MIN_RECEIVE_BUFFER_BYTES = 2048; // Linux takes no less (socket(7))
const MAX_RECEIVE_BUFFER_BYTES = 2 ** 30; // SO_RCVBUF is an int, and Linux doubles it
const BUFFER_CURE = `give a whole number of bytes, ${MIN_RECEIVE_BUFFER_BYTES} to ${MAX_RECEIVE_BUFFER_BYTES}`;

const { name, transparent, redirectPorts } = receivingFields;

/** Fields of all receivers. */
export const receiverFields = {
  ...{ name, transparent, redirectPorts },
  maxSessions: z
    .int({ error: SESSIONS_CURE })
    .min(1, { error: SESSIONS_CURE })
    .max(MAX_SESSIONS, { error: SESSIONS_CURE })
    .default(DEFAULT_MAX_SESSIONS),
  receiveBufferBytes: z
    .int({ error: BUFFER_CURE })
    .min(MIN_RECEIVE_BUFFER_BYTES, { error: BUFFER_CURE })
    .max(MAX_RECEIVE_BUFFER_BYTES, { error: BUFFER_CURE })
    .default(DEFAULT_RECEIVE_BUFFER_BYTES),
  proxyProtocol: z
    .undefined({
      error: 'remove it: a PROXY header begins a TCP connection, and datagrams have none',
    })
    .optional(),
};

/** What bounds a listener for datagrams. */
export interface DatagramBounds {
  readonly maxSessions: number;
  readonly receiveBufferBytes: number;
}

/** The bounds where nobody gives others. */
export const DATAGRAM_BOUNDS: DatagramBounds = Object.freeze({
  maxSessions: DEFAULT_MAX_SESSIONS,
  receiveBufferBytes: DEFAULT_RECEIVE_BUFFER_BYTES,
});

/** What all these schemas make: `backlog` is that of listeners, the bounds are those of receivers. */
export type ReceivingSettings = Omit<z.output<z.ZodObject<typeof receivingFields>>, 'divertedBy'> &
  Partial<DatagramBounds> & {
    readonly divertedBy?: Diversion | undefined;
    readonly backlog?: number;
    readonly proxyProtocol?: ProxyProtocol | undefined;
  };

const service = objectOf<AnyService>(
  ['service', 'deny-service'],
  'give a service made by service() or denyService()',
);
const zoneOrAll = z.union([z.literal('*'), objectOf<Zone>(['zone'], '')], {
  error: 'give a zone made by zone(), or "*" for all',
});
const NO_LINES = 'give at least one line: a listener without a service refuses everything';

/** The service of a listener that has only one. */
export const serviceSchema = z.strictObject({ service });

const followParent = z.boolean({ error: 'give true or false' }).default(false);

/** Fields of what chooses by the zone of the client. */
export const zoneFields = {
  followParent,
  services: z
    .array(z.strictObject({ from: zoneOrAll, service }), {
      error: 'give a list of lines such as { from: intranet, service: web }',
    })
    .min(1, { error: NO_LINES }),
};

/** Fields of what chooses by the zones of the client and of its original destination. */
export const zonePairFields = {
  followParent,
  services: z
    .array(z.strictObject({ from: zoneOrAll, to: zoneOrAll, service }), {
      error: 'give a list of lines such as { from: intranet, to: internet, service: web }',
    })
    .min(1, { error: NO_LINES }),
};
