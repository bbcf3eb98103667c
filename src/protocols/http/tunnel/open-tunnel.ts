// How a request becomes a tunnel: a CONNECT that the policy accepts, or a 101 to a switch that it allows.

import type { Bytes, ProxyAction, ProxyEvent, Target } from '../../../proxy/engine.ts';
import { callPolicy, invalidResult, isPromise, settledValue } from '../../../proxy/policy-call.ts';
import type { Reject } from '../../../proxy/policy-action.ts';
import { actionOf } from '../../../proxy/policy-action.ts';
import { methodRefused, statusOf } from '../rules/decision.ts';
import type { Dialogue } from '../dialogue.ts';
import type { Exchange } from '../exchange.ts';
import { viaFields } from '../heads/head-forms.ts';
import { authorizationOf, parentConnect } from '../parent-proxy.ts';
import { policyProblem, Refused } from '../problem.ts';
import type { ResponseTransfer } from '../response-transfer.ts';
import { SWITCHING_PROTOCOLS } from '../heads/status-line.ts';
import type { Opening } from './tunnel.ts';
import { ESTABLISHED, Tunnel } from './tunnel.ts';
import type { TunnelContents } from './connect-option.ts';
import { readContents } from './connect-option.ts';
import { tunnelTarget } from './tunnel-target.ts';

const POLICY = 'connect policy';

/** Opens the tunnel that a CONNECT asks for. */
export function openTunnel(
  dialogue: Dialogue,
  exchange: Exchange,
  target: Target | undefined,
  out: ProxyAction[],
): void {
  const { connect } = dialogue.plan;
  if (connect === undefined || target === undefined) throw methodRefused();
  const { session } = dialogue.context;
  const answer = callPolicy(POLICY, () => connect.choose(target, session));
  if (!isPromise(answer)) {
    connectTunnel(dialogue, { exchange, target, contents: contentsOf(answer) }, out);
    return;
  }
  dialogue.wait(answer, out, (outcome, actions) => {
    const contents = contentsOf(settledValue(POLICY, outcome));
    connectTunnel(dialogue, { exchange, target, contents }, actions);
  });
}

/**
 * The server has switched to another protocol, or a further proxy has opened a tunnel; `rest` are bytes of it that came
 * with its head.
 */
export function switchProtocols(
  dialogue: Dialogue,
  response: ResponseTransfer,
  rest: Bytes,
  out: ProxyAction[],
): void {
  const { exchange } = dialogue;
  if (exchange === undefined) return;
  const parts =
    exchange.contents === undefined
      ? {
          contents: exchange.upgrade?.contents,
          opening: { status: SWITCHING_PROTOCOLS, head: response.switchHead },
        }
      : { contents: exchange.contents, opening: ESTABLISHED };
  const tunnel = tunnelOf(dialogue, exchange, parts);
  dialogue.plan.timer.disarm(out);
  dialogue.tunnel = tunnel;
  tunnel.keep('server', rest);
  tunnel.establish(out);
}

/** Handles an event while there is a tunnel. */
export function inTunnel(
  dialogue: Dialogue,
  tunnel: Tunnel,
  event: ProxyEvent,
  out: ProxyAction[],
): void {
  if (event.type === 'connected') dialogue.server.carryTunnel();
  tunnel.handle(event, out);
}

/** A tunnel whose client has been promised nothing yet. */
interface Plan {
  readonly exchange: Exchange;
  readonly target: Target;
  readonly contents: TunnelContents;
}

function connectTunnel(
  dialogue: Dialogue,
  { exchange, target, contents }: Plan,
  out: ProxyAction[],
): void {
  dialogue.client.busy(out);
  dialogue.plan.timer.disarm(out);
  dialogue.server.disconnect(out);
  dialogue.context.session.set(tunnelTarget, target);
  const { parent } = exchange;
  if (parent !== undefined) {
    exchange.contents = contents;
    const authorization = authorizationOf(parent, exchange.credentials);
    // Without Via, proxies that are each other's parents would send it round for ever (RFC 9110, 7.6.3).
    exchange.outgoing = parentConnect(target, `${viaOf(dialogue, exchange)}${authorization}`);
    dialogue.server.connect(parent.target, exchange, out);
    return;
  }
  const tunnel = tunnelOf(dialogue, exchange, { contents, opening: ESTABLISHED });
  dialogue.tunnel = tunnel;
  tunnel.begin(target, out);
}

function viaOf({ plan, context }: Dialogue, exchange: Exchange): string {
  const { requests, writer } = plan;
  const { head, strip } = exchange;
  const { session } = context;
  return viaFields(head, {
    ...{ writer, policy: requests.policy, session, exchange, strip },
    upgrade: undefined,
  });
}

function tunnelOf(
  { client, plan }: Dialogue,
  exchange: Exchange,
  parts: { readonly contents: TunnelContents | undefined; readonly opening: Opening },
): Tunnel {
  return new Tunnel({
    ...parts,
    exchange,
    timeoutMs: plan.settings.timeoutTunnelMs,
    takeUnread: () => client.unread.take()?.bytes,
  });
}

/** What the policy has chosen for the contents; throws where that is nothing. */
function contentsOf(answer: unknown): TunnelContents {
  const contents = readContents(answer);
  if (contents !== undefined) return contents;
  if (answer !== undefined && !isReject(answer))
    throw invalidResult(POLICY, answer, 'a service, a program, { detect: [...] } or reject()');
  const message = answer?.text ?? 'The policy does not permit this tunnel';
  const problem = policyProblem('http.tunnel-refused', message);
  throw new Refused(
    answer === undefined ? problem : { ...problem, status: statusOf('connect', answer) },
  );
}

function isReject(answer: unknown): answer is Reject {
  return actionOf(answer) === 'reject';
}
