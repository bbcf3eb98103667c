// A proxy as a field of a policy object.

import { z } from 'zod';
import type { ProxyFactory } from '../proxy/engine.ts';
import { functionOf } from './fields.ts';

const factoryShape = z.object({
  name: z.string(),
  tellsRefusals: z.boolean(),
  takesDatagrams: z.boolean().optional(),
  stacks: z.array(z.unknown()),
  create: functionOf(),
  explain: functionOf(),
});

/** The schema of a proxy, whoever made it. */
export const proxyFactory = z.custom<ProxyFactory>(
  (value) => factoryShape.safeParse(value).success,
  { error: 'give a proxy, such as httpProxy() or plugProxy()' },
);

/** Stands in for the proxy of a faulty object, so that its other faults can be found. It is never run. */
export const NO_PROXY: ProxyFactory = Object.freeze({
  name: 'none',
  tellsRefusals: false,
  stacks: [],
  create: () => ({ handle: () => [] }),
  explain: () => 'no proxy',
});
