// What comes from the server: the response to the request in work, and the ways in which it fails to come.

import type { Bytes, ProxyAction, ProxyEvent } from '../../proxy/engine.ts';
import { TRUNCATED } from '../../proxy/truncation.ts';
import { copyOf, CRLF } from './heads/byte-text.ts';
import type { Dialogue } from './dialogue.ts';
import { FINISHED, SERVER_GONE, SERVER_TRUNCATED } from './ending.ts';
import type { Exchange } from './exchange.ts';
import { Meanwhile } from './meanwhile.ts';
import type { OwnAnswer } from './own-answer.ts';
import { INCOMPLETE_RESPONSE, Refused, SERVER_CLOSED } from './problem.ts';
import type { ResponseTransfer } from './response-transfer.ts';
import { switchProtocols } from './tunnel/open-tunnel.ts';

type Received = Extract<ProxyEvent, { type: 'received' }>;

/** Takes bytes of the server. */
export function receiveResponse(
  dialogue: Dialogue,
  { bytes: received, behind }: Received,
  out: ProxyAction[],
): void {
  const { server } = dialogue;
  server.behind = behind;
  if (server.meanwhile !== undefined) {
    server.meanwhile.received(received, out);
    return;
  }
  dialogue.exchange?.spool?.giveUp();
  takeResponse(dialogue, dialogue.exchange?.opening?.take(received) ?? received, out);
}

function takeResponse(dialogue: Dialogue, bytes: Bytes, out: ProxyAction[]): void {
  let at = 0;
  const { response } = dialogue.server;
  if (response !== undefined) at = response.take(bytes, 0, out);
  if (response?.phase === 'switched') {
    switchProtocols(dialogue, response, copyOf(bytes, at), out);
    return;
  }
  if (response?.phase === 'deciding') {
    waitForPolicy(dialogue, response, copyOf(bytes, at));
    return;
  }
  if (response?.answer !== undefined) {
    answerInstead(dialogue, response.answer, out);
    return;
  }
  if (at === bytes.length) checkResponseDone(dialogue, 'nothing', out);
  else loseServer(dialogue, out);
  goOn(dialogue, out);
  if (at < bytes.length) endWithServer(dialogue, out);
}

/** Whatever follows a response would be taken for the answer to the next request (queue poisoning). */
function loseServer(dialogue: Dialogue, out: ProxyAction[]): void {
  const isTold = isKept(dialogue);
  // Where its connection would be kept it is done as it is when they come in a piece of their own.
  checkResponseDone(dialogue, isTold ? 'nothing' : 'bytes', out);
  if (isTold) out.push(BYTES_AFTER_RESPONSE);
  dialogue.server.lose(out);
}

const BYTES_AFTER_RESPONSE: ProxyAction = {
  type: 'log',
  level: 'violation',
  code: 'http.bytes-after-response',
  message: 'The server sent bytes behind its response: its connection was closed',
  fields: { side: 'server' },
};

/** Whether the connection of a server whose response has come, if one was awaited, would be used again. */
function isKept({ exchange, server }: Dialogue): boolean {
  const { response } = server;
  if (response === undefined) return server.phase === 'idle';
  return response.phase === 'done' && response.keepsServer && exchange?.isRequestComplete === true;
}

function waitForPolicy(dialogue: Dialogue, response: ResponseTransfer, rest: Bytes): void {
  const meanwhile = new Meanwhile(rest);
  dialogue.server.meanwhile = meanwhile;
  whenDecided(dialogue, response, (out) => {
    takeResponse(dialogue, meanwhile.over(out), out);
    const { end } = meanwhile;
    if (end !== undefined && dialogue.server.response === response)
      serverEnded(dialogue, end.error, out);
  });
}

/** Goes on when the policy has said all about a response, and has not answered in its place. */
function whenDecided(
  dialogue: Dialogue,
  response: ResponseTransfer,
  goesOn: (out: ProxyAction[]) => void,
): void {
  dialogue.server.behind ??= 'unknown';
  dialogue.resumeWith((outcome, out) => {
    response.decided(outcome, out);
    if (response.phase === 'deciding') {
      whenDecided(dialogue, response, goesOn);
      return;
    }
    dialogue.server.meanwhile = undefined;
    if (response.answer !== undefined) answerInstead(dialogue, response.answer, out);
    else goesOn(out);
  });
}

/** What the server still has to say about it goes with its connection. */
function answerInstead(dialogue: Dialogue, answer: OwnAnswer, out: ProxyAction[]): void {
  dialogue.server.disconnect(out);
  if (dialogue.exchange !== undefined) dialogue.answer(answer, dialogue.exchange, out);
}

/** Notes bytes of a response that a relay has moved. */
export function responseRelayed(dialogue: Dialogue, bytes: number, out: ProxyAction[]): void {
  dialogue.server.behind = undefined;
  dialogue.server.response?.relayed(bytes);
  checkResponseDone(dialogue, 'nothing', out);
  goOn(dialogue, out);
}

