// zorp explain: what would happen to a connection, by the one function that decides about real ones.

import type { SocketAddress } from '../address/socket-address.ts';
import type { LoadedPolicy } from '../instance/load-policy.ts';
import type { ResolvedPolicy } from '../instance/resolve-names.ts';
import { explainDecision, explainText } from '../policy/explain.ts';
import type { Listener } from '../policy/listener.ts';
import { listensOn } from '../policy/own-address.ts';
import type { Policy } from '../policy/policy.ts';
import { plainPaint } from '../log/paint.ts';
import type { Answer, Question } from './answer.ts';
import { answer } from './answer.ts';
import { chooseInstance } from './choose-instance.ts';
import type { ExitCode, Output, Tools } from './command.ts';
import { printJson, safeLines, unresolvedText, wrongUse } from './command.ts';
import { parseClient, parseDestination } from './question.ts';

/** Options of the command, as they stand on the command line. */
export interface ExplainOptions {
  readonly client: string;
  readonly to: string;
  readonly listener?: string;
  readonly instance?: string;
  readonly json: boolean;
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

function describe({ listener, client, to }: Question, facts: Answer['facts']): string {
  const isNamed = facts.connect?.target !== undefined;
  const used = usedAddress(to, facts);
  const all = to.resolved ?? [];
  const place = all[0] === String(used.address) ? 'the first' : 'one';
  const more = all.length < 2 ? '' : `, ${place} of ${all.length} addresses`;
  const name = to.resolved === undefined ? '' : ` (${to.text} is ${String(used.address)}${more})`;
  const target = `${String(used)}${name}`;
  return isNamed
    ? `${String(client)} connects to listener ${listener.name} at ${String(facts.local)} and asks for ${target}`
    : `${String(client)} connects to ${target}, and listener ${listener.name} takes the connection`;
}

function usedAddress(to: Question['to'], { connect }: Answer['facts']): SocketAddress {
  return connect?.target ?? to.address;
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
    address: String(usedAddress(to, facts)),
    resolved: to.resolved ?? [],
  };
  const ok = decision.outcome === 'permitted';
  const explained = explainDecision(decision);
  printJson(output, { ok, file, revision, question, decision: explained, unresolved });
}
