// Whether a request is for the server that TLS was agreed on for: who asks by TLS for one server, and inside for
// another, gets around what was decided about the first (domain fronting).

import type { ProxyAction } from '../../proxy/engine.ts';
import { coversHost } from '../../proxy/tls-facts.ts';
import { tlsServerName } from '../../proxy/tls-server-name.ts';
import { Violation } from '../../proxy/violation.ts';
import type { Dialogue } from './dialogue.ts';
import type { Exchange } from './exchange.ts';

/**
 * A host that was asked for inside of TLS must be the one that TLS was asked for.
 * @throws Violation where the policy refuses.
 */
export function checkServerName(dialogue: Dialogue, exchange: Exchange, out: ProxyAction[]): void {
  const { request } = exchange;
  if (!isAsked(dialogue) || request.server === undefined) return;
  const name = dialogue.context.session.get(tlsServerName);
  if (name !== undefined && name !== request.url.host) doubt(dialogue, 'server-name-mismatch', out);
}

/**
 * The certificate of the server that gets the request must be for the host, too, where it was found to be for any: a
 * client that names no server by TLS is only promised its address. What the policy itself directs elsewhere is its own
 * business.
 * @throws Violation where the policy refuses.
 */
export function checkServerCertificate(
  dialogue: Dialogue,
  exchange: Exchange,
  out: ProxyAction[],
): void {
  if (!isAsked(dialogue) || exchange.parent !== undefined || exchange.hasOwnHost) return;
  const { tls } = dialogue.context.session;
  const peer = tls?.client === undefined ? undefined : tls.server?.peer;
  if (peer?.isNameChecked !== true || coversHost(peer.names, exchange.request.url.host)) return;
  doubt(dialogue, 'server-certificate-mismatch', out);
}

/** A proxy that is reached by TLS is asked for other servers than itself. */
function isAsked({ plan }: Dialogue): boolean {
  const { checkServerName: check, mode } = plan.settings;
  return check !== 'off' && mode === 'transparent';
}

const MESSAGES = {
  'server-name-mismatch': 'The request is for another server than TLS was asked for',
  'server-certificate-mismatch': 'The certificate of the server is not for the host of the request',
} as const;

function doubt({ plan, context }: Dialogue, what: keyof typeof MESSAGES, out: ProxyAction[]): void {
  const code = `http.${what}`;
  const message = MESSAGES[what];
  if (plan.settings.checkServerName === 'refuse') throw new Violation(code, 'client', message);
  if (context.session.warn(code)) out.push({ type: 'log', level: 'policy', code, message });
}
