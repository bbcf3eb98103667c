// Services of the packet filter: it forwards their packets itself, and no proxy sees them.

import { z } from 'zod';
import { registerOptions } from '../proxy/option-owners.ts';
import type { Fault } from '../proxy/policy-fault.ts';
import { checkSettings, declare, showValue } from '../proxy/policy-fault.ts';
import { nameFaults, nameOf, objectOf } from './fields.ts';
import type { Nat } from './nat.ts';
import type { Router } from './router.ts';
import { explainRouter, transparentRouter } from './router.ts';

/** Options of `pfService`. */
export interface PfServiceOptions {
  /**
   * Where packets go: to their destination, or to one fixed server. `forgeAddress` keeps the client's address; without
   * it and without `snat`, the source becomes the address of the outgoing interface. Default: `transparentRouter()`.
   */
  readonly router?: Router;
  /** What the source becomes: a NAT that maps ranges to ranges. Default: no NAT. */
  readonly snat?: Nat;
  /** What the destination becomes: a NAT that maps ranges to ranges. Default: no NAT. */
  readonly dnat?: Nat;
}

/** A kind of traffic that the packet filter forwards, of any IP protocol. */
export interface PfService {
  readonly kind: 'pf-service';
  readonly name: string;
  readonly router: Router;
  readonly snat: Nat | undefined;
  readonly dnat: Nat | undefined;
}

const nat = objectOf<Nat>(['nat'], 'give a NAT, such as generalNat({ mapping: ... })');
const schema = z.strictObject({
  router: objectOf<Router>(['router'], 'give a router, such as transparentRouter()').optional(),
  snat: nat.optional(),
  dnat: nat.optional(),
});
registerOptions('pfService', schema);

// Each service has its own copy, made at the line of the service: that is where a trace of it leads.
const DEFAULT_ROUTER = transparentRouter();

/**
 * Makes a service of the packet filter. Only rules can start it.
 * @example const backup = pfService('backup', { router: transparentRouter({ forgeAddress: true }) });
 */
export function pfService(name: string, options: PfServiceOptions = {}): PfService {
  const { settings, faults } = checkSettings(schema, options, {});
  const made: PfService = {
    kind: 'pf-service',
    name: nameOf(name),
    router: settings.router ?? declare({ ...DEFAULT_ROUTER }, pfService),
    snat: settings.snat,
    dnat: settings.dnat,
  };
  const own = [...routerFaults(made.router), ...natFaults(made)];
  return declare(made, pfService, [...nameFaults(name), ...faults, ...own]);
}

/** What a router may say that the packet filter cannot do. */
function routerFaults(router: Router): readonly Fault[] {
  const value = showValue(explainRouter(router));
  const faults: Fault[] = [];
  if (router.type === 'inband') {
    const cure =
      'give transparentRouter() or directedRouter(): no protocol is read that could name a server';
    faults.push({ path: 'router', value, cure });
  } else if (router.isOverrideable) {
    const cure =
      'leave overrideable out of the router: no protocol is read that could name a server';
    faults.push({ path: 'router', value, cure });
  }
  if (router.destinations.length > 1) {
    const cure = 'give exactly one destination: the packet filter tries no other';
    faults.push({ path: 'router', value, cure });
  }
  if (router.forgePort !== 'any') {
    const cure =
      "leave forgePort out of the router: the packet filter keeps the client's port where it is free";
    faults.push({ path: 'router', value, cure });
  }
  return faults;
}

/** NAT that chooses, or that changes the family, is nothing that the packet filter can do. */
function natFaults({ snat, dnat }: PfService): readonly Fault[] {
  return Object.entries({ snat, dnat }).flatMap(([path, one]) => {
    if (one === undefined || one.ranges !== undefined) return [];
    const cure =
      'give generalNat(), staticNat(), oneToOneNat() or hashNat(): the packet filter maps ranges to ranges of one family';
    return [{ path, value: showValue(one.explain()), cure }];
  });
}

/** One line in English: what the packet filter does with the traffic. */
export function explainPfService({ router, snat, dnat }: PfService): string {
  const server = dnat === undefined ? '' : `; server: ${dnat.explain()}`;
  const source =
    snat === undefined
      ? router.forgeAddress
        ? ''
        : '; source: the address of the outgoing interface'
      : `; source: ${snat.explain()}`;
  return `forwarded by the packet filter; ${explainRouter(router)}${source}${server}`;
}
