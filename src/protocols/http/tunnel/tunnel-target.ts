// What a client asked a tunnel for: a proxy that is stacked in the tunnel holds what it reads there against it.

import type { Target } from '../../../proxy/engine.ts';
import { attribute } from '../../../proxy/proxy-session.ts';

/** The host in canonical form and the port of the CONNECT request, for what is stacked in its tunnel. */
export const tunnelTarget = attribute<Target>('tunnel-target');
