// A question of `zorp explain` in words, and as plain data: what was asked, and what was assumed.

import { hasPorts, PROTOCOL_NUMBERS, showProtocol } from '../policy/ip-protocol.ts';
import type { IncomingInterface } from '../policy/packet.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { Answer, Question } from './answer.ts';
import type { Destination } from './question.ts';

/** The question in words: a line for the connection, and one for what only rules ask. */
export function describeQuestion(question: Question, { facts }: Answer): string {
  return [connection(question, facts), ...packet(question)].join('\n');
}

function connection(question: Question, { connect, local }: Answer['facts']): string {
  const { listener, to } = question;
  const client = show(question, question.client);
  const used = usedAddress(question, connect);
  const target = `${show(question, used)}${resolution(to, used)}`;
  if (listener.protocol === 'udp')
    return `${client} sends datagrams to ${target}, and receiver ${listener.name} takes them`;
  if (protocolOf(question) !== PROTOCOL_NUMBERS.tcp)
    return `A packet of protocol ${showProtocol(protocolOf(question))} from ${client} to ${target}, as the rules that listener ${listener.name} asks judge it`;
  return connect?.target === undefined
    ? `${client} connects to ${target}, and listener ${listener.name} takes the connection`
    : `${client} connects to listener ${listener.name} at ${String(local)} and asks for ${target}`;
}

/** The address of `to` that counts: the one that the resolver of the service chose. */
function usedAddress({ to }: Question, connect: Answer['facts']['connect']): SocketAddress {
  return connect?.target ?? to.address;
}

/** What a name was resolved to; empty for an address. */
function resolution({ text, resolved }: Destination, { address }: SocketAddress): string {
  if (resolved === undefined) return '';
  const place = resolved[0] === String(address) ? 'the first' : 'one';
  const more = resolved.length < 2 ? '' : `, ${place} of ${resolved.length} addresses`;
  return ` (${text} is ${String(address)}${more})`;
}

/** A protocol without ports has addresses only. */
function show(question: Question, address: SocketAddress): string {
  return hasPorts(protocolOf(question)) ? String(address) : String(address.address);
}

function protocolOf({ protocol }: Question): number {
  return protocol ?? PROTOCOL_NUMBERS.tcp;
}

function packet(question: Question): readonly string[] {
  const { icmp, requestId, detected } = question;
  const incoming = incomingOf(question);
  const facts = [
    ...(icmp === undefined ? [] : [`ICMP type ${icmp.type}, code ${icmp.code}`]),
    ...(incoming === undefined ? [] : [showInterface(incoming)]),
    ...(requestId === undefined ? [] : [`IPsec request ${requestId}`]),
    ...(detected === undefined ? [] : [showDetected(detected)]),
  ];
  return facts.length === 0 ? [] : [`known of it: ${facts.join('; ')}`];
}

/** What the question says of the interface, otherwise what the listener says; only rules ask for it. */
function incomingOf({ listener, incoming }: Question): IncomingInterface | undefined {
  return incoming ?? listener.incoming;
}

function showInterface({ name, group, addresses }: IncomingInterface): string {
  const own = addresses.length === 0 ? '' : ` with ${addresses.join(', ')}`;
  return `interface ${name} of group ${group}${own}`;
}

function showDetected(detected: string): string {
  return detected === 'none'
    ? 'first bytes that no detector recognises'
    : `first bytes that name service ${detected}`;
}

/** The question as plain data. */
export function questionData(question: Question, { facts }: Answer): object {
  const { instance, listener, client, to, icmp, requestId, detected } = question;
  const incoming = incomingOf(question);
  return {
    instance,
    listener: listener.name,
    client: show(question, client),
    clientLocal: show(question, facts.local),
    to: to.text,
    address: show(question, usedAddress(question, facts.connect)),
    resolved: to.resolved ?? [],
    protocol: showProtocol(protocolOf(question)),
    icmp: icmp ?? null,
    interface:
      incoming === undefined
        ? null
        : { ...incoming, addresses: incoming.addresses.map((address) => String(address)) },
    requestId: requestId ?? null,
    detected: detected ?? null,
  };
}
