// Explain and reality agree: random connections under random policies, through the real dispatcher with everything in
// memory, become exactly what was told of them beforehand.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpAddress } from '../../src/address/ip-address.ts';
import { SocketAddress } from '../../src/address/socket-address.ts';
import { explain } from '../../src/cli/explain.ts';
import type { ExplainedDecision } from '../../src/policy/explain.ts';
import type { Service } from '../../src/policy/service.ts';
import { CliWorld } from '../support/cli-world.ts';
import { Forecast } from '../support/forecast.ts';
import type { Outcome } from '../support/outcome.ts';
import type { PolicyCase } from '../support/policy-cases.ts';
import { policyCases } from '../support/policy-cases.ts';
import type { ConnectionSeed, Question } from '../support/random-connection.ts';
import { question } from '../support/random-connection.ts';
import type { MakeProxy, PolicySeed, RandomPolicy } from '../support/random-policy.ts';
import { policySeed, randomPolicy } from '../support/random-policy.ts';
import { Reality, Stage } from '../support/reality.ts';
import { loadedOf } from '../support/system-instance.ts';
import { tryAllAsync } from './run-law.ts';

// The cases of this seed reach everything there is; those that chance chooses may miss what is rare.
const SEED = 7;
const SEEDED_CASES = 250;

/** What became of the connections of a case, after a check that it was foretold. */
async function checkCase({ policy: seed, connections }: PolicyCase): Promise<readonly string[]> {
  const stage = new Stage();
  const model = randomPolicy(seed, stage.makeProxy);
  const forecast = new Forecast(model.policy);
  const reality = new Reality({ policy: model.policy, revision: 'f00d' }, stage);
  const told: Outcome[] = [];
  for (const one of connections) {
    const listener = model.listeners[one.listener];
    assert.ok(listener !== undefined);
    told.push(forecast.of(listener, one));
    await reality.accept(listener, one);
  }
  const outcomes = await reality.outcomes();
  assert.deepEqual(outcomes, told);
  assert.deepEqual(reality.world.leftovers(), []);
  return outcomes.flatMap((outcome, index) => [
    ...happenings(model, outcome),
    ...detections(model, outcome, connections[index]),
  ]);
}

/** What has happened to a connection, to see that random ones reach it. */
function happenings({ policy }: RandomPolicy, { record, client, requests }: Outcome): string[] {
  if (record === undefined) return [`${client}, not recorded`];
  const { listener, reason, rule, connects, stacked } = record;
  const service = policy.services.find(({ name }) => name === record.service);
  const tries = service?.kind === 'service' ? triesOf(service, record) : [];
  const froms = requests.map(({ local, localLoose, localRandom }) =>
    local === undefined
      ? 'from anywhere'
      : `from${localLoose ? ' loose' : ''}${localRandom ? ' random' : ''} port`,
  );
  return [
    `${listener} listener`,
    `${rule === null ? 'listener' : 'rule'}: ${reason}`,
    client.replace(/: .*,/, ','),
    ...connects.map(({ outcome }) => `attempt: ${outcome}`),
    ...tries,
    ...froms,
    ...(stacked.length > 0 ? ['stacked'] : []),
  ];
}

function triesOf(
  { chainer, router }: Service,
  { connects, reason }: NonNullable<Outcome['record']>,
): string[] {
  const isServed = reason === 'done' || reason === 'over';
  const served = isServed ? [`served by ${router.type} router`] : [];
  const tries = connects.length > 1 ? 'several tries' : connects.length === 1 ? 'a try' : 'no try';
  return [...served, `${chainer.type} chainer: ${tries}`];
}

/** How the first bytes named the service. */
function detections(
  { policy }: RandomPolicy,
  { record }: Outcome,
  seed?: ConnectionSeed,
): string[] {
  const lines = policy.rules.find(({ id }) => id === record?.rule)?.rule.detect ?? [];
  if (lines.length === 0 || seed === undefined) return [];
  const isListed = lines.some(({ service }) => service.name === record?.service);
  const isSilent = seed.says.length === 0 && !seed.ends;
  return [
    `${isSilent ? 'a silent' : 'a talking'} client ${isListed ? 'may be' : 'is not'} detected`,
  ];
}

describe('what is told of a connection beforehand', () => {
  it('is what becomes of it', async () => {
    await tryAllAsync(policyCases, checkCase);
  });

  it('is compared where everything happens that can happen', async () => {
    const seen = new Set<string>();
    for (const one of fc.sample(policyCases, { numRuns: SEEDED_CASES, seed: SEED }))
      for (const what of await checkCase(one)) seen.add(what);
    assert.deepEqual(
      EVERYTHING.filter((what) => !seen.has(what)),
      [],
    );
  });
});

describe('zorp explain', () => {
  it('says what becomes of a connection', async () => {
    await tryAllAsync(fc.tuple(policySeed, question), checkQuestion);
  });
});

