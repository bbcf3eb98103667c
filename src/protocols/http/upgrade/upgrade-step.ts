// The step of the gate for requests that want to go on in another protocol.

import type { Outcome, ProxyContext } from '../../../proxy/engine.ts';
import { verdictOf } from '../../../proxy/policy-action.ts';
import { callPolicy, invalidResult, isPromise, settledValue } from '../../../proxy/policy-call.ts';
import { isStackable } from '../../../proxy/stackable.ts';
import { Violation } from '../../../proxy/violation.ts';
import type { Handshake } from '../../websocket/handshake.ts';
import { readHandshake } from '../../websocket/handshake.ts';
import { isToken } from '../heads/byte-text.ts';
import { statusOf } from '../rules/decision.ts';
import type { Exchange } from '../exchange.ts';
import type { Framing } from '../bodies/framing.ts';
import { hasBody } from '../bodies/framing.ts';
import type { PatientStep, StepResult } from '../gate.ts';
import { HeadFields } from '../heads/head-fields.ts';
import { UPGRADE } from '../heads/header-table.ts';
import type { KnownFields } from '../heads/known-fields.ts';
import { policyProblem, Refused } from '../problem.ts';
import type { UpgradeRule, UpgradeRules } from './upgrade-option.ts';
import type { Upgrade } from './upgrade.ts';
import { isUpgradeAnswer } from './upgrade-option.ts';

/** A request for a protocol that the policy has a rule for. */
interface Asked {
  readonly protocol: string;
  readonly handshake: Handshake | undefined;
  readonly rule: UpgradeRule;
}

const POLICY = 'upgrade policy';
const WEBSOCKET = 'websocket';
const EXTENSIONS = 'sec-websocket-extensions';

/** Makes the step. `known` has the fields of the head that is at the gate. */
export function upgradeStep(given: UpgradeRules, known: KnownFields): PatientStep {
  const rules = new Map(Object.entries(given).map(([name, rule]) => [name.toLowerCase(), rule]));
  return {
    check(exchange: Exchange, { session }: ProxyContext): StepResult {
      const asked = askedFor(exchange, rules, known);
      if (asked === undefined) return undefined;
      const { rule } = asked;
      const answer =
        typeof rule === 'function'
          ? callPolicy(POLICY, () => rule(exchange.policyRequest(), session))
          : rule;
      if (isPromise(answer)) return answer;
      exchange.upgrade = upgradeOf(asked, answer);
      return undefined;
    },
    settled(exchange: Exchange, outcome: Outcome): StepResult {
      const asked = askedFor(exchange, rules, known);
      if (asked !== undefined) exchange.upgrade = upgradeOf(asked, settledValue(POLICY, outcome));
      return undefined;
    },
  };
}

/** What the client asks for, as far as there is a rule for it; throws for a request that is none. */
function askedFor(
  exchange: Exchange,
  rules: ReadonlyMap<string, UpgradeRule>,
  known: KnownFields,
): Asked | undefined {
  const { head, request } = exchange;
  // In HTTP/1.0 it means nothing (RFC 9110, 7.8), and a CONNECT has its own tunnel.
  if (!known.has(UPGRADE) || request.minor === 0 || request.method === 'CONNECT') return undefined;
  const fields = new HeadFields(head);
  const protocols = fields.members('upgrade');
  if (!protocols.every(isProtocol)) throw bad('bad-upgrade', 'Upgrade is not a list of protocols');
  const protocol = protocols.find((one) => rules.has(nameOf(one)));
  const rule = rules.get(nameOf(protocol ?? ''));
  if (protocol === undefined || rule === undefined) return undefined;
  checkRequest(fields, request.framing);
  const isWebSocket = nameOf(protocol) === WEBSOCKET;
  const handshake = isWebSocket ? readHandshake(request.method, fields) : undefined;
  return { protocol, rule, handshake };
}

function checkRequest(fields: HeadFields, framing: Framing): void {
  // Without the option the field is for nobody, and who takes it for a wish nevertheless would be alone with that.
  const options = fields.members('connection').map((option) => option.toLowerCase());
  if (!options.includes('upgrade'))
    throw bad('bad-upgrade', 'Upgrade is not named in the Connection field');
  if (hasBody(framing))
    throw bad('upgrade-with-body', 'A request with a body asks for another protocol');
}

function upgradeOf({ protocol, handshake }: Asked, answer: unknown): Upgrade | undefined {
  if (!isUpgradeAnswer(answer))
    throw invalidResult(POLICY, answer, 'accept(), drop(), reject(), abort(), or what to stack');
  if (isStackable(answer)) {
    // What looks at frames knows no compression: neither side may choose what it does not know (RFC 7692).
    const plain = handshake === undefined ? undefined : { ...handshake, extensions: [] };
    return { protocol, handshake: plain, contents: answer, strip: [EXTENSIONS] };
  }
  if (answer.action === 'accept') return { protocol, handshake, contents: undefined, strip: [] };
  if (answer.action === 'drop') return undefined;
  const text = answer.text ?? 'The policy does not permit this protocol';
  const problem = policyProblem('http.upgrade-not-permitted', text, verdictOf(answer));
  throw new Refused({ ...problem, status: statusOf('upgrade', answer) });
}

/** `name` or `name/version` (RFC 9110, 7.8). */
function isProtocol(text: string): boolean {
  const parts = text.split('/');
  return parts.length <= 2 && parts.every(isToken);
}

function nameOf(protocol: string): string {
  return (protocol.split('/')[0] ?? '').toLowerCase();
}

function bad(rule: string, message: string): Violation {
  return new Violation(`http.${rule}`, 'client', message);
}
