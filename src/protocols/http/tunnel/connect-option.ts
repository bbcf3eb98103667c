// What is inside CONNECT goes to a service: to one for all tunnels, by port, by a function, or by its first bytes.

import { z } from 'zod';
import type { PortRange } from '../../../address/port-range.ts';
import { PortSet } from '../../../address/port-range.ts';
import type { Detector } from '../../../proxy/detector.ts';
import type { Stackable, StackChoice, Target } from '../../../proxy/engine.ts';
import type { Reject } from '../../../proxy/policy-action.ts';
import type { ProxySession } from '../../../proxy/proxy-session.ts';
import { isStackable, stackChoiceSchema, stackableSchema } from '../../../proxy/stackable.ts';

/** One line of `detect`: contents that this detector recognises get this service. */
export interface ContentChoice {
  readonly detector: Detector;
  readonly service: StackChoice;
}

/** Contents that are told apart by their first bytes. */
export interface ContentDetection {
  /** The first of them that recognises the contents counts. */
  readonly detect: readonly ContentChoice[];
  /** What gets contents that none recognises. Default: such tunnels are cut off. */
  readonly service?: StackChoice | undefined;
}

/** What the contents of a tunnel go to. */
export type TunnelContents = Stackable | ContentDetection;

/** What a function may answer about a tunnel: whatever it stacks is listed in `stacks`. */
export type ConnectAnswer = TunnelContents | Reject;

/** Chooses what the contents of a tunnel to this host and port go to. It may be async. */
export type ConnectFunction = (
  target: Target,
  session: ProxySession,
) => ConnectAnswer | PromiseLike<ConnectAnswer>;

/** By port of the target: `443`, `'8000-8999'`, `'*'` for all others. The narrowest range counts. */
export type ConnectByPort = Readonly<Record<string, TunnelContents>>;

/** What a policy may write in `connect`. */
export type ConnectOption = TunnelContents | ConnectFunction | ConnectByPort;

const CONTENTS_CURE =
  'give a service or a program, or { detect: [{ detector: tlsDetector(), service: tls }] }';
const CONNECT_CURE =
  'give a service made by service(), a program, { detect: [...] }, a table by port such as { 443: tls }, or a function';

const PROXY_CURE =
  "give a service that has this proxy, such as service('tunnel', { proxy: plugProxy() })";

const choice = z.strictObject({
  detector: z
    .custom<Detector>((value) => isKind(value, 'detector'), {
      error: 'give a detector, such as tlsDetector()',
    })
    .refine(({ judgeCertificate }) => judgeCertificate === undefined, {
      error:
        'in a tunnel no server is visited for its certificate: give sniDetector(), or certificateDetector() in the detect of a rule',
    }),
  service: stackChoiceSchema,
});

const detection = z.strictObject(
  {
    detect: z
      .array(choice, { error: 'give a list: [{ detector: tlsDetector(), service: tls }]' })
      .min(1, { error: 'give at least one detector, or the service alone' })
      .readonly(),
    service: stackChoiceSchema.optional(),
  },
  { error: CONNECT_CURE },
);

const port = z
  .string()
  .refine((text) => text === '*' || isPorts(text), { error: "write a port, '8000-8999', or '*'" });

const contents = z.union([stackableSchema, detection], { error: CONTENTS_CURE });

/** The schema of `connect`. Which kind was meant is seen by its shape, so that the faults are those of that kind. */
export const connectSchema = z.unknown().transform((given, context): ConnectOption => {
  if (typeof given === 'function') return given as ConnectFunction; // what it answers is checked when it does
  if (isStackable(given)) return given;
  if (isProxy(given)) {
    context.addIssue({ code: 'custom', message: PROXY_CURE, input: given });
    return z.NEVER;
  }
  const result = schemaFor(given).safeParse(given, { reportInput: true });
  if (result.success) return result.data;
  for (const { message, path, input, ...issue } of result.error.issues) {
    const [inner] = issue.code === 'invalid_key' ? issue.issues : [];
    context.addIssue({ code: 'custom', path, message: inner?.message ?? message, input });
  }
  return z.NEVER;
});

/** A proxy by itself, where a service is meant, would be taken for a table by port. */
function isProxy(given: unknown): boolean {
  return typeof given === 'object' && given !== null && 'create' in given && 'explain' in given;
}

function schemaFor(given: unknown): z.ZodType<ContentDetection | ConnectByPort> {
  const isTable = typeof given === 'object' && given !== null && !('detect' in given);
  return isTable ? z.record(port, contents).check(checkRanges) : detection;
}

interface NamedRange {
  readonly text: string;
  readonly range: PortRange;
}

