// The environment of an external program: a search path, the facts of its session, and what the policy says. Nothing of
// Zorp's own environment: there may be secrets in it, and a variable such as LD_PRELOAD would change the program.

import { environmentSchema, SESSION_VARIABLES } from '../policy/program.ts';
import { contentHint } from '../proxy/content-hint.ts';
import { callPolicy, invalidResult } from '../proxy/policy-call.ts';
import type { Environment, Program } from '../proxy/program.ts';
import type { ProxySession } from '../proxy/proxy-session.ts';

/** Where programs are looked up, unless the policy sets PATH itself. */
export const PROGRAM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The environment of a program for a session. Throws a PolicyFault if the function of the policy fails. */
export function programEnvironment(program: Program, session: ProxySession): Environment {
  return { PATH: PROGRAM_PATH, ...ofPolicy(program, session), ...ofSession(session) };
}

const NOTHING = environmentSchema.safeParse(undefined);

function ofPolicy({ name, environment }: Program, session: ProxySession): Environment {
  if (typeof environment !== 'function') return environment;
  const caller = `environment of program ${name}`;
  let checked = NOTHING;
  const made = callPolicy(caller, () => {
    const answer: unknown = environment(session);
    checked = environmentSchema.safeParse(answer); // it may throw when it is read
    return answer;
  });
  if (checked.success) return checked.data;
  const cure = checked.error.issues[0]?.message ?? 'an object';
  throw invalidResult(caller, made, `an object with a text for each variable: ${cure}`);
}

function ofSession(session: ProxySession): Environment {
  const hint = session.get(contentHint);
  const facts: Readonly<Record<string, unknown>> = {
    SESSION_ID: session.sessionId,
    CLIENT: session.clientAddress,
    CLIENT_ZONE: session.clientZone?.name,
    SERVER: session.serverAddress,
    SERVER_ZONE: session.serverZone?.name,
    CONTENT_FORMAT: hint?.format,
    CONTENT_LENGTH: hint?.length,
  };
  return Object.fromEntries(
    Object.entries(facts)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [`${SESSION_VARIABLES}${name}`, String(value)]),
  );
}
