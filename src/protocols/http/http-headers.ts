// The fields of a head as functions of the policy see and change them: text is made of a field when it is asked for, and
// a copy of all of them when the first one is changed.

import { invalidValue } from '../../proxy/policy-call.ts';
import type { Draft } from './draft.ts';
import { isHostName, isSingleton, nameCure, valueCure } from './field-check.ts';
import type { Head } from './head.ts';
import type { HttpField } from './http-field.ts';

/**
 * The header fields of a message: as received, until a function of the policy changes them. Names are compared without
 * regard to case. Changes throw for what is no field, and for those that the proxy writes itself.
 */
export class HttpHeaders {
  readonly #head: Head<unknown>;
  readonly #draft: Draft;
  /** All fields, once one of them was changed. */
  #changed: HttpField[] | undefined;

  constructor(head: Head<unknown>, draft: Draft) {
    this.#head = head;
    this.#draft = draft;
  }

  /** The value of the first field of this name. */
  get(name: string): string | undefined {
    const lower = name.toLowerCase();
    if (this.#changed !== undefined) return this.#changed.find(isNamed(lower))?.[1];
    const index = this.#find(lower, 0);
    return index === -1 ? undefined : this.#head.value(index);
  }

  /** The values of all fields of this name, in order. */
  getAll(name: string): string[] {
    const lower = name.toLowerCase();
    if (this.#changed !== undefined)
      return this.#changed.filter(isNamed(lower)).map(([, value]) => value);
    const values: string[] = [];
    for (let at = this.#find(lower, 0); at !== -1; at = this.#find(lower, at + 1))
      values.push(this.#head.value(at));
    return values;
  }

  /** Whether there is a field of this name. */
  has(name: string): boolean {
    const lower = name.toLowerCase();
    if (this.#changed !== undefined) return this.#changed.some(isNamed(lower));
    return this.#find(lower, 0) !== -1;
  }

  /** All fields in order. */
  entries(): readonly HttpField[] {
    return this.#changed ?? this.#received();
  }

  /** Gives the first field of this name a value and removes the others, or adds one at the end. */
  set(name: string, value: string): void {
    check(name, value);
    const fields = this.#change();
    const isSame = isNamed(name.toLowerCase());
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
    const isSame = isNamed(name.toLowerCase());
    this.#changed = this.#change().filter((field) => !isSame(field));
  }

  #change(): HttpField[] {
    this.#draft.change('header');
    this.#changed ??= this.#received();
    return this.#changed;
  }

  #make(name: string, value: string): HttpField {
    const made: HttpField = [name, value];
    this.#draft.ownFields ??= new Set();
    this.#draft.ownFields.add(made);
    return made;
  }

  #received(): HttpField[] {
    const head = this.#head;
    return Array.from({ length: head.count }, (_, index): HttpField => [
      head.name(index),
      head.value(index),
    ]);
  }

  #find(lower: string, from: number): number {
    for (let index = from; index < this.#head.count; index++) {
      if (this.#head.hasName(index, lower)) return index;
    }
    return -1;
  }
}

function isNamed(lower: string): (field: HttpField) => boolean {
  return ([name]) => name.toLowerCase() === lower;
}

function check(name: string, value: string): void {
  const wrongName = nameCure(name);
  if (wrongName !== undefined) throw invalidValue('header', name, wrongName);
  const wrongValue = valueCure(name, value);
  if (wrongValue !== undefined) throw invalidValue(`header ${name}`, value, wrongValue);
}
