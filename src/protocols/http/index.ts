// The HTTP proxy: HTTP/1.0 and 1.1, strict on both sides. Refuse in doubt; one canonical form leaves.

import type { ProxyContext, ProxyFactory, StackChoice } from '../../proxy/engine.ts';
import type { ProxyCore } from '../../proxy/guard.ts';
import { guard } from '../../proxy/guard.ts';
import { registerLiveInput } from '../../proxy/live-input.ts';
import { declare } from '../../proxy/policy-fault.ts';
import { FrontDoor } from './front-door.ts';
import { HttpCore } from './http-proxy.ts';
import type { HttpOptions } from './http-options.ts';
import { OldClients } from './old-protocol/old-clients.ts';
import type { HttpSettings } from './settings.ts';
import { readSettings } from './settings.ts';
import type { HttpPlan } from './http-plan.ts';
import { bodyChildren, explainBodyStacks } from './stacking/stack-settings.ts';
import { httpPlanOf } from './http-plan.ts';
import { explainUpgrade, stacksOfUpgrade } from './upgrade/upgrade-option.ts';
import { explainUrlFilter } from './filters/url-filter.ts';

export { httpDetector } from './http-detector.ts';
export { answer, redirect } from './rules/answer.ts';
export type { Answer, AnswerOptions } from './rules/answer.ts';
export { changeRegexp } from './rules/change-regexp.ts';
export type { ChangeRegexp, ChangeRegexpOptions } from './rules/change-regexp.ts';
export type { CategoryRule } from './filters/category-settings.ts';
export type { ErrorPagesOptions } from './pages/error-pages.ts';
export { changeBoth, changeName, changeValue, insert, replace } from './rules/header-action.ts';
export type {
  FieldAction,
  HeaderAction,
  HeaderRule,
  HeaderText,
  HttpHeader,
} from './rules/header-action.ts';
export type {
  AuthenticationOptions,
  LoginFormOptions,
} from './authentication/authentication-settings.ts';
export type { HeaderRules } from './rules/field-policy.ts';
export type { HttpField } from './rules/http-field.ts';
export type { HttpHeaders } from './rules/http-headers.ts';
export type { HttpRequest, HttpResponse } from './rules/http-request.ts';
export type { HttpUrl } from './urls/http-url.ts';
export type { UrlChange } from './urls/url-change.ts';
export type { HttpAction, HttpOptions, RequestRule, ResponseRule } from './http-options.ts';
export type { ParentChoice, ParentProxy } from './parent-proxy.ts';
export type { BodyStack, RequestStackRule, ResponseStackRule } from './stacking/stack-settings.ts';
export type { UrlFilter } from './filters/url-filter.ts';
export type { ForwardedOption } from './forwarding/forwarded.ts';
export type { ViaOption } from './forwarding/via.ts';
export type {
  ConnectAnswer,
  ConnectByPort,
  ConnectFunction,
  ConnectOption,
  ContentChoice,
  ContentDetection,
  TunnelContents,
} from './tunnel/connect-option.ts';
export type {
  UpgradeAnswer,
  UpgradeFunction,
  UpgradeRule,
  UpgradeRules,
} from './upgrade/upgrade-option.ts';
export { webdavMethods } from './webdav.ts';

const HTTP_PORT = 80;
const HTTPS_PORT = 443;

/**
 * A proxy for HTTP.
 * @example httpProxy({ request: { GET: accept(), POST: (request) => request.url.host === 'forms.example' ? accept() : reject() } })
 */
