// Stacking: a service or a program runs on the payload of a proxy. Whether it may is decided here.

import { decideStack } from '../policy/decide-stack.ts';
import type { Service } from '../policy/service.ts';
import { contentHint } from '../proxy/content-hint.ts';
import type { ContentVerdict } from '../proxy/content-verdict.ts';
import type { ConnectFailure, StackedChild } from '../proxy/engine.ts';
import { isDeclared } from '../proxy/policy-fault.ts';
import type { Program } from '../proxy/program.ts';
import type { ChildStart } from './child-start.ts';
import { DecodedStream } from './decoded-stream.ts';
import type { ChildListener, RunningChild, StackRequest } from './pump-host.ts';
import type { Runtime } from './runtime.ts';
import { StackedSession } from './session.ts';
import { NOT_RUNNING, startProgram } from './stack-program.ts';
import { ServiceChild } from './stack-service.ts';
import type { StackInChild } from './stack-service.ts';

// A proxy in a proxy in a proxy is deep; a policy whose services stack one another in a circle must not go on for ever.
const MAX_STACK_DEPTH = 8;

/** Starts a service or a program under the proxy of a session, if the policy permits it. */
export function stackChild(
  runtime: Runtime,
  parent: StackedSession,
  request: StackRequest,
  listener: ChildListener,
): RunningChild {
  const permission = permit(runtime, parent, request.child);
  if (!permission.ok) {
    listener.refused(permission.failure);
    return NOT_RUNNING;
  }
  const { child } = permission;
  const session = new StackedSession(
    parent,
    child.kind === 'service' ? child.proxy.name : child.name,
  );
  session.set(contentHint, request.hint); // also without one: that of the parent is about other contents
  parent.connection.recordStacked(child.name);
  const start: ChildStart = {
    runtime,
    session,
    listener: decoding(runtime, request, listener),
    finished: () => {
      runtime.counters.stop(child.name);
    },
  };
  if (child.kind === 'program') return startProgram(child, start);
  const stack: StackInChild = (asked, its) => stackChild(runtime, session, asked, its);
  return new ServiceChild(child, start, stack);
}

/** Puts a decoder before the child, where its parent asks for one. */
function decoding(runtime: Runtime, request: StackRequest, listener: ChildListener): ChildListener {
  const { decode } = request;
  if (decode === undefined) return listener;
  const { makeDecoder } = runtime.outside;
  const failed = (verdict: ContentVerdict): void => {
    listener.said({ type: 'stack-content-verdict', verdict });
  };
  return {
    started: ({ client, server }) => {
      const decoded = new DecodedStream(client, { decoding: decode, makeDecoder, failed });
      listener.started({ client: decoded, server });
    },
    refused: (failure) => {
      listener.refused(failure);
    },
    said: (word) => {
      listener.said(word);
    },
    ended: (verdict, reason, message) => {
      listener.ended(verdict, reason, message);
    },
  };
}

type Permission =
  | { readonly ok: true; readonly child: Service | Program }
  | { readonly ok: false; readonly failure: ConnectFailure };

/** Whether a child may run now; if so it is counted. A program belongs to the service that stacks it: no list names it. */
function permit(runtime: Runtime, parent: StackedSession, asked: StackedChild): Permission {
  // A function of the policy may answer with anything that looks like one. Services are looked up by their names.
  const isMade = asked.kind === 'program' ? isDeclared(asked) : isText(asked.name);
  if (!isMade) return { ok: false, failure: IMITATION };
  const permission: Permission =
    asked.kind === 'program' ? { ok: true, child: asked } : permitService(parent, asked.name);
  if (!permission.ok) return permission;
  if (parent.depth >= MAX_STACK_DEPTH) return { ok: false, failure: TOO_DEEP };
  const { child } = permission;
  const maxInstances = child.kind === 'program' ? child.maxInstances : child.limits.maxInstances;
  return runtime.counters.start(child.name, maxInstances)
    ? permission
    : { ok: false, failure: TOO_MANY };
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function permitService(parent: StackedSession, name: string): Permission {
  const { clientZone, serverZone } = parent.master;
  const { loaded, rule } = parent.connection.facts;
  const startedBy = rule === undefined ? 'listener' : 'rule';
  const decision = decideStack(loaded.policy, { name, clientZone, serverZone, startedBy });
  return decision.ok ? { ok: true, child: decision.service } : decision;
}

const IMITATION: ConnectFailure = {
  reason: 'policy.invalid-result',
  verdict: 'invalid-policy-call',
  message:
    'What a function of the policy stacks was made by neither service() nor program(): return one of those that the policy has',
};

const TOO_DEEP: ConnectFailure = {
  reason: 'limit.stack-depth',
  verdict: 'denied-by-limit',
  message: `Services may be stacked ${String(MAX_STACK_DEPTH)} deep at most`,
};

const TOO_MANY: ConnectFailure = {
  reason: 'limit.max-instances',
  verdict: 'denied-by-limit',
  message: 'The stacked service or program has as many sessions as it may have',
};
