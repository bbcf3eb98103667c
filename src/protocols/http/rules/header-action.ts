// What a policy may do with a header field.

import type { Abort, Accept, Drop } from '../../../proxy/policy-action.ts';
import type { ProxySession } from '../../../proxy/proxy-session.ts';
import type { ChangeRegexp } from './change-regexp.ts';
import type { HttpRequest } from './http-request.ts';

/** A value of a header field: a text, or a function, which may be async, that makes one of the session and the request. */
export type HeaderText =
  string | ((session: ProxySession, request: HttpRequest) => string | PromiseLike<string>);

/** Gives a received field another name. */
export interface ChangeName {
  readonly action: 'change-name';
  readonly name: string;
}

/** Gives a received field another value. */
export interface ChangeValue {
  readonly action: 'change-value';
  readonly value: HeaderText;
}

/** Gives a received field another name and value. */
export interface ChangeBoth {
  readonly action: 'change-both';
  readonly name: string;
  readonly value: HeaderText;
}

/** Adds a field after the received ones, whether or not one of that name was received. */
export interface Insert {
  readonly action: 'insert';
  readonly value: HeaderText;
}

/** Removes the received fields of that name and adds one after the received ones. */
export interface Replace {
  readonly action: 'replace';
  readonly value: HeaderText;
}

/** What a function of the policy may answer for a received field. */
export type FieldAction =
  Accept | Drop | Abort | ChangeName | ChangeValue | ChangeBoth | ChangeRegexp;

/** What a policy may say of a field. */
export type HeaderAction = FieldAction | Insert | Replace;

/** A received field, as a function of the policy sees it. */
export interface HttpHeader {
  readonly name: string;
  readonly value: string;
}

/** An action, or a function, which may be async, that chooses one for each received field of that name. */
export type HeaderRule =
  | HeaderAction
  | ((header: HttpHeader, session: ProxySession) => FieldAction | PromiseLike<FieldAction>);

/** Gives a received field another name. @example requestHeader: { 'X-Old': changeName('X-New') } */
export function changeName(name: string): ChangeName {
  return Object.freeze({ action: 'change-name', name });
}

/** Gives a received field another value. @example requestHeader: { 'User-Agent': changeValue('Browser') } */
export function changeValue(value: HeaderText): ChangeValue {
  return Object.freeze({ action: 'change-value', value });
}

/** Gives a received field another name and value. @example responseHeader: { Server: changeBoth('X-Server', 'web') } */
export function changeBoth(name: string, value: HeaderText): ChangeBoth {
  return Object.freeze({ action: 'change-both', name, value });
}

/**
 * Adds a field; one that was received stays.
 * @example requestHeader: { 'X-Forwarded-For': insert((session) => session.clientAddress.address.toString()) }
 */
export function insert(value: HeaderText): Insert {
  return Object.freeze({ action: 'insert', value });
}

/** Adds a field in place of those received. @example responseHeader: { Server: replace('web') } */
export function replace(value: HeaderText): Replace {
  return Object.freeze({ action: 'replace', value });
}
