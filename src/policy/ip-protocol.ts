// IP protocol numbers, and what the protocols have that rules can ask for: ports, or the type and code of a message.

/** Protocols that a rule may write by name; all others go by number. */
export type ProtocolName = 'tcp' | 'udp' | 'icmp' | 'icmpv6';

/** The numbers of the protocols with names (IANA, Protocol Numbers). */
export const PROTOCOL_NUMBERS: Readonly<Record<ProtocolName, number>> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  icmpv6: 58,
};

const DCCP = 33;
const SCTP = 132;
const UDP_LITE = 136;
/** The protocols whose packets have ports. */
export const PORT_PROTOCOLS: readonly number[] = [
  PROTOCOL_NUMBERS.tcp,
  PROTOCOL_NUMBERS.udp,
  DCCP,
  SCTP,
  UDP_LITE,
];

/** Whether packets of this protocol have ports; what a socket address says of the port of any other means nothing. */
export function hasPorts(protocol: number): boolean {
  return PORT_PROTOCOLS.includes(protocol);
}

/** Whether packets of this protocol have a type and a code. */
export function isIcmp(protocol: number): boolean {
  return protocol === PROTOCOL_NUMBERS.icmp || protocol === PROTOCOL_NUMBERS.icmpv6;
}

/** The name of a protocol where rules have one for it, otherwise its number. */
export function showProtocol(protocol: number): string {
  const named = Object.entries(PROTOCOL_NUMBERS).find(([, number]) => number === protocol);
  return named === undefined ? String(protocol) : named[0];
}
