// The proxy for a protocol of the policy's own: a script in the policy file, and the engine that holds it to the rules.

import type { ProxyContext, ProxyEngine, ProxyFactory } from '../../proxy/engine.ts';
import { guard } from '../../proxy/guard.ts';
import { abort } from '../../proxy/policy-action.ts';
import { checkSettings, declare } from '../../proxy/policy-fault.ts';
import type { Script, ScriptResult } from './conversation.ts';
import type { CustomDefinition } from './custom-proxy.ts';
import { CustomCore } from './custom-proxy.ts';
import type { CustomOptions } from './settings.ts';
import { customSchema, definitionSchema } from './settings.ts';
import type { Waiting } from './step.ts';

export type { BodyOptions, BodyOutcome, Preamble } from './body.ts';
export type {
  Conversation,
  NextBytes,
  NextLine,
  Peer,
  Script,
  ScriptResult,
  ScriptVerdict,
} from './conversation.ts';
export type { CustomOptions, TellRefusal } from './settings.ts';
export type { Step, Waiting } from './step.ts';

/**
 * A proxy for a protocol of your own: a script that talks with the client and the server. Nothing reaches the server but
 * what the script sends or relays. `docs/protocols/custom.md` is its tutorial.
 * @example
 * const guess = customProxy('guess', function* ({ client, server, connect, relay }) {
 *   client.sendLine('What is your name?');
 *   const name = yield* client.readLine();
 *   if (name === undefined || !/^[a-z]+$/.test(name)) return reject('No such name');
 *   yield* connect();
 *   server.sendLine(`HELLO ${name}`);
 *   yield* relay();
 *   return accept();
 * });
 */
export function customProxy(
  name: string,
  script: Script,
  options: CustomOptions = {},
): ProxyFactory {
  const checked = checkSettings(definitionSchema, { name, script }, FALLBACK);
  const { settings, faults } = checkSettings(customSchema, options, {});
  const definition: CustomDefinition = { ...checked.settings, settings };
  const made: ProxyFactory = {
    name: definition.name,
    tellsRefusals: settings.tellRefusal !== undefined,
    startsTls: true,
    mayAnswerAlone: settings.connect !== 'first',
    stacks: settings.stacks,
    create: (context: ProxyContext): ProxyEngine => guard(new CustomCore(definition, context)),
    explain: () => explain(definition),
  };
  return declare(made, customProxy, [...checked.faults, ...faults]);
}

const FALLBACK = { name: 'custom', script: refuseAll };

/** Never run: a policy with a faulty script does not load. */
// eslint-disable-next-line require-yield -- it has nothing to wait for
function* refuseAll(): Waiting<ScriptResult> {
  return abort();
}

function explain({ name, settings }: CustomDefinition): string {
  const { clientMaxLineLength, serverMaxLineLength, connect, tellRefusal, stacks } = settings;
  const children = stacks.map((child) => `${child.kind} ${child.name}`);
  return [
    `runs the policy's own script for ${name}`,
    connect === 'first' ? 'after the server is connected' : 'which connects the server itself',
    `reads lines of at most ${clientMaxLineLength} bytes from the client and ${serverMaxLineLength} from the server`,
    `ends after ${settings.timeoutMs} ms without traffic`,
    ...(children.length === 0 ? [] : [`may let contents pass through ${children.join(' or ')}`]),
    ...(tellRefusal === undefined ? [] : ['tells its client why it is refused']),
  ].join(', ');
}
