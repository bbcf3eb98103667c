// The messages by which the Linux kernel tells of interfaces and addresses: netlink(7), rtnetlink(7). Pure: bytes in,
// facts out, every length checked against what there is.

import { endianness } from 'node:os';
import { IpAddress } from '../address/ip-address.ts';

/** What all messages say about themselves. */
interface Envelope {
  /** That of the request that it answers; 0 for news that nobody asked for. */
  readonly sequence: number;
  /** The kernel changed something while it answered, so that the answer may be of no single moment. */
  readonly isInterrupted: boolean;
}

/** An interface as a message tells it; what the message does not say is undefined. */
export interface LinkMessage extends Envelope {
  readonly type: 'link';
  readonly change: 'is' | 'gone';
  readonly index: number;
  readonly isUp: boolean;
  readonly name: string | undefined;
  readonly group: number | undefined;
}

/** An address of an interface as a message tells it. */
export interface AddressMessage extends Envelope {
  readonly type: 'address';
  readonly change: 'is' | 'gone';
  readonly index: number;
  readonly address: IpAddress;
  /** Tells it from the same address that the interface has once more, with another prefix or for another peer. */
  readonly id: string;
  /** IPv6: nobody knows yet whether another machine of the link has it, or one has; it cannot be listened on. */
  readonly isUsable: boolean;
}

/** One message of the kernel, as far as it matters here. */
export type NetlinkMessage =
  | LinkMessage
  | AddressMessage
  /** The end of an answer, or a refusal: the number of an error, 0 for none. */
  | (Envelope & { readonly type: 'done' | 'error'; readonly errorNumber: number })
  /** Messages were lost. */
  | (Envelope & { readonly type: 'overrun' })
  /** Of another kind, or about something that is no interface of its own. */
  | (Envelope & { readonly type: 'other' });

/** Bytes that no kernel would send. */
export class NetlinkError extends Error {
  constructor(message: string) {
    super(`Cannot read a netlink message: ${message}`);
    this.name = 'NetlinkError';
  }
}

// linux/netlink.h and linux/rtnetlink.h
const HEADER_BYTES = 16;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLMSG_OVERRUN = 4;
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const RTM_GETADDR = 22;
const NLM_F_DUMP_INTR = 0x10;
const NLM_F_REQUEST_DUMP = 0x301; // NLM_F_REQUEST | NLM_F_ROOT | NLM_F_MATCH

// linux/if_link.h and linux/if_addr.h
const LINK_BYTES = 16;
const ADDRESS_BYTES = 8;
const IFLA_IFNAME = 3;
const IFLA_GROUP = 27;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_FLAGS = 8;
const IFF_UP = 0x1;
const IFA_F_OPTIMISTIC = 0x04;
const IFA_F_DADFAILED = 0x08;
const IFA_F_TENTATIVE = 0x40;

const AF_UNSPEC = 0;
const AF_INET = 2;
const AF_INET6 = 10;

const ATTRIBUTE_BYTES = 4; // struct rtattr: length and type
const ATTRIBUTE_TYPE = 0x3fff; // the upper two bits are NLA_F_NESTED and NLA_F_NET_BYTEORDER

const IS_LITTLE_ENDIAN = endianness() === 'LE'; // netlink is in the byte order of the machine

/** The request for all interfaces, or for all addresses. */
export function dumpRequest(what: 'links' | 'addresses', sequence: number): Uint8Array {
  const [type, bodyBytes] =
    what === 'links' ? [RTM_GETLINK, LINK_BYTES] : [RTM_GETADDR, ADDRESS_BYTES];
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + bodyBytes));
  view.setUint32(0, view.byteLength, IS_LITTLE_ENDIAN);
  view.setUint16(4, type, IS_LITTLE_ENDIAN);
  view.setUint16(6, NLM_F_REQUEST_DUMP, IS_LITTLE_ENDIAN);
  view.setUint32(8, sequence, IS_LITTLE_ENDIAN);
  return new Uint8Array(view.buffer); // the sender's id and the body are zeros: the kernel, any family
}

/**
 * Reads what one receive gave: one or more messages.
 * @throws NetlinkError for a length that does not fit, and for an address that is none.
 */
export function parseNetlink(bytes: Uint8Array): readonly NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  for (let start = 0; start < bytes.length;) {
    const view = viewOf(bytes, start, bytes.length);
    if (view.byteLength < HEADER_BYTES) throw new NetlinkError('a header is cut off');
    const length = view.getUint32(0, IS_LITTLE_ENDIAN);
    if (length < HEADER_BYTES || length > view.byteLength)
      throw new NetlinkError(`it says ${length} bytes, and there are ${view.byteLength}`);
    messages.push(parseMessage(viewOf(bytes, start, start + length)));
    start += align(length);
  }
  return messages;
}

function viewOf(bytes: Uint8Array, start: number, end: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + start, end - start);
}