export function httpProxy(options: HttpOptions = {}): ProxyFactory {
  const { settings, faults } = readSettings(options);
  const plan = httpPlanOf(settings);
  const made: ProxyFactory = {
    name: 'http',
    tellsRefusals: true,
    authentication: settings.authentication === undefined ? 'possible' : 'expected',
    needsServerTls: takesHttpsUrls(settings),
    // A function may find that there is none.
    hasParent: settings.parentProxy !== undefined && typeof settings.parentProxy !== 'function',
    mayAnswerAlone: mayAnswerAlone(settings),
    expectsPlainClients: settings.mode === 'transparent' && settings.defaultPort !== HTTPS_PORT,
    expectsPlainServers: takesHttpUrls(settings),
    stacks: stacksOf(settings, plan),
    create: creatorOf(settings, plan),
    explain: () => explain(settings, plan),
  };
  if (faults.length === 0)
    for (const file of plan.pages.files) registerLiveInput(declare(file, httpProxy));
  return declare(made, httpProxy, faults);
}

/** What makes the engine of a session: what a policy does not use stands before none. */
function creatorOf(settings: HttpSettings, plan: HttpPlan): ProxyFactory['create'] {
  const http: (context: ProxyContext) => ProxyCore = settings.permitHttp09Requests
    ? (context) => new OldClients(new HttpCore(plan, context), settings)
    : (context) => new HttpCore(plan, context);
  return settings.socks
    ? (context) => guard(new FrontDoor(http(context), context))
    : (context) => guard(http(context));
}

/** Whether clients that know the proxy ask it for https URLs, which go to their servers themselves. */
function takesHttpsUrls(settings: HttpSettings): boolean {
  const { mode, defaultPort, permitProxyRequests, parentProxy } = settings;
  const isAsked = mode === 'explicit' && permitProxyRequests && defaultPort === HTTPS_PORT;
  return isAsked && parentProxy === undefined;
}

/** Whether clients that know the proxy may ask it for http URLs, which go to port 80 of their servers as they are. */
function takesHttpUrls(settings: HttpSettings): boolean {
  const { mode, defaultPort, permitProxyRequests, parentProxy, targetPorts, request } = settings;
  if (mode !== 'explicit' || !permitProxyRequests || parentProxy !== undefined) return false;
  // A function may send its requests elsewhere.
  const isAccepted = Object.entries(request).some(
    ([method, rule]) =>
      method !== 'CONNECT' && typeof rule !== 'function' && rule.action === 'accept',
  );
  return isAccepted && defaultPort === HTTP_PORT && targetPorts.contains(HTTP_PORT);
}

/** Whether the policy may answer all requests itself, as one does that sends everybody on to https. */
function mayAnswerAlone({ request }: HttpSettings): boolean {
  const rules = Object.values(request);
  return rules.every((rule) => typeof rule === 'function' || rule.action !== 'accept');
}

/** What this proxy may stack, for the checks of the policy. */
function stacksOf(settings: HttpSettings, { connect }: HttpPlan): readonly StackChoice[] {
  const upgrades = stacksOfUpgrade(settings.upgrade);
  return [...new Set([...(connect?.stacks ?? []), ...upgrades, ...bodyChildren(settings)])];
}

function explain(settings: HttpSettings, { connect, parent }: HttpPlan): string {
  const methods = Object.entries(settings.request).map(([method, rule]) =>
    typeof rule === 'function' ? `${method} by a function` : `${method} ${rule.action}`,
  );
  const tunnel = connect === undefined ? '' : `; CONNECT ${connect.explain()}`;
  const socks = settings.socks ? '; SOCKS as CONNECT' : '';
  const through = parent === undefined ? '' : `; ${parent.explain()}`;
  const fields = Object.keys({ ...settings.requestHeader, ...settings.responseHeader });
  const headers = fields.length === 0 ? '' : `; rules for the headers ${fields.join(', ')}`;
  const { mode, urlFilter } = settings;
  const filter = urlFilter === undefined ? '' : `; ${explainUrlFilter(urlFilter)}`;
  const others = `${explainUpgrade(settings.upgrade)}${filter}${through}${headers}`;
  return `HTTP, ${mode}: ${methods.join(', ')}${tunnel}${socks}${others}${explainBodyStacks(settings)}`;
}
