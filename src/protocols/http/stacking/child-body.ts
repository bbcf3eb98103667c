// The body of a message that a child looks at, made of what the policy chose and what the message says of it.

import type { Bytes } from '../../../proxy/engine.ts';
import type { Framing } from '../bodies/framing.ts';
import type { HttpPlan } from '../http-plan.ts';
import { headerOf } from './message-header.ts';
import type { ChosenStack } from './stack-plan.ts';
import type { Announcer } from './stacked-body.ts';
import { StackedBody } from './stacked-body.ts';

/** A message whose body a child looks at. */
export interface LookedAt {
  readonly source: 'client' | 'server';
  readonly stack: ChosenStack;
  /** Its head without the empty line; the child gets its fields in MIME form. */
  readonly head: Bytes;
  readonly framing: Framing;
}

/** The body on its way through the child; how long it will be is only known where nothing is decoded. */
export function childBody(
  { settings, stacks }: HttpPlan,
  { source, stack, head, framing }: LookedAt,
  announcer: Announcer,
): StackedBody {
  const header = stack.form === 'mime' ? headerOf(head) : undefined;
  const hasLength = framing.kind === 'length' && stack.decode === undefined;
  return new StackedBody(
    {
      ...{ child: stack.child, source, header },
      maxHeaderBytes: settings.maxHeadBytes,
      decode: stack.decode && stacks?.decoding(stack.decode, header?.length ?? 0),
      length: hasLength ? framing.length : undefined,
      idleTimeoutMs: settings.timeoutMs,
    },
    announcer,
  );
}
