// How heads of responses are written for the client.

import type { ProxySession } from '../../proxy/proxy-session.ts';
import type { Exchange } from './exchange.ts';
import type { ResponseForm } from './head-forms.ts';
import type { HttpTools } from './tools.ts';
import { upgradeFields } from './upgrade/upgrade-answer.ts';

const SWITCHING = 101;

/** What the head of a response is written for. */
export interface ResponseSurroundings {
  readonly tools: HttpTools;
  readonly session: ProxySession;
  readonly exchange: Exchange;
}

/** The form of a head with this status, but for what frames the body; fields named in `strip` end here. */
export function responseForm(
  { tools, session, exchange }: ResponseSurroundings,
  status: number,
  strip: readonly string[],
): Omit<ResponseForm, 'framing' | 'keepsClient'> {
  const { upgrade } = exchange;
  return {
    writer: tools.writer,
    policy: tools.responses.policy,
    context: { session, request: () => exchange.policyRequest(), strip },
    upgrade: status === SWITCHING ? upgrade && upgradeFields(upgrade) : undefined,
    minor: exchange.request.minor,
  };
}
