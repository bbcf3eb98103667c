// What a policy says to socksProxy(), and the check of it: it is what httpProxy() takes for CONNECT.

import { z } from 'zod';
import type { PortList } from '../../address/port-range.ts';
import type { Stackable } from '../../proxy/engine.ts';
import { accept } from '../../proxy/policy-action.ts';
import { registerOptions } from '../../proxy/option-owners.ts';
import type { CheckedSettings, Fault } from '../../proxy/policy-fault.ts';
import { checkSettings } from '../../proxy/policy-fault.ts';
import type { HttpOptions, RequestRule } from '../http/http-options.ts';
import type { HttpSettings } from '../http/settings.ts';
import { readSettings as readHttpSettings } from '../http/settings.ts';
import type { UrlFilter } from '../http/filters/url-filter.ts';

/** Settings of `socksProxy`. */
export interface SocksOptions {
  /** What gets what is inside the connections: a service, a program, or a choice, as `connect` of `httpProxy`. */
  readonly connect: NonNullable<HttpOptions['connect']>;
  /** Services and programs that a function in `connect` may name. Default: none. */
  readonly stacks?: readonly Stackable[];
  /** Ports that clients may choose. Default: 80 and 443. */
  readonly targetPorts?: PortList;
  /** Black and white lists, as those of `httpProxy`: a host is asked for as `https://host/`. Default: none. */
  readonly urlFilter?: UrlFilter;
  /** What is done with a request: to the policy it is a CONNECT of HTTP. The function may be async. Default: accept(). */
  readonly request?: RequestRule;
  /** The further HTTP proxy through which the connections go, as `parentProxy` of `httpProxy`. Default: none. */
  readonly parentProxy?: NonNullable<HttpOptions['parentProxy']>;
  /** Milliseconds in all until a request is complete. Default: 10000. */
  readonly timeoutRequestMs?: number;
  /** Write one accounting line for each request. Default: true. */
  readonly logRequests?: boolean;
}

// Their values are checked as those of httpProxy are.
const schema = z
  .strictObject({
    connect: z.unknown(),
    stacks: z.unknown(),
    targetPorts: z.unknown(),
    urlFilter: z.unknown(),
    request: z.unknown(),
    parentProxy: z.unknown(),
    timeoutRequestMs: z.unknown(),
    logRequests: z.unknown(),
  })
  .partial();
registerOptions('socksProxy', schema);

/** Checks settings, and makes them those of the HTTP engine behind; faults are returned. */
export function readSettings(given: SocksOptions): CheckedSettings<HttpSettings> {
  const own = checkSettings(schema, given, {});
  const { request = accept(), connect, ...rest } = own.settings;
  // What is wrong with them is for the schema of httpProxy to say, which does not trust their types.
  const options = { ...rest, mode: 'explicit', connect, request: { CONNECT: request } };
  const http = readHttpSettings(options as HttpOptions);
  const faults = http.faults.map((fault) =>
    fault.path === IN_HTTP ? inSocks(fault, connect) : fault,
  );
  return { settings: http.settings, faults: [...own.faults, ...faults] };
}

const IN_HTTP = 'request.CONNECT';

/** Tells a fault of the rule for CONNECT by the name that it has here; without `connect` that is what is missing. */
function inSocks(fault: Fault, connect: unknown): Fault {
  if (connect !== undefined) return { ...fault, path: 'request' };
  return {
    path: 'connect',
    value: 'undefined',
    cure: 'say which service or program gets what is inside the connections',
  };
}
