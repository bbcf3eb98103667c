// What policies see of the HTTP proxy.

export { httpDetector } from './http-detector.ts';
export { httpProxy } from './http-proxy.ts';
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
