// What a row of the table is, and what it is given to measure.

import type { Name, PortName, Ports } from './contender.ts';
import type { TlsSite } from './tls-site.ts';

/** A proxy that runs, to be measured. */
export interface Subject {
  readonly pid: number;
  /** The file that its output goes to. */
  readonly log: string;
  readonly ports: Ports;
  /** Where the server behind it listens. */
  readonly serverPort: number;
  readonly tls: TlsSite;
  /** Whether it has to be asked for the servers of TLS by CONNECT. */
  readonly isExplicit: boolean;
  readonly signal: AbortSignal;
  /** How much of the work it gets, at most 1. */
  readonly share: number;
}

/** What one round gave: the figure of the row, and units of work a second. */
export interface Measured {
  readonly cost: number;
  readonly rate?: number;
}

/** A quick run does less of everything. */
export type Mode = 'full' | 'quick';

/** A row of the table. */
export interface Row {
  readonly id: string;
  /** Rows of one table have about the same contenders. */
  readonly table: 'plain' | 'tls';
  readonly title: string;
  readonly costUnit: string;
  readonly rateUnit: string;
  /** Whether every round gets a new process, and no round to warm up. */
  readonly isFresh: boolean;
  readonly needs: PortName;
  /** Who does not take part, although it could. */
  readonly without?: readonly Name[];
  readonly measure: (subject: Subject, mode: Mode) => Promise<Measured>;
}