/** Takes an event, if it is about the child that looks at a body; whether it was. */
export function takeChildEvent(dialogue: Dialogue, event: ProxyEvent, out: ProxyAction[]): boolean {
  const { exchange, client } = dialogue;
  if (exchange?.stacked?.handle(event, out) !== true) return false;
  // The child has let its source go, which may be the client whom nobody reads now.
  if (client.state === 'busy') client.hold(out);
  checkResponseDone(dialogue, 'nothing', out);
  goOn(dialogue, out);
  return true;
}

/** The server sends no more; `error` names why if that was no proper end. */
export function serverEnded(
  dialogue: Dialogue,
  error: string | undefined,
  out: ProxyAction[],
): void {
  const { exchange, server } = dialogue;
  const { meanwhile, response } = server;
  if (meanwhile !== undefined) {
    meanwhile.end = { error };
    response?.forgoServer();
    return;
  }
  if (endsHead(dialogue, error, out)) return;
  if (response === undefined || exchange === undefined) {
    server.disconnect(out);
    endWithServer(dialogue, out);
  } else if (response.isReceived) {
    server.lose(out); // a child still looks at what it has sent
  } else if (response.ended(error, out)) {
    checkResponseDone(dialogue, 'nothing', out);
    goOn(dialogue, out);
  } else {
    brokenOff(dialogue, { exchange, response, error }, out);
  }
}

/** Inside another proxy there is no further connection: the client's ends, too. */
function endWithServer(dialogue: Dialogue, out: ProxyAction[]): void {
  if (dialogue.server.isGone && dialogue.isBetweenRequests) dialogue.finish(out);
}

interface BrokenOff {
  readonly exchange: Exchange;
  readonly response: ResponseTransfer;
  readonly error: string | undefined;
}

/** The server has gone before its response was complete. */
function brokenOff(
  dialogue: Dialogue,
  { exchange, response, error }: BrokenOff,
  out: ProxyAction[],
): void {
  const { server } = dialogue;
  if (response.hasBegun) {
    dialogue.cut(error === TRUNCATED ? SERVER_TRUNCATED : SERVER_GONE, out);
  } else if (server.mayRetry(exchange)) {
    sendAgain(dialogue, exchange, out);
  } else {
    throw new Refused(response.isInsideHead ? INCOMPLETE_RESPONSE : SERVER_CLOSED);
  }
}

/** The request goes over another connection. What its client sends meanwhile waits, or goes through the child. */
function sendAgain(dialogue: Dialogue, exchange: Exchange, out: ProxyAction[]): void {
  const { server, client, plan } = dialogue;
  out.push({
    type: 'log',
    level: 'info',
    code: 'http.request-repeated',
    message: 'The server went without an answer: the request is sent again',
    fields: { attempt: exchange.attempts + 1 },
  });
  exchange.spool?.disconnected();
  plan.timer.disarm(out);
  if (exchange.stackedRequest === undefined) client.busy(out);
  server.retry(exchange, out);
}

/** Ends a head that the server has ended within, where the policy takes that; true if nothing is left to be done. */
function endsHead(dialogue: Dialogue, error: string | undefined, out: ProxyAction[]): boolean {
  const { response } = dialogue.server;
  const { permitNullResponse } = dialogue.plan.settings;
  if (!permitNullResponse || error !== undefined || response?.isInsideHead !== true) return false;
  takeResponse(dialogue, CRLF, out);
  if (response.phase !== 'deciding') return dialogue.server.response !== response;
  whenDecided(dialogue, response, (actions) => {
    serverEnded(dialogue, undefined, actions);
  });
  return true;
}

/** Ends the exchange, if its response is done. `behind`: what has come behind the response. */
function checkResponseDone(
  dialogue: Dialogue,
  behind: 'nothing' | 'bytes',
  out: ProxyAction[],
): void {
  const { exchange, server } = dialogue;
  const { response } = server;
  if (exchange === undefined || response?.phase !== 'done') return;
  exchange.log(response.status, response.bodyBytes, out);
  exchange.stacked?.abandon(out);
  dialogue.exchange = undefined;
  const isInStep = behind === 'nothing' && exchange.isRequestComplete;
  const isOfUse = isInStep && isOfFurtherUse(dialogue, exchange, response);
  server.finish(isOfUse ? 'keep' : 'drop', out);
  if (response.keepsClient) return;
  if (exchange.isRequestComplete) dialogue.finish(out);
  else dialogue.linger(FINISHED, out);
}

/**
 * Whether the server may get the next request. Where more has come from it, or may have come before a request that is here
 * already, its end, or bytes behind its response, would be found behind that request; but in a tunnel there is no other
 * connection. And a server that has not said 100 may take a body that came all the same for the next request (RFC 9110, 10.1.1).
 */
function isOfFurtherUse(
  { client, server, context }: Dialogue,
  { awaitsWord }: Exchange,
  { keepsServer }: ResponseTransfer,
): boolean {
  const { behind } = server;
  const isLate = behind === 'more' || (behind === 'unknown' && client.unread.count > 0);
  const isInDoubt = isLate && !context.session.isStacked;
  return keepsServer && !awaitsWord && !isInDoubt;
}

/** After a response, and once what follows it has been looked at. */
function goOn(dialogue: Dialogue, out: ProxyAction[]): void {
  if (dialogue.exchange === undefined && dialogue.client.state === 'busy')
    dialogue.nextRequest(out);
}
