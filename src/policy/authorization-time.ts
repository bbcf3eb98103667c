// Authorization by time of day and day of the week.

import { z } from 'zod';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import type { Authorization, Moment } from './authorization.ts';

/** A day of the week. */
export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/** A time of the day, in the local time of this machine. */
export interface TimeInterval {
  /** Such as `08:00`. */
  readonly from: string;
  /** Such as `17:30`, which is not in it any more; `24:00` is the end of the day. Before `from`: on the next day. */
  readonly until: string;
  /** The days on which it begins. Default: every day. */
  readonly days?: readonly Weekday[];
}

const WEEKDAYS: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DAY_MINUTES = 1_440;

const TIME_CURE = 'give a time of the day such as "08:00"';
const DAYS_CURE = 'give days such as ["mon", "tue"]';

const time = z
  .string({ error: TIME_CURE })
  .regex(/^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/, { error: TIME_CURE })
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

const INTERVALS_CURE = 'give a list of intervals such as [{ from: "08:00", until: "17:30" }]';

const schema = z.object({
  intervals: z
    .array(
      z
        .strictObject({
          from: time,
          until: time,
          days: z
            .array(z.enum(WEEKDAYS, { error: DAYS_CURE }), { error: DAYS_CURE })
            .min(1, { error: DAYS_CURE })
            .default([...WEEKDAYS]),
        })
        .refine(({ from, until }) => from !== until && from < DAY_MINUTES, {
          error: 'give two different times, of which the first is before 24:00',
        }),
      { error: INTERVALS_CURE },
    )
    .min(1, { error: INTERVALS_CURE }),
});

type Interval = z.output<typeof schema>['intervals'][number];

/**
 * Permits at certain times, in the local time of this machine.
 * @example permitTime([{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', until: '17:30' }])
 */
export function permitTime(intervals: readonly TimeInterval[]): Authorization {
  const never = { intervals: [{ from: '00:00', until: '00:01' }] };
  const { settings, faults } = checkSettings(schema, { intervals }, never);
  const made: Authorization = {
    kind: 'authorization',
    permits: ({ moment }) => settings.intervals.some((one) => isIn(one, moment)),
    explain: () => `at ${settings.intervals.map(show).join(', ')}`,
  };
  return declare(made, permitTime, faults);
}

function isIn({ from, until, days }: Interval, { weekday, minute }: Moment): boolean {
  if (from < until) return hasDay(days, weekday) && minute >= from && minute < until;
  if (minute >= from) return hasDay(days, weekday);
  return minute < until && hasDay(days, (weekday + 6) % 7); // it began the day before
}

function hasDay(days: readonly Weekday[], weekday: number): boolean {
  const day = WEEKDAYS[weekday];
  return day !== undefined && days.includes(day);
}

function show({ from, until, days }: Interval): string {
  const dayText = days.length === WEEKDAYS.length ? '' : `${days.join(' ')} `;
  return `${dayText}${clockText(from)} to ${clockText(until)}`;
}

function clockText(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return `${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
}
