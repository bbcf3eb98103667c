// The fields of a head as functions of the policy see and change them: text is made of a field when it is asked for, and
// a copy of all of them when the first one is changed.

import { SHOWN } from '../../../address/shown.ts';
import { invalidValue } from '../../../proxy/policy-call.ts';
import type { Draft } from './draft.ts';
import { isHostName, isSingleton, nameCure, valueCure } from './field-check.ts';
import type { FieldTexts } from '../heads/field-texts.ts';
import type { Head } from '../heads/head.ts';
import type { HttpField } from './http-field.ts';

/**
 * The header fields of a message: as received, until a function of the policy changes them. Names are compared without
 * regard to case. Changes throw for what is no field, and for those that the proxy writes itself.
 */
export class HttpHeaders {
  readonly #received: FieldTexts;
  readonly #draft: Draft;
  /** All fields, once one of them was changed. */
  #changed: HttpField[] | undefined;

  constructor(head: Head<unknown>, draft: Draft) {
    this.#received = head.texts();
    this.#draft = draft;
  }

  /** The value of the first field of this name. */
  get(name: string): string | undefined {
    if (this.#changed !== undefined) return this.#changed.find(isNamed(name))?.[1];
    const index = this.#received.find(name, 0);
    return index === -1 ? undefined : this.#received.value(index);
  }

  /** The values of all fields of this name, in order. */
  getAll(name: string): string[] {
    if (this.#changed !== undefined)
      return this.#changed.filter(isNamed(name)).map(([, value]) => value);
    const received = this.#received;
    const values: string[] = [];
    for (let at = received.find(name, 0); at !== -1; at = received.find(name, at + 1))
      values.push(received.value(at));
    return values;
  }

  /** Whether there is a field of this name. */
  has(name: string): boolean {
    if (this.#changed !== undefined) return this.#changed.some(isNamed(name));
    return this.#received.find(name, 0) !== -1;
  }

  /** All fields in order: a list of its own, so that nothing becomes a field that was not checked. */
  entries(): readonly HttpField[] {
    return this.#changed === undefined ? this.#all() : [...this.#changed];
  }

  /** Gives the first field of this name a value and removes the others, or adds one at the end. */
  set(name: string, value: string): void {
    check(name, value);
    const fields = this.#change();
    const isSame = isNamed(name);
    const first = fields.findIndex(isSame);
    const others = fields.filter((field, index) => index === first || !isSame(field));
    const made = this.#make(name, value);
    if (first === -1) others.push(made);
    else others[first] = made;
    this.#changed = others;
    if (isHostName(name)) this.#draft.hasOwnHost = true;
  }

  /** Adds a field at the end; those of this name stay. */
  append(name: string, value: string): void {
    check(name, value);
    if (isHostName(name) || (isSingleton(name) && this.has(name)))
      throw invalidValue('header', name, 'a name that may be there twice, or use set()');
    this.#change().push(this.#make(name, value));
  }

  /** Removes all fields of this name. */
  delete(name: string): void {
    const cure = isHostName(name) ? 'another header name: a request has a Host' : nameCure(name);
    if (cure !== undefined) throw invalidValue('header', name, cure);
    const isSame = isNamed(name);
    this.#changed = this.#change().filter((field) => !isSame(field));
  }

  [SHOWN](): object {
    return this.entries();
  }

  #change(): HttpField[] {
    this.#draft.change('header');
    this.#changed ??= this.#all();
    return this.#changed;
  }

  #make(name: string, value: string): HttpField {
    const made: HttpField = Object.freeze<HttpField>([name, value]);
    this.#draft.ownFields ??= new Set();
    this.#draft.ownFields.add(made);
    return made;
  }

  #all(): HttpField[] {
    const received = this.#received;
    return Array.from({ length: received.count }, (_, index) =>
      Object.freeze<HttpField>([received.name(index), received.value(index)]),
    );
  }
}

function isNamed(wanted: string): (field: HttpField) => boolean {
  const lower = wanted.toLowerCase();
  return ([name]) => name.toLowerCase() === lower;
}

function check(name: string, value: string): void {
  const wrongName = nameCure(name);
  if (wrongName !== undefined) throw invalidValue('header', name, wrongName);
  const wrongValue = valueCure(name, value);
  if (wrongValue !== undefined) throw invalidValue(`header ${name}`, value, wrongValue);
}
