// The trace of a decision: everything that was looked at, in order, with what came of it. Steps hold objects and
// constant texts only; they become text when somebody asks.

import type { IpAddress } from '../address/ip-address.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { SpecialAddress } from '../address/special-address.ts';
import type { Subnet } from '../address/subnet.ts';
import type { HostAddress } from './host-address.ts';
import type { ZonePairChoice } from './listener-options.ts';
import type { RuleContest } from './rule-contest.ts';
import type { DetectLine } from './rule.ts';

/** What was looked at. */
export type Check =
  | 'listener'
  | 'client-zone'
  | 'destination-zone'
  | 'line'
  | 'rule'
  | 'detector'
  | 'service'
  | 'outbound-services'
  | 'users'
  | 'router'
  | 'server'
  | 'snat'
  | 'dnat'
  | 'server-zone'
  | 'target-zones'
  | 'inbound-services'
  | 'destination-guard';

/** What came of it: `lost` was a candidate that another one beat, `skipped` did not apply, `open` comes later. */
export type StepOutcome =
  'chosen' | 'passed' | 'lost' | 'skipped' | 'inherited' | 'refused' | 'open';

/** An address and what NAT made of it. */
export interface TranslatedAddress {
  readonly before: SocketAddress;
  readonly after: SocketAddress;
}

/** What a step speaks of besides its subject. */
export type StepValue =
  | IpAddress
  | SocketAddress
  | Subnet
  | HostAddress
  | SpecialAddress
  | ZonePairChoice
  | TranslatedAddress
  | DetectLine
  | RuleContest;

/** One step of a decision. */
export interface TraceStep {
  readonly check: Check;
  readonly outcome: StepOutcome;
  /** The object of the policy that was looked at: its name and source line are shown. */
  readonly subject: object | undefined;
  /** Why, as a constant text. */
  readonly because: string;
  /** What `because` speaks of: an address, a subnet, the zones of a line. */
  readonly value?: StepValue | undefined;
}

/** Where the steps of a decision go: a list, or `UNTRACED`. */
export interface Trace {
  push(step: TraceStep): unknown;
}

/** Where they go when nobody will read them. V8 sees that, and makes none: each connection has two decisions. */
export const UNTRACED: Trace = Object.freeze({ push: () => undefined });

const NO_STEPS: readonly TraceStep[] = Object.freeze([]);

/** The steps that went to a list; none where they went nowhere. */
export function stepsOf(trace: Trace): readonly TraceStep[] {
  return Array.isArray(trace) ? (trace as readonly TraceStep[]) : NO_STEPS; // a list takes nothing but steps
}
