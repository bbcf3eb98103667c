// The ways in which a denyService turns packets away, for each family.

import type { AddressFamily } from '../address/ip-address.ts';

/** What IPv4 packets can be answered with (RFC 792; RFC 1812, 5.2.7.1); `drop` is no answer. */
export const IPV4_REPLIES = [
  'drop',
  'tcp-reset',
  'icmp-net-unreachable',
  'icmp-host-unreachable',
  'icmp-proto-unreachable',
  'icmp-port-unreachable',
  'icmp-net-prohibited',
  'icmp-host-prohibited',
  'icmp-admin-prohibited',
] as const;

/** What IPv6 packets can be answered with (RFC 4443, 3.1); `drop` is no answer. */
export const IPV6_REPLIES = [
  'drop',
  'tcp-reset',
  'icmp-no-route',
  'icmp-admin-prohibited',
  'icmp-addr-unreachable',
  'icmp-port-unreachable',
] as const;

/** What packets of both families can be answered with. */
export const COMMON_REPLIES = [
  'drop',
  'tcp-reset',
  'icmp-port-unreachable',
  'icmp-admin-prohibited',
] as const;

/** How IPv4 packets are turned away. */
export type Ipv4Reply = (typeof IPV4_REPLIES)[number];
/** How IPv6 packets are turned away. */
export type Ipv6Reply = (typeof IPV6_REPLIES)[number];
/** How packets of either family are turned away. */
export type CommonReply = (typeof COMMON_REPLIES)[number];

/** A reply for each family. */
export interface Replies {
  readonly ipv4Reply: Ipv4Reply;
  readonly ipv6Reply: Ipv6Reply;
}

/** The reply to packets of a family. */
export function replyFor(replies: Replies, family: AddressFamily): Ipv4Reply | Ipv6Reply {
  return family === 'ipv4' ? replies.ipv4Reply : replies.ipv6Reply;
}

/** How a connection ends that has been accepted already: no ICMP message can be about it any more, so it is reset. */
export function closingFor(replies: Replies, family: AddressFamily): 'reset' | undefined {
  return replyFor(replies, family) === 'drop' ? undefined : 'reset';
}

/** The replies in words, such as `drops packets`. */
export function explainReplies({ ipv4Reply, ipv6Reply }: Replies): string {
  if (ipv4Reply === ipv6Reply) return explainReply(ipv4Reply);
  return `IPv4: ${explainReply(ipv4Reply)}; IPv6: ${explainReply(ipv6Reply)}`;
}

function explainReply(reply: Ipv4Reply | Ipv6Reply): string {
  switch (reply) {
    case 'drop':
      return 'closes the connection';
    case 'tcp-reset':
      return 'resets the connection';
    default:
      return `answers with ${reply}; resets a connection that was accepted`;
  }
}