/** Messages and attributes begin at multiples of four. */
function align(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function parseMessage(view: DataView): NetlinkMessage {
  const flags = view.getUint16(6, IS_LITTLE_ENDIAN);
  const envelope = {
    sequence: view.getUint32(8, IS_LITTLE_ENDIAN),
    isInterrupted: (flags & NLM_F_DUMP_INTR) !== 0,
  };
  const type = view.getUint16(4, IS_LITTLE_ENDIAN);
  switch (type) {
    case NLMSG_ERROR:
      return { ...envelope, type: 'error', errorNumber: errorNumberOf(view) };
    case NLMSG_DONE:
      return { ...envelope, type: 'done', errorNumber: errorNumberOf(view) };
    case NLMSG_OVERRUN:
      return { ...envelope, type: 'overrun' };
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return parseLink(view, envelope, type === RTM_NEWLINK ? 'is' : 'gone');
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return parseAddress(view, envelope, type === RTM_NEWADDR ? 'is' : 'gone');
    default:
      return { ...envelope, type: 'other' };
  }
}

/** The kernel writes errors as negative numbers. An end without a number has none. */
function errorNumberOf(view: DataView): number {
  if (view.byteLength < HEADER_BYTES + 4) return 0;
  return Math.abs(view.getInt32(HEADER_BYTES, IS_LITTLE_ENDIAN));
}

type Change = 'is' | 'gone';

function parseLink(view: DataView, envelope: Envelope, change: Change): NetlinkMessage {
  needBody(view, LINK_BYTES);
  // A bridge tells of its ports in the same messages (AF_BRIDGE): a port that is gone is still an interface.
  if (view.getUint8(HEADER_BYTES) !== AF_UNSPEC) return { ...envelope, type: 'other' };
  const index = view.getInt32(HEADER_BYTES + 4, IS_LITTLE_ENDIAN);
  const isUp = (view.getUint32(HEADER_BYTES + 8, IS_LITTLE_ENDIAN) & IFF_UP) !== 0;
  const attributes = parseAttributes(view, HEADER_BYTES + LINK_BYTES);
  const name = textOf(attributes.get(IFLA_IFNAME));
  const group = numberOf(attributes.get(IFLA_GROUP));
  return { ...envelope, type: 'link', change, index, isUp, name, group };
}

const FAMILY_BYTES: ReadonlyMap<number, number> = new Map([
  [AF_INET, 4],
  [AF_INET6, 16],
]);

function parseAddress(view: DataView, envelope: Envelope, change: Change): NetlinkMessage {
  needBody(view, ADDRESS_BYTES);
  const expected = FAMILY_BYTES.get(view.getUint8(HEADER_BYTES));
  if (expected === undefined) return { ...envelope, type: 'other' };
  const index = view.getUint32(HEADER_BYTES + 4, IS_LITTLE_ENDIAN);
  const attributes = parseAttributes(view, HEADER_BYTES + ADDRESS_BYTES);
  // Between two machines IFA_ADDRESS is that of the other end.
  const address = addressOf(attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS), expected);
  const peer = addressOf(attributes.get(IFA_ADDRESS) ?? attributes.get(IFA_LOCAL), expected);
  const flags = numberOf(attributes.get(IFA_FLAGS)) ?? view.getUint8(HEADER_BYTES + 2);
  const id = `${String(address)} ${String(peer)}/${view.getUint8(HEADER_BYTES + 1)}`;
  return { ...envelope, type: 'address', change, index, address, id, isUsable: isUsable(flags) };
}

function addressOf(bytes: Uint8Array | undefined, expected: number): IpAddress {
  if (bytes?.length === expected) return IpAddress.fromBytes(bytes);
  throw new NetlinkError(`an address has ${bytes?.length ?? 0} bytes, not ${expected}`);
}

/** One that is deprecated is not chosen for new connections, but clients may still know it. */
function isUsable(flags: number): boolean {
  if ((flags & IFA_F_DADFAILED) !== 0) return false;
  return (flags & IFA_F_TENTATIVE) === 0 || (flags & IFA_F_OPTIMISTIC) !== 0; // RFC 4429: may be used at once
}

function needBody(view: DataView, bytes: number): void {
  if (view.byteLength < HEADER_BYTES + bytes) throw new NetlinkError('its body is cut off');
}

/** Attributes by type; of one that is there twice the last counts, as for the kernel. */
function parseAttributes(view: DataView, start: number): ReadonlyMap<number, Uint8Array> {
  const attributes = new Map<number, Uint8Array>();
  for (let at = start; at < view.byteLength;) {
    const left = view.byteLength - at;
    if (left < ATTRIBUTE_BYTES) throw new NetlinkError('an attribute is cut off');
    const length = view.getUint16(at, IS_LITTLE_ENDIAN);
    if (length < ATTRIBUTE_BYTES || length > left)
      throw new NetlinkError(`an attribute says ${length} bytes, and there are ${left}`);
    const type = view.getUint16(at + 2, IS_LITTLE_ENDIAN) & ATTRIBUTE_TYPE;
    const from = view.byteOffset + at + ATTRIBUTE_BYTES;
    attributes.set(type, new Uint8Array(view.buffer, from, length - ATTRIBUTE_BYTES));
    at += align(length);
  }
  return attributes;
}

function numberOf(bytes: Uint8Array | undefined): number | undefined {
  if (bytes === undefined) return undefined;
  if (bytes.length !== 4) throw new NetlinkError(`a number has ${bytes.length} bytes, not 4`);
  return viewOf(bytes, 0, 4).getUint32(0, IS_LITTLE_ENDIAN);
}

/** Text ends with a NUL. */
function textOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
}
