// What all sessions of a running instance share.

import type { Log } from '../log/log.ts';
import type { AlarmQueue } from './alarm-queue.ts';
import type { AuthenticationStates } from './authentication-state.ts';
import type { Claims } from './claims.ts';
import type { Expectations } from './expectations.ts';
import type { Availability } from './availability.ts';
import type { ChainerStates } from './chainer-state.ts';
import type { Outside } from './outside.ts';
import type { RestGarbage } from './rest-garbage.ts';
import type { RuleCollisions } from './rule-collisions.ts';
import type { RunningSessions } from './running-sessions.ts';
import type { ServerCertificates } from './server-certificates.ts';
import type { ServerPool } from './server-pool.ts';
import type { ServiceCounters } from './service-counters.ts';
import type { UnansweredRecords } from './unanswered-records.ts';

/** What all sessions of a running instance share. */
export interface Runtime {
  readonly instance: string;
  readonly outside: Outside;
  readonly log: Log;
  /** What wakes sessions. */
  readonly alarms: AlarmQueue;
  readonly counters: ServiceCounters;
  /** Sessions that wait for connections which a listener accepts. */
  readonly claims: Claims;
  /** Connections that sessions expect, wherever they wait for them. */
  readonly expectations: Expectations;
  readonly collisions: RuleCollisions;
  readonly unanswered: UnansweredRecords;
  readonly chainers: ChainerStates;
  readonly authentications: AuthenticationStates;
  readonly availability: Availability;
  /** Server connections that sessions have given back. */
  readonly servers: ServerPool;
  /** Certificates that servers have shown to detectors. */
  readonly certificates: ServerCertificates;
  /** Sessions that run, those included that only tell a refusal. */
  readonly sessions: RunningSessions;
  readonly restGarbage: RestGarbage;
  /** How many sessions just tell their client why it is refused. */
  toldRefusals: number;
}
