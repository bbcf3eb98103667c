// Pieces of policies for tests: a proxy that does nothing, addresses, and what definePolicy says of faulty options.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { SocketAddress } from '../../src/address/socket-address.ts';
import type { PolicyOptions } from '../../src/policy/define-policy.ts';
import { definePolicy } from '../../src/policy/define-policy.ts';
import type { PlacedFault } from '../../src/policy/policy-error.ts';
import { PolicyError } from '../../src/policy/policy-error.ts';
import type { ProxyFactory } from '../../src/proxy/engine.ts';
import type { Fault } from '../../src/proxy/policy-fault.ts';
import { faultsOf } from '../../src/proxy/policy-fault.ts';
import type { SourceLocation } from '../../src/proxy/source-location.ts';
import { sourceOf } from '../../src/proxy/source-location.ts';

/** A proxy that does nothing. */
export function idleProxy(overrides: Partial<ProxyFactory> = {}): ProxyFactory {
  return {
    name: 'idle',
    tellsRefusals: false,
    stacks: [],
    create: () => ({ handle: () => [] }),
    explain: () => 'does nothing',
    ...overrides,
  };
}

/** A socket address of its text. */
export function at(text: string): SocketAddress {
  return SocketAddress.parse(text);
}

/** A value that the compiler would refuse, as a policy in plain JavaScript can give it. */
export function wrong(value: unknown): never {
  return value as never;
}

/** What definePolicy finds wrong; it must find something, and must say it with a PolicyError. */
export function faultsOfPolicy(options: unknown): readonly PlacedFault[] {
  try {
    definePolicy(options as PolicyOptions);
  } catch (error) {
    assert.ok(error instanceof PolicyError, String(error));
    return error.faults;
  }
  assert.fail('the policy has no fault');
}

/** Faults as short lines: `zone "a" subnets[0] "x"`. */
export function faultLines(options: unknown): readonly string[] {
  return faultsOfPolicy(options).map(({ subject, path, value }) => `${subject} ${path} ${value}`);
}

/** The text of a line of a source file. */
export function textAt(location: SourceLocation | undefined): string {
  assert.ok(location !== undefined, 'the place is not known');
  return readFileSync(location.file, 'utf8').split('\n')[location.line - 1] ?? '';
}

/** The only fault that a function of the vocabulary remembers of what it made, after a check of its place. */
export function onlyFault(made: object, call: string): Fault {
  const location = sourceOf(made);
  assert.ok(textAt(location).includes(call), `${call} is not at ${String(location?.line)}`);
  const faults = faultsOf(made);
  const [fault] = faults;
  assert.ok(fault !== undefined && faults.length === 1, JSON.stringify(faults));
  return fault;
}
