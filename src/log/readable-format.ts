// Lines and decision records for people at a terminal, one line each.

import type { LineOutput } from './bounded-output.ts';
import type { DecisionRecord, RecordedAddress } from './decision-record.ts';
import { escapeText, quoteText } from './escape.ts';
import type { LogFormat, LogLine } from './log-line.ts';
import type { LogLevel } from './log.ts';
import type { Colour, Paint } from './paint.ts';
import { decisionRecordOf } from './session-record.ts';

/** How much of a field people see; the JSON log has more of it. */
const MAX_SHOWN = 200;

const COLOURS: Readonly<Record<LogLevel, Colour>> = {
  error: 'red',
  violation: 'yellow',
  policy: 'cyan',
  accounting: 'dim',
  info: 'dim',
};

/** Writes lines for people, with the time of day of this machine. */
export function readableFormat(
  output: Pick<LineOutput, 'write'>,
  now: () => Date,
  paint: Paint,
): LogFormat {
  return {
    line: (line) =>
      output.write(`${paint('dim', timeOfDay(now()))} ${readableLine(line, paint)}\n`),
    record: (record) =>
      output.write(
        `${paint('dim', timeOfDay(now()))} ${readableRecord(decisionRecordOf(record), paint)}\n`,
      ),
  };
}

/** `violation  Bare line feed in a header  [http.bare-line-feed]  header="X: 1"` */
export function readableLine(line: LogLine, paint: Paint): string {
  const { level, code, message, fields } = line;
  const shown = Object.entries(fields ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${escapeText(name, MAX_SHOWN)}=${showValue(value)}`);
  const parts = [
    paint(COLOURS[level], level.padEnd(10)),
    escapeText(message),
    paint('dim', [`[${escapeText(code, MAX_SHOWN)}]`, ...shown].join(' ')),
  ];
  return parts.join(' ');
}

function showValue(value: string | number | boolean | undefined): string {
  return typeof value === 'string' ? quoteText(value, MAX_SHOWN) : String(value);
}

/** `accepted 10.1.2.3:40000 (intranet) -> 192.0.2.1:80 (internet)  web  Connection closed  [end]  1.2 kB up, 3 kB down, 0.3 s` */
export function readableRecord(record: DecisionRecord, paint: Paint): string {
  const { verdict, client, peer, server, service, user, bytes, protocol } = record;
  const through = peer === null ? '' : ` through ${showAddress(peer)}`;
  const who = user === null ? '' : ` ${quoteText(user, MAX_SHOWN)}`;
  const over = protocol === 'udp' ? ' by UDP' : ''; // TCP is what people expect
  const parts = [
    paint(verdict === 'accepted' ? 'green' : 'red', verdict),
    `${showAddress(client)}${who}${through} -> ${server === null ? 'no server' : showAddress(server)}${over}`,
    paint('bold', escapeText(service ?? 'no service', MAX_SHOWN)),
    escapeText(record.message),
    paint('dim', `[${escapeText(record.reason, MAX_SHOWN)}]`),
    paint(
      'dim',
      `${showBytes(bytes.fromClient)} up, ${showBytes(bytes.toClient)} down, ${showDuration(record.durationMs)}`,
    ),
  ];
  return parts.join('  ');
}

function showAddress({ address, port, zone }: RecordedAddress): string {
  const host = address.includes(':') ? `[${address}]` : address;
  const where = zone === undefined ? '' : ` (${zone ?? 'no zone'})`;
  return escapeText(`${host}:${port}${where}`, MAX_SHOWN);
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A number of bytes in the greatest unit in which it is at least 1: `1.2 kB`. */
export function showBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? ''}`;
}

/** A duration as people say it: `12 ms`, `3.4 s`, `5 min 10 s`. */
export function showDuration(ms: number): string {
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function timeOfDay(time: Date): string {
  const [hours, minutes, seconds] = [time.getHours(), time.getMinutes(), time.getSeconds()].map(
    (part) => String(part).padStart(2, '0'),
  );
  const milliseconds = String(time.getMilliseconds()).padStart(3, '0');
  return `${hours ?? ''}:${minutes ?? ''}:${seconds ?? ''}.${milliseconds}`;
}
