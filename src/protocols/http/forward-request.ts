// A request on its way to the server: the choice of the server, the connection, the head, the body; or a tunnel.

import { Buffer } from 'node:buffer';
import type { Bytes, ProxyAction, Target } from '../../proxy/engine.ts';
import { isPromise, settledValue } from '../../proxy/policy-call.ts';
import { BodyTransfer } from './bodies/body-transfer.ts';
import { bytesOf, latin1 } from './heads/byte-text.ts';
import { Trailers } from './bodies/trailer-fields.ts';
import type { Dialogue } from './dialogue.ts';
import type { Exchange } from './exchange.ts';
import { FieldAnswers } from './rules/field-answers.ts';
import type { RequestForm } from './heads/head-forms.ts';
import { ownCredentials, writeRequest } from './heads/head-forms.ts';
import { BodySpool } from './rerequest/body-spool.ts';
import { OF_REQUEST } from './incoming-request.ts';
import type { RerequestSettings } from './rerequest/rerequest-settings.ts';
import { checkServerCertificate } from './server-name-check.ts';
import { mayShareServer } from './server-side.ts';
import type { ChosenStack } from './stacking/stack-plan.ts';
import { StackedRequest } from './stacking/stacked-request.ts';
import type { HttpPlan } from './http-plan.ts';
import { openTunnel } from './tunnel/open-tunnel.ts';
import { upgradeFields } from './upgrade/upgrade-answer.ts';

/** A request that is to be sent on, once all is known that its head depends on. */
interface Departure {
  readonly form: RequestForm;
  readonly server: Target | undefined;
  /** Who looks at its body. */
  readonly stack: ChosenStack | undefined;
}

/** Forwards a request that has passed the gate. */
export function forwardRequest(dialogue: Dialogue, exchange: Exchange, out: ProxyAction[]): void {
  const { stacks } = dialogue.plan;
  const { session } = dialogue.context;
  const server = dialogue.server.choose(exchange, session);
  if (exchange.request.method === 'CONNECT') {
    openTunnel(dialogue, exchange, server, out);
    return;
  }
  const form = formOf(dialogue, exchange);
  const stack = stacks?.forRequest(exchange, session);
  if (isPromise(stack)) departLater(dialogue, exchange, { form, server, stack }, out);
  else depart(dialogue, exchange, { form, server, stack }, out);
}

/** Waits for the choice of who looks at the body. */
function departLater(
  dialogue: Dialogue,
  exchange: Exchange,
  { form, server, stack }: Omit<Departure, 'stack'> & { readonly stack: PromiseLike<unknown> },
  out: ProxyAction[],
): void {
  dialogue.wait(stack, out, (outcome, actions) => {
    const answer = settledValue('request stack', outcome);
    const chosen = dialogue.plan.stacks?.requestChosen(answer, exchange);
    depart(dialogue, exchange, { form, server, stack: chosen }, actions);
  });
}

function formOf({ plan, context }: Dialogue, exchange: Exchange): RequestForm {
  const { settings, requests, writer } = plan;
  const { request } = exchange;
  return {
    writer,
    policy: requests.policy,
    session: context.session,
    exchange,
    strip: exchange.strip,
    credentials: exchange.credentials,
    answers: requests.policy.hasFunctions ? new FieldAnswers() : undefined,
    upgrade: exchange.upgrade && upgradeFields(exchange.upgrade),
    edit: undefined,
    isOpenEnded: false,
    maxForwards: exchange.maxForwards,
    parent: exchange.parent,
    rewritesHost: settings.rewriteHostHeader && !exchange.hasOwnHost,
    closesServer: !request.isPersistent && !mayShareServer(settings, exchange),
  };
}

/** Writes the head, and sends it on, or connects the server first. */
function depart(
  dialogue: Dialogue,
  exchange: Exchange,
  departure: Departure,
  out: ProxyAction[],
): void {
  const { form, server, stack } = departure;
  const { settings, stacks, timer } = dialogue.plan;
  const { request, head } = exchange;
  const edit = stacks?.requestEdits(request.method, stack, form.policy);
  const isOpenEnded = stack !== undefined;
  const isPlain = edit === undefined && !isOpenEnded;
  const bytes = writeRequest(head, request, isPlain ? form : { ...form, edit, isOpenEnded });
  const { answers } = form;
  if (answers?.pending !== undefined) {
    waitForAnswers(dialogue, exchange, { departure, answers, pending: answers.pending }, out);
    return;
  }
  exchange.outgoing = bytes;
  exchange.isSentAsUser = isSentAsUser(bytes, dialogue.plan, exchange);
  if (stack !== undefined) exchange.stackedRequest = throughChild(dialogue, exchange, stack, bytes);
  exchange.spool = spoolFor(exchange, settings);
  const next = exchange.parent?.target ?? server;
  if (dialogue.server.isReady(next, exchange)) {
    sendRequest(dialogue, out);
    return;
  }
  dialogue.client.busy(out);
  timer.disarm(out);
  dialogue.server.connect(next, exchange, out);
}

