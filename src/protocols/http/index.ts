// What policies see of the HTTP proxy.

export { httpDetector } from './http-detector.ts';
export { httpProxy } from './http-proxy.ts';
export { answer, redirect } from './answer.ts';
export type { Answer, AnswerOptions } from './answer.ts';
export { changeRegexp } from './change-regexp.ts';
export type { ChangeRegexp, ChangeRegexpOptions } from './change-regexp.ts';
export type { CategoryRule } from './category-settings.ts';
export type { ErrorPagesOptions } from './error-pages.ts';
export { changeBoth, changeName, changeValue, insert, replace } from './header-action.ts';
export type {
  FieldAction,
  HeaderAction,
  HeaderRule,
  HeaderText,
  HttpHeader,
} from './header-action.ts';
export type {
  AuthenticationOptions,
  LoginFormOptions,
} from './authentication/authentication-settings.ts';
export type { HeaderRules } from './field-policy.ts';
export type { HttpField } from './http-field.ts';
export type { HttpHeaders } from './http-headers.ts';
export type { HttpRequest, HttpResponse } from './http-request.ts';
export type { HttpUrl } from './http-url.ts';
export type { UrlChange } from './url-change.ts';
export type { HttpAction, HttpOptions, RequestRule, ResponseRule } from './http-options.ts';
export type { ParentChoice, ParentProxy } from './parent-proxy.ts';
export type { BodyStack, RequestStackRule, ResponseStackRule } from './stacking/stack-settings.ts';
export type { UrlFilter } from './url-filter.ts';
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
