// What the whois proxy can be told, with the defaults and the texts for those who get it wrong.

import { z } from 'zod';
import { registerOptions } from '../../proxy/option-owners.ts';
import type { QueryAnswer, QueryRule } from '../../proxy/query-settings.ts';
import { lengthIn, QUERY_OPTIONS, ruleFor } from '../../proxy/query-settings.ts';

/** A request as a function of the policy sees it. */
export interface WhoisRequest {
  /** The line of the client without its end, one character a byte; never a control character in it. */
  readonly query: string;
}

/** What a function of the policy answers to a request. */
export type WhoisAnswer = QueryAnswer<WhoisRequest>;

/** Asked about each request, before anything goes to the server. */
export type WhoisRule = QueryRule<WhoisRequest>;

/** The schema of the settings of the whois proxy. */
export const whoisSchema = z.strictObject({
  ...QUERY_OPTIONS,
  /** Bytes of the request without its line end. Default: 128. */
  maxRequestLength: lengthIn('bytes').default(128),
  /** A function of the policy that decides about each request. Default: none; then all pass. */
  whoisRequest: ruleFor<WhoisRequest>().optional(),
});
registerOptions('whoisProxy', whoisSchema);

/** What a policy may write in `whoisProxy({ ... })`. */
export type WhoisOptions = z.input<typeof whoisSchema>;

/** The settings of the whois proxy, complete. */
export type WhoisSettings = z.output<typeof whoisSchema>;
