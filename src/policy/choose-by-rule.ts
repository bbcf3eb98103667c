// The choice of a service by the rules: of all that match, the most specific wins.

import type { ListenedFacts } from './decision.ts';
import type { ZonePair } from './choose-service.ts';
import type { Packet } from './packet.ts';
import type { Policy } from './policy.ts';
import { RuleContest } from './rule-contest.ts';
import type { RuleMatch } from './rule-index.ts';
import type { Trace } from './trace.ts';

const TCP = 6; // the IP protocol number, as everywhere in rules

/** The rule that wins; undefined if none matches. The trace can tell all that match, with their scores. */
export function chooseByRule(
  policy: Policy,
  facts: ListenedFacts,
  zones: ZonePair,
  trace: Trace,
): RuleMatch | undefined {
  const packet = packetOf(facts, zones);
  const match = policy.ruleIndex.best(packet);
  trace.push(
    match === undefined
      ? { check: 'rule', outcome: 'refused', subject: undefined, because: 'no rule matches' }
      : {
          check: 'rule',
          outcome: 'chosen',
          subject: match.rule,
          because: MOST_SPECIFIC,
          value: new RuleContest(policy.ruleIndex, packet),
        },
  );
  return match;
}

const MOST_SPECIFIC = 'it is the most specific that matches';

/** A connection as rules see it: the destination is the original one, before routing and translation. */
function packetOf(facts: ListenedFacts, zones: ZonePair): Packet {
  const { client, local, listener } = facts;
  return {
    client,
    local,
    clientZone: zones.client,
    destinationZone: zones.destination,
    protocol: facts.protocol ?? TCP,
    icmp: facts.icmp,
    incoming: facts.incoming ?? listener.incoming,
    requestId: facts.requestId,
  };
}
