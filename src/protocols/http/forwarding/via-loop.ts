// The step of the gate for requests that come round in a circle: our own name is in their Via (RFC 9110, 7.6.3).

import type { PromptStep } from '../gate.ts';
import { HeadFields } from '../heads/head-fields.ts';
import { VIA } from '../heads/header-table.ts';
import type { KnownFields } from '../heads/known-fields.ts';
import { policyProblem, Refused } from '../problem.ts';

/** Makes the step; `known` has the fields of the head at the gate. */
export function loopStep(pseudonym: string, known: KnownFields): PromptStep {
  const name = pseudonym.toLowerCase();
  return {
    check({ head }) {
      if (!known.has(VIA)) return undefined;
      const members = new HeadFields(head).members('via');
      if (members.some((member) => receivedBy(member) === name)) throw new Refused(LOOP);
      return undefined;
    },
  };
}

/** Who received a message: `1.1 name`, perhaps with a comment. */
function receivedBy(member: string): string | undefined {
  return member.toLowerCase().split(/[ \t]+/)[1];
}

const LOOP = {
  ...policyProblem('http.via-loop', 'This request has already passed this proxy'),
  status: 508,
};
