// How heads of responses are written for the client.

import type { ProxySession } from '../../proxy/proxy-session.ts';
import type { Exchange } from './exchange.ts';
import { Trailers } from './bodies/trailer-fields.ts';
import type { FieldAnswers } from './field-answers.ts';
import type { Framing } from './framing.ts';
import type { ResponseForm } from './head-forms.ts';
import type { HttpTools } from './tools.ts';
import { upgradeFields } from './upgrade/upgrade-answer.ts';

const SWITCHING = 101;
/** Any status that has a body. */
const TRAILED = 200;

/** What the head of a response is written for. */
export interface ResponseSurroundings {
  readonly tools: HttpTools;
  readonly session: ProxySession;
  readonly exchange: Exchange;
}

/**
 * The form of a head with this status, but for what frames the body; fields named in `strip` end here. With `answers`
 * functions of the policy may be waited for.
 */
export function responseForm(
  { tools, session, exchange }: ResponseSurroundings,
  status: number,
  strip: readonly string[],
  answers?: FieldAnswers,
): Omit<ResponseForm, 'framing' | 'keepsClient'> {
  const { upgrade } = exchange;
  return {
    writer: tools.writer,
    policy: tools.responses.policy,
    context: { session, request: () => exchange.policyRequest(), strip, answers },
    upgrade: status === SWITCHING ? upgrade && upgradeFields(upgrade) : undefined,
    minor: exchange.request.minor,
  };
}

/** The trailers of a response that pass, where the policy keeps any. */
export function responseTrailers(
  surroundings: ResponseSurroundings,
  { kind }: Framing,
  strip: readonly string[],
): Trailers | undefined {
  const { settings, responses } = surroundings.tools;
  if (kind !== 'chunked' || settings.trailers !== 'keep') return undefined;
  return new Trailers(responseForm(surroundings, TRAILED, strip), responses.strict);
}
