// One attack as a process of its own. Arguments: the number of the attack, the port, milliseconds. It prints its tally.

import { setMaxListeners } from 'node:events';
import type { Tally } from './attacks.ts';
import { ATTACKS } from './attacks.ts';

const [index = 0, port = 0, durationMs = 0] = process.argv.slice(2).map(Number);
const attack = ATTACKS[index];
if (attack === undefined) throw new Error(`No attack ${index}`);
const tally: Tally = { opened: 0, ended: new Map(), sent: 0 };
const over = new AbortController();
const until = over.signal;
setTimeout(() => over.abort(), durationMs);
setMaxListeners(0, until);
await attack.run({ port, tally, until });
process.stdout.write(JSON.stringify({ ...tally, ended: [...tally.ended] }), () => process.exit(0));
