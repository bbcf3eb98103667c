// What `zorp explain` is told of a packet beside its addresses: everything else that rules can ask for.

import type { InterfaceTable } from '../address/interface-table.ts';
import { IpAddress } from '../address/ip-address.ts';
import { hasPorts, isIcmp, PROTOCOL_NUMBERS, showProtocol } from '../policy/ip-protocol.ts';
import type { Listener } from '../policy/make-listener.ts';
import type { IncomingInterface } from '../policy/packet.ts';
import { INTERFACE_NAME, MAX_BYTE, MAX_WORD } from '../policy/rule-fields.ts';
import { wrongUse } from './command.ts';
import type { Destination, Origin } from './question.ts';
import { parseNumber } from './question.ts';

/** Options as they stand on the command line. */
export interface PacketOptions {
  readonly interface?: string;
  readonly interfaceGroup?: string;
  readonly interfaceAddress?: readonly string[];
  readonly protocol?: string;
  readonly icmpType?: string;
  readonly icmpCode?: string;
  readonly requestId?: string;
}

/** What is told of a packet. Undefined is what nobody said. */
export interface PacketAnswers {
  /** The options that were given, as they are written. */
  readonly given: readonly string[];
  readonly protocol: number | undefined;
  readonly icmp: { readonly type: number; readonly code: number } | undefined;
  readonly interface: string | undefined;
  readonly interfaceGroup: number | undefined;
  readonly interfaceAddresses: readonly IpAddress[] | undefined;
  readonly requestId: number | undefined;
}

const BYTE = { min: 0, max: MAX_BYTE };
const WORD = { min: 0, max: MAX_WORD };

/** Reads the options. Throws wrong use. */
export function parsePacket(options: PacketOptions): PacketAnswers {
  const protocol = options.protocol === undefined ? undefined : parseProtocol(options.protocol);
  return {
    given: FLAGS.filter(([key]) => options[key] !== undefined).map(([, flag]) => flag),
    protocol,
    icmp: parseIcmp(options, protocol),
    interface: parseInterface(options.interface),
    interfaceGroup: numberOf('--interface-group', options.interfaceGroup, WORD),
    interfaceAddresses: options.interfaceAddress?.map(parseAddress),
    requestId: numberOf('--request-id', options.requestId, WORD),
  };
}

const FLAGS: readonly (readonly [key: keyof PacketOptions, flag: string])[] = [
  ['interface', '--interface'],
  ['interfaceGroup', '--interface-group'],
  ['interfaceAddress', '--interface-address'],
  ['protocol', '--protocol'],
  ['icmpType', '--icmp-type'],
  ['icmpCode', '--icmp-code'],
  ['requestId', '--request-id'],
];

function numberOf(
  option: string,
  text: string | undefined,
  range: { readonly min: number; readonly max: number },
): number | undefined {
  return text === undefined ? undefined : parseNumber(option, text, range);
}

function parseProtocol(text: string): number {
  const named = Object.entries(PROTOCOL_NUMBERS).find(([name]) => name === text);
  if (named !== undefined) return named[1];
  const names = Object.keys(PROTOCOL_NUMBERS).join(', ');
  if (/^[0-9]+$/.test(text)) return parseNumber('--protocol', text, BYTE);
  throw wrongUse(
    `--protocol ${JSON.stringify(text)} is no protocol: give one of ${names}, or its number`,
  );
}

/** A code says something only together with a type. */
function parseIcmp(
  { icmpType, icmpCode }: PacketOptions,
  protocol: number | undefined,
): PacketAnswers['icmp'] {
  const type = numberOf('--icmp-type', icmpType, BYTE);
  const code = numberOf('--icmp-code', icmpCode, BYTE);
  if (type === undefined && code === undefined) return undefined;
  if (protocol === undefined || !isIcmp(protocol))
    throw wrongUse(
      `${type === undefined ? '--icmp-code' : '--icmp-type'} needs --protocol icmp or icmpv6: no other protocol has types and codes`,
    );
  if (type === undefined) throw wrongUse('--icmp-code needs --icmp-type: a code belongs to a type');
  return { type, code: code ?? 0 };
}

function parseInterface(text: string | undefined): string | undefined {
  if (text === undefined || INTERFACE_NAME.test(text)) return text;
  throw wrongUse(
    `--interface ${JSON.stringify(text)} is no name of an interface: give one such as eth0, ` +
      'at most 15 characters, without "/", ":" or spaces',
  );
}

function parseAddress(text: string): IpAddress {
  const address = IpAddress.tryParse(text);
  if (address !== undefined) return address.unmapped();
  throw wrongUse(
    `--interface-address ${JSON.stringify(text)} is no IP address: write 192.0.2.1 or 2001:db8::1`,
  );
}

/** Ports that were given for a protocol that has none would say something that nobody looks at. */
export function checkPorts(
  protocol: number | undefined,
  { client, to }: { readonly client: Origin; readonly to: Destination },
): void {
  if (protocol === undefined || hasPorts(protocol) || !(client.hasPort || to.hasPort)) return;
  throw wrongUse(
    `Protocol ${showProtocol(protocol)} has no ports: give --client and --to without a port` +
      (client.hasPort ? ', and leave out --source-port' : ''),
  );
}

/** Only rules look at these facts: for another listener they would be said in vain, but for the protocol that it takes. */
export function checkListener(
  { given, protocol }: PacketAnswers,
  listener: Listener,
  listeners: readonly Listener[],
): void {
  const isTaken = protocol !== undefined && protocol === PROTOCOL_NUMBERS[listener.protocol];
  const [first] = isTaken ? given.filter((flag) => flag !== '--protocol') : given;
  if (first === undefined || listener.type === 'rule') return;
  const asking = listeners.filter(({ type }) => type === 'rule').map(({ name }) => name);
  const cure =
    asking.length === 0
      ? 'leave it out'
      : `leave it out, or give --listener with one of ${asking.join(', ')}`;
  throw wrongUse(`${first} is for rules, and listener ${listener.name} asks none: ${cure}`);
}

/**
 * The interface that a packet came in by; undefined where only the listener says it, or nobody. Its group and
 * addresses, if they are not given, are those that it has on this machine; else what the listener says, and where it
 * listens.
 */
export function incomingOf(
  packet: PacketAnswers,
  listener: Listener,
  interfaces: InterfaceTable,
): IncomingInterface | undefined {
  const [told] = packet.given.filter((flag) => OF_INTERFACE.includes(flag));
  const own = listener.incoming;
  const name = packet.interface ?? own?.name;
  if (told === undefined) return undefined;
  if (name === undefined)
    throw wrongUse(
      `${told} needs --interface: it says something of a packet that came in by an interface, and listener ${listener.name} names none`,
    );
  const { group, addresses } = interfaces.byName(name) ?? toldBy(listener, name);
  return {
    name,
    group: packet.interfaceGroup ?? group,
    addresses: packet.interfaceAddresses ?? addresses,
  };
}

/** What a listener says of an interface that this machine does not have; the group of all others, if it is not its own. */
function toldBy({ binds, incoming }: Listener, name: string): Omit<IncomingInterface, 'name'> {
  const group = incoming?.name === name ? incoming.group : 0;
  return { group, addresses: binds.map(({ address }) => address) };
}

const OF_INTERFACE: readonly string[] = [
  '--interface',
  '--interface-group',
  '--interface-address',
  '--request-id',
];
