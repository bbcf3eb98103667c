// How heads of responses are written for the client.

import type { ProxySession } from '../../../proxy/proxy-session.ts';
import type { Exchange } from '../exchange.ts';
import { Trailers } from '../bodies/trailer-fields.ts';
import type { FieldAnswers } from '../rules/field-answers.ts';
import type { Framing } from '../bodies/framing.ts';
import type { Head } from './head.ts';
import type { ResponseForm } from './head-forms.ts';
import { DATE } from './header-table.ts';
import { dateField } from './http-date.ts';
import type { StatusLine } from './status-line.ts';
import { SWITCHING_PROTOCOLS } from './status-line.ts';
import type { HttpPlan } from '../http-plan.ts';
import { upgradeFields } from '../upgrade/upgrade-answer.ts';

/** Up to here it costs less to copy a body beside its head than to send it by itself. */
const MAX_BESIDE_HEAD = 4_096;
/** Any status that has a body. */
const TRAILED = 200;

/** What the head of a response is written for. */
export interface ResponseSurroundings {
  readonly plan: HttpPlan;
  readonly session: ProxySession;
  readonly exchange: Exchange;
}

/** What of a head depends on its body. */
export type HowBodyLeaves = Pick<ResponseForm, 'framing' | 'keepsClient' | 'edit' | 'isOpenEnded'> &
  Partial<Pick<ResponseForm, 'bytesBeside'>>;

/** What of a head depends on its fields. */
export interface LeavingFields {
  /** Lower-case names of fields that end here. */
  readonly strip: readonly string[];
  /** Where functions of the policy may be waited for. */
  readonly answers?: FieldAnswers | undefined;
  /** A field for the time when it came, as a whole line. Default: none. */
  readonly date?: string;
}

/** The form of a head with this status. */
export function responseForm(
  { plan, session, exchange }: ResponseSurroundings,
  status: number,
  { strip, answers, date = '' }: LeavingFields,
  { framing, keepsClient, edit, isOpenEnded, bytesBeside = 0 }: HowBodyLeaves,
): ResponseForm {
  const { upgrade } = exchange;
  return {
    writer: plan.writer,
    policy: plan.responses.policy,
    session,
    exchange,
    strip,
    credentials: undefined,
    answers,
    date,
    upgrade: status === SWITCHING_PROTOCOLS ? upgrade && upgradeFields(upgrade) : undefined,
    edit,
    isOpenEnded,
    framing,
    keepsClient,
    bytesBeside,
    minor: exchange.request.minor,
  };
}

/**
 * How many bytes of a body leave with its head: all of them, where they stand behind it, are few, and nothing is to be done
 * with them; otherwise none.
 */
export function bytesBesideHead(
  { bytes, end }: Head<StatusLine>,
  framing: Framing,
  { settings: { maxBodyLength } }: Pick<HttpPlan, 'settings'>,
): number {
  if (framing.kind !== 'length' || framing.length > MAX_BESIDE_HEAD) return 0;
  const isAllowed = maxBodyLength === 0 || framing.length <= maxBodyLength;
  return isAllowed && end + framing.length <= bytes.length ? framing.length : 0;
}

/**
 * When a response came, as a whole line, where the server does not say when it was made (RFC 9110, 6.6.1); empty where
 * it does, and where the policy says anything of that. `head` is what passes of the one whose fields are known, in the
 * same event.
 */
export function missingDate(
  { plan, exchange }: ResponseSurroundings,
  head: Head<StatusLine>,
): string {
  const { known, policy } = plan.responses;
  if (known.has(DATE) || head.line.status === SWITCHING_PROTOCOLS) return '';
  const isPolicys = !policy.permits(DATE) || policy.givenNames.has('date');
  return isPolicys || hasField(head, 'date') ? '' : dateField(exchange.clock);
}

/** Functions of the policy may have added one. */
function hasField(head: Head<StatusLine>, name: string): boolean {
  for (let index = 0; index < head.count; index++) if (head.hasName(index, name)) return true;
  return false;
}

/** The trailers of a response that pass, where the policy keeps any. */
export function responseTrailers(
  surroundings: ResponseSurroundings,
  framing: Framing,
  strip: readonly string[],
): Trailers | undefined {
  const { settings, responses } = surroundings.plan;
  if (framing.kind !== 'chunked' || settings.trailers !== 'keep') return undefined;
  const how = { framing, keepsClient: true };
  return new Trailers(responseForm(surroundings, TRAILED, { strip }, how), responses.strict);
}
