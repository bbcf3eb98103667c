// zorp explain: what would happen to a connection, by the one function that decides about real ones.

import type { InterfaceTable } from '../address/interface-table.ts';
import type { SocketAddress } from '../address/socket-address.ts';
import type { LoadedPolicy } from '../instance/load-policy.ts';
import { plainPaint } from '../log/paint.ts';
import type { ResolvedPolicy } from '../instance/resolve-names.ts';
import type { Decision } from '../policy/decide.ts';
import { explainText } from '../policy/explain-text.ts';
import { explainDecision } from '../policy/explain.ts';
import type { Listener } from '../policy/make-listener.ts';
import { listenerFor } from '../policy/decide-listener.ts';
import { PROTOCOL_NUMBERS } from '../policy/ip-protocol.ts';
import type { Policy } from '../policy/policy.ts';
import type { Answer, Question } from './answer.ts';
import { answer } from './answer.ts';
import { chooseInstance } from './choose-instance.ts';
import type { ExitCode, Output, Tools } from './command.ts';
import { printJson, safeLines, unresolvedText, wrongUse } from './command.ts';
import { describeQuestion, questionData } from './describe-question.ts';
import { isDrawn, otherServers } from './other-servers.ts';
import type { PacketAnswers, PacketOptions } from './packet-options.ts';
import { checkListener, checkPorts, incomingOf, parsePacket } from './packet-options.ts';
import { parseClient, parseDestination } from './question.ts';

/** Options of the command, as they stand on the command line. */
export interface ExplainOptions extends PacketOptions {
  readonly client: string;
  readonly to: string;
  readonly sourcePort?: string;
  readonly listener?: string;
  readonly instance?: string;
  readonly detected?: string;
  readonly json: boolean;
}

/** What an answer does not say by itself. */
interface Beside {
  readonly others: readonly Decision[];
  readonly isNatDrawn: boolean;
}

/** Explains what would happen to a connection: 0 if it is permitted or still to be detected, 1 if it is refused. */
export async function explain(
  path: string,
  options: ExplainOptions,
  output: Output,
  tools: Pick<Tools, 'loadPolicy' | 'resolveNames' | 'lookUpHost' | 'interfaces'>,
): Promise<ExitCode> {
  const client = parseClient(options.client, options.sourcePort);
  const packet = parsePacket(options);
  const loaded = await tools.loadPolicy(path);
  const { policy, unresolved } = await tools.resolveNames(loaded);
  const instance = instanceOf(policy, options);
  const to = await parseDestination(options.to, policy, tools);
  checkPorts(packet.protocol, { client, to });
  const interfaces = tools.interfaces();
  const wanted = { policy, instance, name: options.listener, interfaces };
  const listener = chooseListener(wanted, to.address, packet);
  checkListener(packet, listener, policy.instances.get(instance) ?? []);
  const question: Question = {
    ...{ instance, listener, client: client.address, to, interfaces },
    ...{ protocol: protocolOf(packet, listener), icmp: packet.icmp, requestId: packet.requestId },
    ...{ incoming: incomingOf(packet, listener, interfaces), detected: options.detected },
  };
  const given = answer(policy, question);
  const others = otherServers(policy, given, to);
  const beside = { others, isNatDrawn: isDrawn(policy, given) };
  if (options.json)
    printJson(output, answerData({ ...loaded, unresolved }, question, given, beside));
  else {
    output.out(unresolvedText(unresolved));
    printText(question, given, beside, output);
  }
  return given.decision.outcome === 'refused' ? 1 : 0;
}

/** A listener's name is unique in the policy, so that it names the instance too. */
function instanceOf(policy: Policy, options: ExplainOptions): string {
  const owner = [...policy.instances].find(([, listeners]) =>
    listeners.some((listener) => listener.name === options.listener),
  );
  return chooseInstance(policy, options.instance ?? owner?.[0]);
}

/** A receiver gets datagrams, also where nobody says so. */
function protocolOf({ protocol }: PacketAnswers, listener: Listener): number | undefined {
  return protocol ?? (listener.protocol === 'udp' ? PROTOCOL_NUMBERS.udp : undefined);
}

interface WantedListener {
  readonly policy: Policy;
  readonly instance: string;
  /** Undefined: the only one, or the one that listens there. */
  readonly name: string | undefined;
  readonly interfaces: InterfaceTable;
}

/** Where a TCP and a UDP port have the same number, and nobody says which, it is TCP. */
function chooseListener(
  { policy, instance, name, interfaces }: WantedListener,
  to: SocketAddress,
  { protocol }: PacketAnswers,
): Listener {
  const listeners = policy.instances.get(instance) ?? [];
  const names = listeners.map((listener) => listener.name).join(', ');
  const [only, ...others] = listeners;
  if (name === undefined && only !== undefined && others.length === 0) return only;
  // What listens there for datagrams only is a better answer than none.
  const wanted = [protocol ?? PROTOCOL_NUMBERS.tcp, PROTOCOL_NUMBERS.udp];
  const found =
    name === undefined
      ? wanted
          .map((number) => listenerFor(listeners, { to, protocol: number, interfaces }))
          .find(Boolean)?.listener
      : listeners.find((listener) => listener.name === name);
  if (found !== undefined) return found;
  const what =
    name === undefined
      ? `Instance ${instance} has ${listeners.length} listeners, and none of them listens on ${String(to)}`
      : `Instance ${instance} has no listener "${name}"`;
  throw wrongUse(`${what}: give --listener with one of ${names}`);
}

const MOST_OTHERS = 20; // servers in the text; --json has all

/** The answer in words, and what it leaves out. */
function printText(
  question: Question,
  given: Answer,
  { others, isNatDrawn }: Beside,
  output: Output,
): void {
  const lines = others.map((decision) => {
    const { outcome, reason, server } = explainDecision(decision);
    return `  ${server ?? 'no server'}: ${outcome}${outcome === 'refused' ? ` ${reason}` : ''}`;
  });
  const notes = [
    ...(isNatDrawn ? ['NAT draws its addresses by chance: these are an example'] : []),
    ...(lines.length === 0 ? [] : ['The chainer may also go to']),
    ...lines.slice(0, MOST_OTHERS),
    ...(lines.length <= MOST_OTHERS ? [] : [`  ... and ${lines.length - MOST_OTHERS} more`]),
  ];
  const color = output.paintOut !== plainPaint;
  output.out(safeLines(describeQuestion(question, given)));
  output.out(`${explainText(explainDecision(given.decision), { color })}\n`);
  if (notes.length > 0) output.out(safeLines(notes.join('\n')));
}

function answerData(
  { file, revision, unresolved }: LoadedPolicy & Pick<ResolvedPolicy, 'unresolved'>,
  question: Question,
  given: Answer,
  { others, isNatDrawn }: Beside,
): object {
  const otherServers = others.map((decision) => {
    const { outcome, reason, server, serverZone } = explainDecision(decision);
    return { server, serverZone, outcome, reason };
  });
  return {
    ok: given.decision.outcome !== 'refused',
    file,
    revision,
    question: questionData(question, given),
    decision: explainDecision(given.decision),
    otherServers,
    isNatDrawn,
    unresolved,
  };
}
