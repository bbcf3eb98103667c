// A request on its way to the server: the choice of the server, the connection, the head, the body; or a tunnel.

import type { ProxyAction } from '../../proxy/engine.ts';
import { BodyTransfer } from './body-transfer.ts';
import type { Dialogue } from './dialogue.ts';
import type { Exchange } from './exchange.ts';
import { writeRequest } from './head-forms.ts';
import { mayShareServer } from './server-side.ts';
import { openTunnel } from './tunnel/open-tunnel.ts';
import { upgradeFields } from './upgrade/upgrade-answer.ts';

/** Forwards a request that has passed the gate. */
export function forwardRequest(dialogue: Dialogue, exchange: Exchange, out: ProxyAction[]): void {
  const { settings, requests, writer, timer } = dialogue.tools;
  const { session } = dialogue.context;
  const { request } = exchange;
  const server = dialogue.server.choose(exchange, session);
  if (request.method === 'CONNECT') {
    openTunnel(dialogue, exchange, server, out);
    return;
  }
  exchange.outgoing = writeRequest(exchange.head, request, {
    writer,
    policy: requests.policy,
    context: {
      session,
      request: () => exchange.policyRequest(),
      strip: exchange.strip,
      credentials: exchange.credentials,
    },
    upgrade: exchange.upgrade && upgradeFields(exchange.upgrade),
    added: exchange.added,
    parent: exchange.parent,
    rewritesHost: settings.rewriteHostHeader && !exchange.hasOwnHost,
    closesServer: !request.isPersistent && !mayShareServer(settings, request),
  });
  const next = exchange.parent?.target ?? server;
  if (dialogue.server.isReady(next)) {
    sendRequest(dialogue, out);
    return;
  }
  dialogue.client.busy(out);
  timer.disarm(out);
  dialogue.server.connect(next, exchange, out);
}

/** Sends the head of the request and lets its body follow: the server is connected. */
export function sendRequest(dialogue: Dialogue, out: ProxyAction[]): void {
  const { exchange, client, tools } = dialogue;
  if (exchange?.outgoing === undefined) return;
  out.push({ type: 'send', to: 'server', bytes: exchange.outgoing });
  dialogue.server.begin(exchange, {
    session: dialogue.context.session,
    // What follows a CONNECT was meant for the tunnel that another proxy has refused.
    mayKeepClient: () => exchange.request.method !== 'CONNECT' && dialogue.mayKeepClient(exchange),
  });
  if (exchange.hasNoBody) {
    client.busy(out);
    tools.timer.forResponse(out);
    return;
  }
  exchange.body = new BodyTransfer({
    from: 'client',
    to: 'server',
    coding: 'same',
    framing: exchange.request.framing,
    limits: tools.settings,
  });
  tools.timer.forBody(out);
  client.become('body', out);
}
