// Asks `zorp explain` about the policy of rules, in this process.
import { after } from 'node:test';
import type { ExplainOptions } from '../../src/cli/explain.ts';
import { explain } from '../../src/cli/explain.ts';
import { CliWorld } from './cli-world.ts';
import { PolicyFiles } from './policy-files.ts';
import { RULE_POLICY } from './rule-policy-file.ts';

/** What `--json` gives, with the exit code. */
export interface ExplainedAnswer {
  readonly code: number;
  readonly ok: boolean;
  readonly question: Readonly<Record<string, unknown>>;
  readonly decision: Readonly<Record<string, unknown>>;
  readonly otherServers: readonly unknown[];
  readonly isNatDrawn: boolean;
}

const files = new PolicyFiles();
const path = files.write('rules.ts', RULE_POLICY);
after(() => files.remove());

const DEFAULTS = { client: '10.1.0.1', to: '192.0.2.7:80', listener: 'side' };

/** The answer as text. */
export async function explainAsText(options: Partial<ExplainOptions>): Promise<string> {
  const world = new CliWorld();
  await explain(path, { ...DEFAULTS, ...options, json: false }, world.output, world.tools);
  return world.out;
}

/** The answer as data; the name www.example has three addresses. */
export async function explainAsData(options: Partial<ExplainOptions>): Promise<ExplainedAnswer> {
  const world = new CliWorld();
  world.names.set('www.example', ['192.0.2.7', '192.0.2.8', '10.0.0.7']);
  const given = { ...DEFAULTS, ...options, json: true };
  const code = await explain(path, given, world.output, world.tools);
  return { code, ...(JSON.parse(world.out) as Omit<ExplainedAnswer, 'code'>) };
}
