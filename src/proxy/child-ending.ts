// How a child between both sides ends the session of its parent, when everything passes through it.

import { isContentRefused } from './content-verdict.ts';
import type { ConnectFailure, Port, ProxyAction, ProxyEvent, StackChoice } from './engine.ts';

/** How the session of the parent ends. */
export interface ChildEnding extends ConnectFailure {
  readonly how?: 'reset';
}

/**
 * The ending that an event of the child is, if it is one; `protocol` is the parent's, for reason codes and messages.
 * Contents that are refused, and a child that breaks off, cut both sides: no end of theirs may look like a proper one.
 */
export function childEndingOf(event: ProxyEvent, protocol: string): ChildEnding | undefined {
  switch (event.type) {
    case 'stack-refused':
      return event.failure;
    case 'stack-verdict': {
      const { verdict, reason, how } = event;
      const ending = { verdict, reason, message: `What was stacked in the ${protocol} ended` };
      return how === undefined ? ending : { ...ending, how };
    }
    case 'stack-content-verdict': {
      if (!isContentRefused(event.verdict)) return undefined;
      const message = `What is stacked in the ${protocol} refused the contents: ${event.verdict.description}`;
      const reason = `${protocol}.content-refused`;
      return { verdict: 'denied-by-policy', reason, message, how: 'reset' };
    }
    case 'ended':
      return event.error !== undefined && isChild(event.from) ? brokenOff(protocol) : undefined;
    default:
      return undefined;
  }
}

function isChild(port: Port): boolean {
  return port === 'stack-client' || port === 'stack-server';
}

/**
 * What is done when a service drops its server, with something unread or unsent: so is the real one, to which no cut may look like an end.
 * What the service has still to say to the client is not touched by it, and it says itself when it is over.
 */
export const DROP_SERVER: ProxyAction = { type: 'disconnect', port: 'server', how: 'reset' };

/** Whether a child that is a service has dropped its server. A program that does so may have been killed in the middle of its words. */
export function isServerDropped(
  event: ProxyEvent,
  child: Pick<StackChoice, 'kind'> | undefined,
): boolean {
  if (event.type !== 'ended' || child?.kind !== 'service') return false;
  return event.from === 'stack-server' && event.error !== undefined;
}

function brokenOff(protocol: string): ChildEnding {
  const message = `What is stacked in the ${protocol} broke its connection off`;
  const reason = `${protocol}.stack-reset`;
  return { verdict: 'denied-by-unknown-fail', reason, message, how: 'reset' };
}
