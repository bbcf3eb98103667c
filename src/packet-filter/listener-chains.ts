// The chains that bring connections to listeners: to the hidden one of the rules, and to transparent ones by their ports.

import type { AddressFamily } from '../address/ip-address.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { InterfaceBind } from '../policy/interface-bind.ts';
import type { Listener } from '../policy/make-listener.ts';
import { isAnyAddress } from '../policy/own-address.ts';
import { addressField, matchPorts } from './entry-match.ts';
import type { FilterParts } from './filter-parts.ts';
import { FAMILIES, ofFamily } from './filter-parts.ts';
import type { Json, JsonObject } from './nft-json.ts';
import {
  ACCEPT,
  count,
  ct,
  DROP,
  goTo,
  jump,
  match,
  matchOne,
  meta,
  RETURN,
  setBits,
} from './nft-json.ts';

/** The destination is an address of this machine, or is none. */
const TO_THIS_MACHINE = match(fibType(), 'local');
const TO_OTHERS = match(fibType(), 'local', '!=');

function fibType(): JsonObject {
  return { fib: { result: 'type', flags: ['daddr'] } };
}

/** Keeps a packet on this machine, by the policy routing. */
export function keepHere({ policy }: FilterParts): JsonObject {
  const { mark } = policy.packetFilter;
  return setBits(meta('mark'), { mask: mark, bits: mark });
}

/** The name of the chain that brings connections to a listener. */
export function bringingChain({ flows }: FilterParts, listener: Listener): string {
  return listener.isHidden ? 'bring_to_rules' : `bring_to_listener_${flows.numberOf(listener)}`;
}

/** Makes the chain that brings connections to a listener; what nobody takes there ends. */
export function addBringingChain(parts: FilterParts, listener: Listener): void {
  const { commands, flows } = parts;
  const chain = bringingChain(parts, listener);
  commands.addChain(chain);
  // What fits no connection begins none: the machine would answer it with a reset.
  commands.addRule(chain, [match(ct('state'), 'invalid', 'in'), DROP]);
  commands.addRule(chain, [flows.remember(listener)], `to listener ${listener.name}`);
  for (const family of FAMILIES) {
    const bind = bindOf(listener, family);
    if (bind === undefined) continue;
    const tproxy = { tproxy: { family: family === 'ipv4' ? 'ip' : 'ip6', ...socketOf(bind) } };
    const takes = matchOne(meta('l4proto'), protocolsOf(listener));
    commands.addRule(chain, [ofFamily(family), takes, tproxy, keepHere(parts), ACCEPT]);
  }
  commands.addRule(chain, [count('nobody_takes_it'), DROP]);
}

/** The hidden listener has both, at the same port. */
function protocolsOf({ isHidden, protocol }: Listener): readonly string[] {
  return isHidden ? ['tcp', 'udp'] : [protocol];
}

function bindOf({ binds }: Listener, family: AddressFamily): SocketAddress | undefined {
  return binds.find(({ address }) => address.family === family);
}

function socketOf({ address, port }: SocketAddress): JsonObject {
  return isAnyAddress(address) ? { port } : { addr: address.toString(), port };
}

/** What is meant for a listener itself is no concern of the rules; a transparent one refuses it. */
export function addOwnAddresses(
  { commands }: FilterParts,
  chain: string,
  listener: Listener,
): void {
  if (listener.isHidden) return; // on loopback addresses, where no packet comes from outside
  const protocol = match(meta('l4proto'), listener.protocol);
  for (const { family, address, port } of ownPlaces(listener)) {
    if (port === 0) continue; // the kernel chooses another each time
    const destination =
      address === undefined || isAnyAddress(address)
        ? [ofFamily(family), TO_THIS_MACHINE]
        : [match(addressField('daddr', family), address.toString())];
    const ports = matchPorts('dport', [{ low: port, high: port }]);
    commands.addRule(chain, [...destination, protocol, ports, ACCEPT], `listener ${listener.name}`);
  }
}

/** A port of this machine; without an address it is on whichever ones. */
type Place = Pick<InterfaceBind, 'family' | 'address' | 'port'>;

/** Which addresses a bind follows changes while the ruleset stays: it stands for every address of this machine. */
function ownPlaces({ binds, follows }: Listener): readonly Place[] {
  const named = binds.map(({ address, port }) => ({ family: address.family, address, port }));
  return [...named, ...follows];
}

/** Brings the ports of other machines to a transparent listener. */
export function addRedirection(parts: FilterParts, chain: string, listener: Listener): void {
  const { redirectPorts } = listener;
  if (redirectPorts === undefined) return;
  const ports = matchPorts('dport', redirectPorts.merged);
  const protocol = match(meta('l4proto'), listener.protocol);
  for (const family of FAMILIES) {
    if (bindOf(listener, family) === undefined) continue;
    const matches = [ofFamily(family), protocol, ports, TO_OTHERS];
    parts.commands.addRule(chain, [...matches, goTo(bringingChain(parts, listener))]);
  }
}

/** The chain that finds packets of transparent sockets. */
const RUNNING = 'running_connections';

/** Packets of connections that a transparent socket has already, or waits for at this very address, on their way to it. */
export function addRunningConnections(parts: FilterParts, chain: string): void {
  const { commands } = parts;
  commands.addChain(RUNNING);
  const protocols = matchOne(meta('l4proto'), ['tcp', 'udp']);
  commands.addRule(chain, [protocols, jump(RUNNING)]);
  const isTransparent = match({ socket: { key: 'transparent' } }, 1);
  const wildcard = { socket: { key: 'wildcard' } };
  const keep = [keepHere(parts), ACCEPT];
  commands.addRule(RUNNING, [isTransparent, match(wildcard, 0), ...keep]);
  // A listener on all addresses has no connection. What is left has none of its own yet or any more, and is asked for
  // `wildcard` in vain: a connection whose handshake is not over, or one in TIME_WAIT. A SYN for that begins another
  // connection, which tproxy can bring to the listener.
  commands.addRule(RUNNING, [match(wildcard, 1), RETURN]);
  const flags = { '&': [{ payload: { protocol: 'tcp', field: 'flags' } }, TCP_FLAGS] };
  commands.addRule(RUNNING, [match(flags, 'syn', '!='), isTransparent, ...keep]);
}

const TCP_FLAGS: Json = ['fin', 'syn', 'rst', 'ack'];

/** Packets of the client of a connection that was brought to a listener before. */
export const FROM_CLIENT: JsonObject = match(ct('direction'), 'original');
