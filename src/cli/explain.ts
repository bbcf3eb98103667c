// zorp explain: what would happen to a connection, by the one function that decides about real ones.

import type { SocketAddress } from '../address/socket-address.ts';
import type { LoadedPolicy } from '../instance/load-policy.ts';
import type { ResolvedPolicy } from '../instance/resolve-names.ts';
import type { ConnectionFacts, Decision } from '../policy/decide.ts';
import { decide } from '../policy/decide.ts';
import { explainDecision, explainText } from '../policy/explain.ts';
import type { Listener } from '../policy/listener.ts';
import { listensOn } from '../policy/own-address.ts';
import type { Policy } from '../policy/policy.ts';
import { plainPaint } from '../log/paint.ts';
import { chooseInstance } from './choose-instance.ts';
import type { ExitCode, Output, Tools } from './command.ts';
import { printJson, safeLines, unresolvedText, wrongUse } from './command.ts';
import type { Destination } from './question.ts';
import { parseClient, parseDestination } from './question.ts';

/** Options of the command, as they stand on the command line. */
export interface ExplainOptions {
  readonly client: string;
  readonly to: string;
  readonly listener?: string;
  readonly instance?: string;
  readonly json: boolean;
}

/** A question that is complete: who comes from where, to which listener. */
interface Question {
  readonly instance: string;
  readonly listener: Listener;
  readonly client: SocketAddress;
  readonly to: Destination;
}

/** Explains what would happen to a connection: 0 if it is permitted, 1 if it is refused. */
export async function explain(
  path: string,
  options: ExplainOptions,
  output: Output,
  tools: Pick<Tools, 'loadPolicy' | 'resolveNames' | 'lookUpHost'>,
): Promise<ExitCode> {
  const client = parseClient(options.client);
  const loaded = await tools.loadPolicy(path);
  const { policy, unresolved } = await tools.resolveNames(loaded);
  const instance = instanceOf(policy, options);
  const to = await parseDestination(options.to, tools);
  const listener = chooseListener(policy, instance, options.listener, to.address);
  const question = { instance, listener, client, to };
  const { facts, decision } = answer(policy, question);
  if (options.json) printAnswer({ ...loaded, unresolved }, question, { facts, decision }, output);
  else {
    output.out(unresolvedText(unresolved));
    output.out(safeLines(describe(question, facts)));
    const color = output.paintOut !== plainPaint;
    output.out(`${explainText(explainDecision(decision), { color })}\n`);
  }
  return decision.outcome === 'permitted' ? 0 : 1;
}

/** A listener's name is unique in the policy, so that it names the instance too. */
function instanceOf(policy: Policy, options: ExplainOptions): string {
  const owner = [...policy.instances].find(([, listeners]) =>
    listeners.some((listener) => listener.name === options.listener),
  );
  return chooseInstance(policy, options.instance ?? owner?.[0]);
}

function chooseListener(
  policy: Policy,
  instance: string,
  name: string | undefined,
  to: SocketAddress,
): Listener {
  const listeners = policy.instances.get(instance) ?? [];
  const names = listeners.map((listener) => listener.name).join(', ');
  const [only, ...others] = listeners;
  if (name === undefined && only !== undefined && others.length === 0) return only;
  const found = listeners.find((listener) =>
    name === undefined ? listensOn(listener, to, to) : listener.name === name,
  );
  if (found !== undefined) return found;
  const what =
    name === undefined
      ? `Instance ${instance} has ${listeners.length} listeners, and none of them listens on ${String(to)}`
      : `Instance ${instance} has no listener "${name}"`;
  throw wrongUse(`${what}: give --listener with one of ${names}`);
}

interface Answer {
  readonly facts: ConnectionFacts;
  readonly decision: Decision;
}

/**
 * Where the protocol may name the server, the client connects to the listener and asks for `to` there. Otherwise `to` is
 * the address that the client connects to, which reaches the listener by a redirection or is its own.
 */
function answer(policy: Policy, { instance, listener, client, to }: Question): Answer {
  const [bind = to.address] = listener.binds;
  const known = { instance, listener, client };
  const named = { ...known, local: bind, connect: { target: to.address } };
  const byName = decide(policy, named);
  if (byName.service?.kind === 'service' && byName.service.router.isOverrideable)
    return { facts: named, decision: byName };
  const direct = { ...known, local: to.address, connect: {} };
  return { facts: direct, decision: decide(policy, direct) };
}

function describe({ listener, client, to }: Question, facts: ConnectionFacts): string {
  const isNamed = facts.connect?.target !== undefined;
  const [used, ...others] = to.resolved ?? [];
  const more = others.length === 0 ? '' : `, the first of ${others.length + 1} addresses`;
  const name = used === undefined ? '' : ` (${to.text} is ${used}${more})`;
  const target = `${String(to.address)}${name}`;
  return isNamed
    ? `${String(client)} connects to listener ${listener.name} at ${String(facts.local)} and asks for ${target}`
    : `${String(client)} connects to ${target}, and listener ${listener.name} takes the connection`;
}

function printAnswer(
  { file, revision, unresolved }: LoadedPolicy & Pick<ResolvedPolicy, 'unresolved'>,
  { instance, listener, client, to }: Question,
  { facts, decision }: Answer,
  output: Output,
): void {
  const question = {
    instance,
    listener: listener.name,
    client: String(client),
    clientLocal: String(facts.local),
    to: to.text,
    address: String(to.address),
    resolved: to.resolved ?? [],
  };
  const ok = decision.outcome === 'permitted';
  const explained = explainDecision(decision);
  printJson(output, { ok, file, revision, question, decision: explained, unresolved });
}
