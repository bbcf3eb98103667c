// Ports as policies write them, as a schema whose error texts are cures.

import { z } from 'zod';
import type { PortList } from '../address/port-range.ts';
import { PortSet } from '../address/port-range.ts';
import { anyNumberOf } from './fields.ts';

const CURE = 'give ports, such as 80 or "80,1024-65535", or a list of them';
const item = z.union([z.number(), z.string()], { error: CURE });

/** One port, a range, or a list of both. The empty list is undefined: no condition. */
export const portList: z.ZodType<PortSet | undefined, PortList> = anyNumberOf(item, CURE).transform(
  (items, context) => {
    try {
      return readPorts(items);
    } catch (error) {
      const message = error instanceof Error ? error.message : CURE;
      context.issues.push({ code: 'custom', message, input: items });
      return z.NEVER;
    }
  },
);

/** The empty list is no condition; the empty text looks like a mistake, and would mean the same. */
function readPorts(items: readonly (number | string)[]): PortSet | undefined {
  if (items.includes('')) throw new SyntaxError(`${CURE}; leave the field out for any port`);
  return items.length === 0 ? undefined : new PortSet(items);
}
