// What all sessions of one httpProxy() share: its settings, compiled. Nothing here changes while sessions run, except
// scratch space that is used only within one event.

import { disguiseRules, spellingRules } from './disguise-fields.ts';
import { ErrorPages } from './pages/error-pages.ts';
import { FieldPolicy } from './rules/field-policy.ts';
import { forwardedRules, withDefaults } from './forwarding/forwarded.ts';
import { viaLinesOf, viaRules } from './forwarding/via.ts';
import type { Gate } from './gate.ts';
import { gateOf } from './gate-steps.ts';
import type { HeadGrammar } from './heads/head-grammar.ts';
import { HeadWriter } from './heads/head-writer.ts';
import { KnownFields } from './heads/known-fields.ts';
import type { ParentPlan } from './parent-proxy.ts';
import { parentPlan } from './parent-proxy.ts';
import { PhaseTimer } from './phase-timer.ts';
import type { RequestLine } from './heads/request-line.ts';
import { readRequestLine } from './heads/request-line.ts';
import type { HttpSettings } from './settings.ts';
import { SpareParser } from './heads/spare-parser.ts';
import type { StackPlan } from './stacking/stack-plan.ts';
import { stackPlanOf } from './stacking/stack-plan.ts';
import type { StatusLine } from './heads/status-line.ts';
import { readStatusLine } from './heads/status-line.ts';
import { ConnectPlan } from './tunnel/connect-option.ts';
import type { StrictHeader } from './strict-header/strict-header.ts';
import { strictHeaderOf, strictNames } from './strict-header/strict-header.ts';

/** One direction: how its heads are read and which policy they pass. */
export interface Direction<Line> {
  readonly grammar: HeadGrammar<Line>;
  readonly policy: FieldPolicy;
  /** The check of known fields, if there is one. */
  readonly strict: StrictHeader | undefined;
  readonly parsers: SpareParser<Line>;
  /** Scratch: where the known fields of a head are. */
  readonly known: KnownFields;
}

/** The compiled settings of one httpProxy(). */
export interface HttpPlan {
  readonly settings: HttpSettings;
  readonly connect: ConnectPlan | undefined;
  readonly parent: ParentPlan | undefined;
  readonly requests: Direction<RequestLine>;
  readonly responses: Direction<StatusLine>;
  /** Whether rules for fields may write credentials by which the server knows a user. */
  readonly mayWriteAuthorization: boolean;
  /** Whether the policy says anything about responses as such. */
  readonly hasResponseRules: boolean;
  /** Scratch: heads are written one after the other. */
  readonly writer: HeadWriter;
  readonly timer: PhaseTimer;
  /** What a request passes before it is forwarded. */
  readonly gate: Gate;
  readonly pages: ErrorPages;
  /** Who looks at which bodies; undefined where nobody does. */
  readonly stacks: StackPlan | undefined;
}

const MAX_EMPTY_LINES = 3; // as in the original; RFC 9112, 2.2 asks for at least one

/** Compiles settings. */
export function httpPlanOf(settings: HttpSettings): HttpPlan {
  const { via, forwarded, connect, parentProxy } = settings;
  const { request, requestHeader } = settings;
  const ownRules = [viaRules(via), forwardedRules(forwarded), disguiseRules(request)];
  const requestRules = withDefaults(requestHeader, ...ownRules, spellingRules(requestHeader));
  const lines = viaLinesOf(via);
  const requestPolicy = new FieldPolicy(requestRules, lines, strictNames('request', settings));
  const responseRules = withDefaults(settings.responseHeader, viaRules(via));
  const responsePolicy = new FieldPolicy(responseRules, lines, strictNames('response', settings));
  const known = new KnownFields('client');
  const pages = pagesOf(settings);
  const stacks = stackPlanOf(settings, responsePolicy);
  const keepsRequest = responsePolicy.hasFunctions || asksAboutResponses(settings, stacks);
  const requests = requestGrammar(settings, requestPolicy);
  const responses = responseGrammar(settings, responsePolicy);
  return {
    settings,
    connect: connect && new ConnectPlan(connect),
    parent: parentProxy && parentPlan(parentProxy),
    stacks,
    mayWriteAuthorization: requestPolicy.mayWrite('authorization'),
    hasResponseRules: Object.keys(settings.response).length > 0,
    writer: new HeadWriter(),
    timer: new PhaseTimer(settings),
    pages,
    gate: gateOf(settings, { keepsRequest, pages, fields: { policy: requestPolicy, known } }),
    requests: {
      policy: requestPolicy,
      strict: strictHeaderOf('request', requestPolicy, settings),
      parsers: new SpareParser(requests),
      known,
      grammar: requests,
    },
    responses: {
      policy: responsePolicy,
      strict: strictHeaderOf('response', responsePolicy, settings),
      parsers: new SpareParser(responses),
      known: new KnownFields('server'),
      grammar: responses,
    },
  };
}

function requestGrammar(settings: HttpSettings, { names }: FieldPolicy): HeadGrammar<RequestLine> {
  return {
    side: 'client',
    limits: settings,
    names,
    maxEmptyLines: MAX_EMPTY_LINES,
    readLine: (bytes, start, end) => readRequestLine(bytes, start, end, settings.maxUrlLength),
  };
}

function responseGrammar(settings: HttpSettings, { names }: FieldPolicy): HeadGrammar<StatusLine> {
  return { side: 'server', limits: settings, names, maxEmptyLines: 0, readLine: readStatusLine };
}

function pagesOf({ errorPages, language, authentication }: HttpSettings): ErrorPages {
  return new ErrorPages(errorPages, language, authentication?.form?.directory);
}

/** Whether functions of the policy are given the request when the response comes. */
function asksAboutResponses(
  { response }: Pick<HttpSettings, 'response'>,
  stacks: StackPlan | undefined,
): boolean {
  const hasFunction = Object.values(response).some((rules) =>
    Object.values(rules).some((rule) => typeof rule === 'function'),
  );
  return hasFunction || stacks?.asksAboutResponses === true;
}
