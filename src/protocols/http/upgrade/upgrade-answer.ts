// The server's yes to another protocol: it must be exactly the one that the client asked for and the policy allowed.

import { Violation } from '../../../proxy/violation.ts';
import { checkAnswer } from '../../websocket/handshake.ts';
import type { Head } from '../heads/head.ts';
import { HeadFields } from '../heads/head-fields.ts';
import type { StatusLine } from '../heads/status-line.ts';
import type { Upgrade } from './upgrade.ts';

/** Throws for a 101 that does not fit. */
export function checkSwitch(head: Head<StatusLine>, upgrade: Upgrade | undefined): void {
  if (upgrade === undefined)
    throw bad('upgrade-refused', 'The server switched to a protocol that nobody asked for');
  const fields = new HeadFields(head);
  const [protocol, ...others] = fields.members('upgrade');
  const options = fields.members('connection').map((option) => option.toLowerCase());
  const isAsked = protocol?.toLowerCase() === upgrade.protocol.toLowerCase();
  if (!isAsked || others.length > 0 || head.line.minor === 0 || !options.includes('upgrade'))
    throw bad('bad-switch', 'The server switched to another protocol than was asked for');
  if (upgrade.handshake !== undefined) checkAnswer(upgrade.handshake, fields);
}

/** The fields that carry the wish to the server, and its yes to the client. */
export function upgradeFields({ protocol }: Upgrade): string {
  return `Upgrade: ${protocol}\r\nConnection: Upgrade\r\n`;
}

function bad(rule: string, message: string): Violation {
  return new Violation(`http.${rule}`, 'server', message);
}
