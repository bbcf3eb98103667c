// What the finger proxy can be told, with the defaults and the texts for those who get it wrong.

import { z } from 'zod';
import { registerOptions } from '../../proxy/option-owners.ts';
import type { QueryAnswer, QueryRule } from '../../proxy/query-settings.ts';
import { lengthIn, QUERY_OPTIONS, ruleFor } from '../../proxy/query-settings.ts';

/** A request as a function of the policy sees it: what would go to the server. Texts have one character a byte. */
export interface FingerRequest {
  /** Whether `/W` was given: all that there is about the users. */
  readonly isDetailed: boolean;
  /** Empty: the list of users. */
  readonly username: string;
  /** The hosts behind `@` that the server is to pass the request on to, as far as `maxHopCount` permits. */
  readonly hostnames: readonly string[];
  /** The server that the request names, where the router lets it: the last host of the line. */
  readonly server: string | undefined;
}

/** What a function of the policy answers to a request. */
export type FingerAnswer = QueryAnswer<FingerRequest>;

/** Asked about each request, before anything goes to the server. */
export type FingerRule = QueryRule<FingerRequest>;

const HOPS = 'give a whole number of hosts, 0 or more, or "unlimited"';

/** The schema of the settings of the finger proxy. `maxLineLength` holds for the request, too. */
export const fingerSchema = z.strictObject({
  ...QUERY_OPTIONS,
  /** How many hosts behind `@` go to the server; the others are cut from the request. Default: 0. */
  maxHopCount: z
    .union([z.int({ error: HOPS }).min(0, { error: HOPS }), z.literal('unlimited')], {
      error: HOPS,
    })
    .default(0),
  /** Characters of each host behind `@`. Default: 30. */
  maxHostnameLength: lengthIn('characters').default(30),
  /** Characters of the user's name. Default: 8. */
  maxUsernameLength: lengthIn('characters').default(8),
  /** Whether a name has only letters, digits and `_ . -`. Default: true. */
  strictUsernameCheck: z.boolean({ error: 'give true or false' }).default(true),
  /** A function of the policy that decides about each request. Default: none; then all pass. */
  fingerRequest: ruleFor<FingerRequest>().optional(),
});
registerOptions('fingerProxy', fingerSchema);

/** What a policy may write in `fingerProxy({ ... })`. */
export type FingerOptions = z.input<typeof fingerSchema>;

/** The settings of the finger proxy, complete. */
export type FingerSettings = z.output<typeof fingerSchema>;
