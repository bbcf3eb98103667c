// The chain of a denyService: how packets of each family are turned away.

import type { AddressFamily } from '../address/ip-address.ts';
import type { Ipv4Reply, Ipv6Reply } from '../policy/refusal-kind.ts';
import { replyFor } from '../policy/refusal-kind.ts';
import type { DenyService } from '../policy/service.ts';
import type { FilterParts } from './filter-parts.ts';
import { FAMILIES, ofFamily } from './filter-parts.ts';
import type { JsonObject } from './nft-json.ts';
import { ct, DROP, match, meta } from './nft-json.ts';

// A log that a stranger can fill is no log: so many lines a second of each service, and as many at once.
const LOGGED_PER_SECOND = 5;
const LOGGED_AT_ONCE = 20;

/** Makes the chain. @returns its name. */
export function addDenyChain({ commands }: FilterParts, service: DenyService): string {
  const chain = `deny_${service.name}`;
  commands.addChain(chain);
  // An answer to what fits no connection could end one that somebody else has.
  commands.addRule(chain, [match(ct('state'), 'invalid', 'in'), DROP]);
  if (service.logging)
    commands.addRule(chain, [
      { limit: { rate: LOGGED_PER_SECOND, per: 'second', burst: LOGGED_AT_ONCE } },
      { log: { prefix: `zorp: ${service.name} refuses: `, level: 'info' } },
    ]);
  for (const family of FAMILIES) {
    const answer = answerOf(replyFor(service, family), family);
    if (answer !== undefined) commands.addRule(chain, [ofFamily(family), ...answer]);
  }
  commands.addRule(chain, [DROP]);
  return chain;
}

/** The statements of a reply; undefined for none. Only TCP can be reset: other protocols go on, and are dropped. */
function answerOf(
  reply: Ipv4Reply | Ipv6Reply,
  family: AddressFamily,
): readonly JsonObject[] | undefined {
  switch (reply) {
    case 'drop':
      return undefined;
    case 'tcp-reset':
      return [match(meta('l4proto'), 'tcp'), { reject: { type: 'tcp reset' } }];
    default: {
      const type = family === 'ipv4' ? 'icmp' : 'icmpv6';
      return [{ reject: { type, expr: NFT_WORDS[reply] ?? reply.slice('icmp-'.length) } }];
    }
  }
}

/** Where nft has another word than the policy. */
const NFT_WORDS: Readonly<Record<string, string>> = {
  'icmp-proto-unreachable': 'prot-unreachable',
};
