// What a listener does, in one line of English.

import { showBinds } from './bind.ts';
import type { ZonePairChoice } from './listener-options.ts';
import type { Listener } from './make-listener.ts';
import { explainProxyProtocol } from './proxy-protocol.ts';
import type { Zone } from './zone.ts';

/** One line in English: where this listener listens and what it starts. */
export function explainListener(listener: Listener): string {
  const { incoming } = listener;
  const by = incoming === undefined ? '' : `, by interface ${incoming.name}`;
  const does = listener.protocol === 'udp' ? 'receives datagrams at' : 'listens on';
  const where = `${does} ${showBinds(listener).join(', ')}${by}${explainDiversion(listener)}`;
  const { proxyProtocol } = listener;
  const headers = proxyProtocol === undefined ? '' : `; ${explainProxyProtocol(proxyProtocol)}`;
  return `${where}${headers}; ${explainStarted(listener)}`;
}

function explainDiversion({ transparent, isHidden, redirectPorts, divertedBy }: Listener): string {
  if (!transparent) return '';
  if (isHidden) return ', hidden, for all that the packet filter brings';
  const ports = redirectPorts === undefined ? '' : ` for port ${String(redirectPorts)}`;
  return `, transparent${divertedBy === 'redirect' ? ' by redirect' : ''}${ports}`;
}

function explainStarted(listener: Listener): string {
  if (listener.type === 'rule') return 'asks the rules';
  const below = listener.followParent ? ' (and zones below)' : '';
  const lines = listener.choices.map((line) => explainLine(listener, line)).join(', ');
  return `starts ${lines}${below}`;
}

function explainLine(listener: Listener, line: ZonePairChoice): string {
  if (listener.type === 'plain') return line.service.name;
  return `${line.service.name} for ${explainChoice(line)}`;
}

/** The zones of a line: `intranet to internet`. */
export function explainChoice(line: ZonePairChoice): string {
  return `${zoneName(line.from)} to ${zoneName(line.to)}`;
}

function zoneName(zone: Zone | '*'): string {
  return zone === '*' ? '*' : zone.name;
}
