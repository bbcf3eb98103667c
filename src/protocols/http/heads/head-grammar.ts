// What is read as a head: whose, within which bounds, and with which first line.

import type { Bytes } from '../../../proxy/engine.ts';
import type { HeaderTable } from './header-table.ts';

/** Bounds on a head. */
export interface HeadLimits {
  /** Bytes of a line without its CRLF. */
  readonly maxLineLength: number;
  /** Bytes of a whole head with its empty line. */
  readonly maxHeadBytes: number;
  /** Fields of a head. */
  readonly maxHeaderLines: number;
}

/** What a parser reads: whose heads, within which limits, and how their first line is read. */
export interface HeadGrammar<Line> {
  readonly side: 'client' | 'server';
  readonly limits: HeadLimits;
  readonly names: HeaderTable;
  /** Empty lines that are skipped before a head (RFC 9112, 2.2). */
  readonly maxEmptyLines: number;
  /** Reads the first line, which stands in `bytes` from `start` to `end`; undefined for trailers, which have none. */
  readonly readLine: ((bytes: Bytes, start: number, end: number) => Line) | undefined;
  /** Where trailers have no first line, what stands for it. */
  readonly noLine?: Line;
}