/** Asks the command, and compares its answer with what becomes of a first connection of that kind. */
async function checkQuestion([seed, asked]: readonly [PolicySeed, Question]): Promise<void> {
  const stage = new Stage();
  // What a proxy stacks is no part of the question.
  const makeProxy: MakeProxy = (_stacked, { tellsRefusals = false }) =>
    stage.makeProxy(undefined, { tellsRefusals });
  const model = randomPolicy(seed, makeProxy);
  const listener = model.listeners[asked.listener];
  assert.ok(listener !== undefined);
  const { local, decision } = await askCommand(model, listener.name, asked);
  const to = SocketAddress.parse(asked.to);
  const target = { host: String(to.address), port: to.port };
  const reality = new Reality({ policy: model.policy, revision: 'f00d' }, stage);
  await reality.accept(listener, { ...QUIET, ...asked, local, target });
  const [outcome] = await reality.outcomes();
  const record = outcome?.record;
  const isDetecting = decision.outcome === 'detecting'; // the answer for each protocol is another one
  if (record === undefined) {
    assert.ok(
      isDetecting || (decision.reason === 'service.denied' && decision.service === 'reset'),
    );
    return;
  }
  const { rule, service, client, server } = record;
  assert.deepEqual(
    { rule: decision.rule, clientZone: decision.clientZone },
    { rule, clientZone: client.zone },
  );
  if (isDetecting) return;
  const reason = record.reason === 'done' ? 'permitted' : record.reason;
  const said = { reason: decision.reason, service: decision.service, server: decision.server };
  const reached =
    server === null ? null : String(SocketAddress.of(IpAddress.parse(server.address), server.port));
  assert.deepEqual(said, { reason, service, server: reached });
  if (reason === 'permitted') assert.equal(decision.serverZone, server?.zone);
  else assert.deepEqual([decision.verdict, decision.message], [record.verdict, record.message]);
}

/** A connection at which nothing goes wrong. */
const QUIET: Omit<ConnectionSeed, 'listener' | 'client' | 'local' | 'target'> = {
  ...{ named: [], says: [], ends: true, greeting: '', outcomes: [], stays: false, draw: 0 },
};

interface CommandAnswer {
  readonly local: string;
  readonly decision: ExplainedDecision;
}

async function askCommand(
  { policy, hosts }: RandomPolicy,
  listener: string,
  { client, to }: Question,
): Promise<CommandAnswer> {
  const world = new CliWorld();
  for (const [host, addresses] of hosts) world.names.set(host, addresses.map(String));
  const tools = { ...world.tools, loadPolicy: () => Promise.resolve(loadedOf(policy)) };
  await explain('policy.ts', { client, to, listener, json: true }, world.output, tools);
  // The command itself wrote it.
  const { question: answered, decision } = JSON.parse(world.out) as {
    question: { clientLocal: string };
    decision: ExplainedDecision;
  };
  return { local: answered.clientLocal, decision };
}

const EVERYTHING: readonly string[] = [
  ', destroy',
  ', reset',
  ', reset, not recorded',
  'a silent client is not detected',
  'a silent client may be detected',
  'a talking client is not detected',
  'a talking client may be detected',
  'attempt: access.inbound',
  'attempt: access.target-zones',
  'attempt: connect.local-address',
  'attempt: connect.refused',
  'attempt: connect.timeout',
  'attempt: connect.unreachable',
  'attempt: connected',
  'attempt: nat.family-mismatch',
  'attempt: nat.refused',
  'attempt: resolve.unknown',
  'attempt: route.loop',
  'attempt: route.mixed-answer',
  'attempt: route.no-target',
  'attempt: route.private',
  'attempt: zone.server-unknown',
  'availability chainer: a try',
  'availability chainer: no try',
  'connect chainer: a try',
  'connect chainer: no try',
  'connect chainer: several tries',
  'cs-zone listener',
  'failed, reset',
  'failover chainer: a try',
  'failover chainer: no try',
  'failover chainer: several tries',
  'from anywhere',
  'from loose port',
  'from loose random port',
  'from port',
  'listener: access.inbound',
  'listener: access.outbound',
  'listener: access.target-zones',
  'listener: connect.local-address',
  'listener: connect.refused',
  'listener: connect.timeout',
  'listener: connect.unreachable',
  'listener: done',
  'listener: limit.max-instances',
  'listener: listener.no-service',
  'listener: nat.family-mismatch',
  'listener: nat.refused',
  'listener: over',
  'listener: resolve.unknown',
  'listener: route.loop',
  'listener: route.no-target',
  'listener: rule.none',
  'listener: service.denied',
  'listener: zone.client-unknown',
  'listener: zone.server-unknown',
  'multi-target chainer: a try',
  'multi-target chainer: no try',
  'multi-target chainer: several tries',
  'plain listener',
  'refused, reset',
  'round-robin chainer: a try',
  'round-robin chainer: no try',
  'round-robin chainer: several tries',
  'rule listener',
  'rule: access.inbound',
  'rule: access.outbound',
  'rule: access.target-zones',
  'rule: connect.local-address',
  'rule: connect.refused',
  'rule: connect.timeout',
  'rule: connect.unreachable',
  'rule: detect.none',
  'rule: done',
  'rule: limit.max-instances',
  'rule: nat.family-mismatch',
  'rule: nat.refused',
  'rule: over',
  'rule: resolve.unknown',
  'rule: route.loop',
  'rule: route.no-target',
  'rule: service.denied',
  'served by directed router',
  'served by inband router',
  'served by transparent router',
  'served, ',
  'served, reset',
  'stacked',
  'wide listener',
  'zone listener',
];