/**
 * The narrowest range counts: a port that two equally narrow ones have would be decided by their order, which says
 * nothing.
 */
function checkRanges({ value, issues }: z.core.ParsePayload<ConnectByPort>): void {
  const all = Object.keys(value).flatMap((text) =>
    portsOf(text).ranges.map((range): NamedRange => ({ text, range })),
  );
  for (const [index, one] of all.entries()) {
    const rival = all
      .slice(0, index)
      .find((other) => value[other.text] !== value[one.text] && isContested(one, other, all));
    if (rival === undefined) continue;
    const message = `write another range: ${rival.text} has ports of this one, too, and is as narrow`;
    issues.push({ code: 'custom', path: [one.text], input: one.text, message });
  }
}

function isContested(
  { range: one }: NamedRange,
  { range: other }: NamedRange,
  all: readonly NamedRange[],
): boolean {
  const width = widthOf(one);
  if (widthOf(other) !== width) return false;
  const narrower = all.filter(({ range }) => widthOf(range) < width);
  for (let at = Math.max(one.low, other.low); at <= Math.min(one.high, other.high); at++)
    if (!narrower.some(({ range }) => range.contains(at))) return true;
  return false;
}

function portsOf(text: string): PortSet {
  return new PortSet(text === '*' ? '1-65535' : text);
}

function widthOf({ low, high }: PortRange): number {
  return high - low;
}

/** What all CONNECT requests of one proxy go by. */
export class ConnectPlan {
  readonly #option: ConnectOption;
  readonly #ports: readonly { readonly ports: PortSet; readonly contents: TunnelContents }[];

  constructor(option: ConnectOption) {
    this.#option = option;
    const table = typeof option === 'function' || isContents(option) ? [] : Object.entries(option);
    this.#ports = table.map(([text, given]) => ({
      ports: portsOf(text),
      contents: given,
    }));
  }

  /** What the policy says of a tunnel: undefined if it has nothing for it. Not checked where a function says it. */
  choose(target: Target, session: ProxySession): unknown {
    // A copy: where the tunnel goes has been checked, and is not the function's to change.
    if (typeof this.#option === 'function')
      return this.#option(Object.freeze({ ...target }), session);
    if (isContents(this.#option)) return this.#option;
    return this.#byPort(target.port);
  }

  /** The narrowest range that has the port counts. */
  #byPort(port: number): TunnelContents | undefined {
    let best: { readonly width: number; readonly contents: TunnelContents } | undefined;
    for (const { ports, contents: given } of this.#ports) {
      const range = ports.find(port);
      const width = range === undefined ? Infinity : widthOf(range);
      if (width < (best?.width ?? Infinity)) best = { width, contents: given };
    }
    return best?.contents;
  }

  /** What it may stack, but for what a function answers. */
  get stacks(): readonly StackChoice[] {
    if (typeof this.#option === 'function') return [];
    const all = isContents(this.#option) ? [this.#option] : Object.values(this.#option);
    return [...new Set(all.flatMap(stacksOf))];
  }

  /** In English, behind "CONNECT". */
  explain(): string {
    if (typeof this.#option === 'function') return 'to what a function says';
    if (isContents(this.#option)) return `to ${explainContents(this.#option)}`;
    const lines = Object.entries(this.#option).map(
      ([ports, given]) =>
        `${ports === '*' ? 'other ports' : `port ${ports}`} to ${explainContents(given)}`,
    );
    return `of ${lines.join(', ')}`;
  }
}

/** What a function has answered, if contents may go to it: nobody has checked that before. */
export function readContents(answer: unknown): TunnelContents | undefined {
  return isStackable(answer) ? answer : detection.safeParse(answer).data;
}

/** Whether a value that was checked is something that contents may go to, and no table or function. */
function isContents(value: unknown): value is TunnelContents {
  return isStackable(value) || (typeof value === 'object' && value !== null && 'detect' in value);
}

function explainContents(given: TunnelContents): string {
  if (isStackable(given)) return given.name;
  const lines = given.detect.map(
    ({ detector, service }) => `${service.name} if it is ${detector.name}`,
  );
  return [...lines, given.service === undefined ? 'nowhere' : given.service.name].join(', else ');
}

function stacksOf(given: TunnelContents): readonly StackChoice[] {
  if (isStackable(given)) return [given];
  const services = given.detect.map(({ service }) => service);
  return given.service === undefined ? services : [...services, given.service];
}

function isPorts(text: string): boolean {
  try {
    return !new PortSet(text).isEmpty;
  } catch {
    return false;
  }
}

function isKind(value: unknown, kind: string): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}
