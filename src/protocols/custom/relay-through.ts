// What a script writes to run a child on what passes: on everything, or on one body.

import type { Stackable } from '../../proxy/engine.ts';
import { disregard, isPromise } from '../../proxy/policy-call.ts';
import { showValue } from '../../proxy/policy-fault.ts';
import { isStackable } from '../../proxy/stackable.ts';
import type { BodyOptions, BodyOutcome, Preamble } from './body.ts';
import { bodySchema } from './body.ts';
import { ChildRelay } from './child-relay.ts';
import { ChildTransfer } from './child-transfer.ts';
import { Unavailable } from './ending.ts';
import type { PeerName } from './inbox.ts';
import type { Parts } from './parts.ts';
import { bytesOf } from './sent-data.ts';
import type { Given, Waiting } from './step.ts';
import { given, Step } from './step.ts';

const CALL = 'relayThrough()';

/** Lets everything pass through a child, in both directions, until it ends. */
export function relayThrough(parts: Parts, child: Stackable): Waiting<undefined> {
  const { referee, slot, wire } = parts;
  return referee.waiting(() => {
    checkChild(parts, child);
    const relay = new ChildRelay(child, wire);
    const begin = () => {
      slot.begin(relay);
    };
    const attempt = (): Given<undefined> | undefined => {
      const { result } = relay;
      if (result === undefined || result === 'over') return result && given(undefined);
      return { ok: false, error: new Unavailable(result) };
    };
    return new Step({ call: CALL, reads: [], begin, attempt });
  });
}

/** Lets a body of one peer pass through a child to the other one. */
export function relayBodyThrough(
  from: PeerName,
  parts: Parts,
  child: Stackable,
  options: BodyOptions = {},
): Waiting<BodyOutcome> {
  let made: Body | undefined;
  const beginning = parts.referee.waiting(() => {
    checkChild(parts, child);
    const body = makeBody(from, parts, { child, options });
    made = body;
    const { transfer } = body;
    return new Step({
      call: `${from}.${CALL}`,
      reads: [],
      begin: () => {
        parts.slot.begin(transfer);
      },
      attempt: () =>
        transfer.hasBegun || transfer.outcome !== undefined ? given(undefined) : undefined,
    });
  });
  return goOn(beginning, parts, () => made);
}

/** A body, and the function that announces it, if it is one. */
interface Body {
  readonly transfer: ChildTransfer;
  readonly preamble: Preamble | undefined;
}

function makeBody(
  from: PeerName,
  parts: Parts,
  { child, options }: { readonly child: Stackable; readonly options: BodyOptions },
): Body {
  const { data, error } = bodySchema.safeParse(options);
  if (data === undefined) {
    const [issue] = error.issues;
    const path = issue?.path.join('.') ?? '';
    return parts.referee.fail(`called ${CALL} with a wrong ${path}: ${issue?.message ?? ''}`);
  }
  const { length = Infinity, preamble, keepAlive, ...rest } = data;
  const isFunction = typeof preamble === 'function';
  const plan = {
    ...rest,
    child,
    from,
    length,
    encoding: parts.settings.encoding,
    preamble: isFunction ? ('by-script' as const) : bytesOf(preamble, parts),
    ...(keepAlive && {
      keepAlive: { everyMs: keepAlive.everyMs, bytes: bytesOf(keepAlive.data, parts) },
    }),
  };
  const transfer = new ChildTransfer(plan, parts.wire);
  return { transfer, preamble: isFunction ? preamble : undefined };
}

/** After the beginning: the announcement, if that is the script's, and the end. */
function* goOn(
  beginning: Waiting<undefined>,
  parts: Parts,
  made: () => Body | undefined,
): Waiting<BodyOutcome> {
  yield* beginning;
  const { transfer, preamble } = made() ?? parts.referee.fail(`has no body`);
  if (preamble !== undefined && !transfer.isOver) {
    const isAnnounced: unknown = yield* runOf(preamble, transfer.outputLength, parts);
    if (typeof isAnnounced !== 'boolean')
      parts.referee.fail(`returned ${showValue(isAnnounced)} from preamble: return true or false`);
    transfer.announced(isAnnounced ? 'announced' : 'declined');
  }
  return yield* parts.referee.waiting(() => {
    const attempt = () => transfer.outcome && given(transfer.outcome);
    return new Step({ call: `${transfer.from}.${CALL}`, reads: [], attempt });
  });
}

/** A preamble that was begun; an async function, say, makes none. */
function runOf(
  preamble: Preamble,
  length: number | undefined,
  { referee }: Parts,
): Waiting<boolean> {
  const made: unknown = preamble(length);
  if (typeof made === 'object' && made !== null && Symbol.iterator in made)
    return made as Waiting<boolean>; // what it yields is looked at each time
  if (isPromise(made)) disregard(made);
  return referee.fail(
    `returned ${showValue(made)} as preamble: write it as function* (length) { ... }`,
  );
}

function checkChild({ referee, settings }: Parts, child: unknown): void {
  if (isStackable(child) && settings.stacks.includes(child)) return;
  const what = isStackable(child) ? `the ${child.kind} ${child.name}` : showValue(child);
  referee.fail(`called ${CALL} with ${what}: name it in the option stacks`);
}