/** The policy, too, may write credentials that the server takes for those of the connection. It matters only where that is shared. */
function isSentAsUser(
  head: Bytes,
  { settings, mayWriteAuthorization }: HttpPlan,
  { isChanged }: Exchange,
): boolean {
  const isInDoubt = settings.shareServerConnections && (mayWriteAuthorization || isChanged);
  return isInDoubt && OF_CONNECTION.test(latin1(head, 0, head.length));
}

const OF_CONNECTION = new RegExp(`\\r\\nauthorization:(?![ \\t]*${OF_REQUEST})`, 'i');

interface PendingDeparture {
  readonly departure: Departure;
  readonly answers: FieldAnswers;
  readonly pending: PromiseLike<unknown>;
}

/** Writes the head again when functions of the policy have answered. */
function waitForAnswers(
  dialogue: Dialogue,
  exchange: Exchange,
  { departure, answers, pending }: PendingDeparture,
  out: ProxyAction[],
): void {
  dialogue.wait(pending, out, (outcome, actions) => {
    answers.settle(outcome);
    depart(dialogue, exchange, departure, actions);
  });
}

/** Sends the head of the request and lets its body follow: the server is connected. */
export function sendRequest(dialogue: Dialogue, out: ProxyAction[]): void {
  const { exchange, client, plan } = dialogue;
  const outgoing = exchange?.outgoing;
  if (exchange === undefined || outgoing === undefined) return;
  if (exchange.stackedRequest !== undefined) {
    exchange.stackedRequest.connected(out);
    return;
  }
  const isRepeated = exchange.attempts > 0;
  sendHead(dialogue, exchange, outgoing, out);
  if (exchange.hasNoBody || (isRepeated && exchange.isRequestComplete)) {
    client.busy(out);
    plan.timer.forResponse(out);
    return;
  }
  if (!isRepeated) {
    beginBody(dialogue, exchange);
    // Where the policy has taken Expect out nobody else will say it (RFC 9110, 10.1.1).
    if (exchange.awaitsWord) tellUnlessAsked(exchange, outgoing, out);
  }
  plan.timer.forBody(out);
  client.become('body', out);
}

/** Tells the client to go on with its body, unless the server is asked to say so. */
function tellUnlessAsked(exchange: Exchange, head: Bytes, out: ProxyAction[]): void {
  if (!/\r\nexpect:/i.test(latin1(head, 0, head.length))) exchange.tellToGoOn(out);
}

function beginBody(dialogue: Dialogue, exchange: Exchange): void {
  const { settings } = dialogue.plan;
  exchange.body = new BodyTransfer({
    from: 'client',
    to: 'server',
    coding: 'same',
    framing: exchange.request.framing,
    limits: settings,
    trailers: requestTrailers(dialogue, exchange),
    sink: exchange.spool,
  });
}

/** What keeps the body of a request that may be sent again. What a child makes of a body may have another length. */
function spoolFor(exchange: Exchange, settings: RerequestSettings): BodySpool | undefined {
  const { rerequestAttempts, maxSpooledBytes } = settings;
  if (rerequestAttempts < 2 || exchange.hasNoBody || !exchange.isRepeatable) return undefined;
  const { framing } = exchange.request;
  const isAsReceived = exchange.stackedRequest === undefined;
  if (isAsReceived && framing.kind === 'length' && framing.length > maxSpooledBytes)
    return undefined;
  return new BodySpool(maxSpooledBytes);
}

function sendHead(dialogue: Dialogue, exchange: Exchange, bytes: Bytes, out: ProxyAction[]): void {
  checkServerCertificate(dialogue, exchange, out);
  out.push({ type: 'send', to: 'server', bytes });
  dialogue.server.begin(exchange, dialogue);
  exchange.spool?.sendAgain(out);
}

/** The way through the child that looks at the body; `bytes` are the head for the server as far as it is known before. */
function throughChild(
  dialogue: Dialogue,
  exchange: Exchange,
  stack: ChosenStack,
  bytes: Bytes,
): StackedRequest {
  const own = bytesOf(ownCredentials(exchange, exchange.request.method));
  return new StackedRequest({
    dialogue,
    exchange,
    stack,
    head: bytes,
    sendHead: (end, out) => {
      exchange.outgoing = Buffer.concat([bytes, own, end]);
      sendHead(dialogue, exchange, exchange.outgoing, out);
    },
  });
}

function requestTrailers({ plan, context }: Dialogue, exchange: Exchange): Trailers | undefined {
  const { settings, requests, writer } = plan;
  if (settings.trailers !== 'keep' || exchange.request.framing.kind !== 'chunked') return undefined;
  const { strip } = exchange;
  // A function of the policy may ask for the request when its head is gone.
  if (requests.policy.hasFunctions) exchange.policyRequest();
  const { session } = context;
  const form = { policy: requests.policy, writer, session, exchange, strip };
  return new Trailers(form, requests.strict);
}
