// The ip program: rules of the policy routing, routes of one table, and the network interfaces (ip-rule(8), ip-route(8)).

import { z } from 'zod';
import { PacketFilterError } from './packet-filter-error.ts';
import type { CommandEnd, RunCommand } from './run-command.ts';

/** A family of addresses, as the options of ip name it. */
export type RoutingFamily = 'IPv4' | 'IPv6';

/** A rule of the policy routing; whoever made it is told by its protocol number. */
export interface RoutingRule {
  readonly priority: number;
  readonly table: string | undefined;
  /** The packets with this mark, by the bits of the mask; undefined for a rule that does not look at marks. */
  readonly mark: { readonly value: number; readonly mask: number } | undefined;
  readonly protocol: string | undefined;
  /** Whether it has other conditions, too, or another action than to look up a table. */
  readonly isSpecial: boolean;
}

/** A route of a table. */
export interface RoutingRoute {
  readonly destination: string;
  readonly device: string | undefined;
  readonly isLocal: boolean;
  readonly protocol: string | undefined;
}

/** A network interface. */
export interface LinkFacts {
  readonly name: string;
  readonly isUp: boolean;
}

const number = z
  .string()
  .regex(/^(0x[0-9a-f]+|\d+)$/)
  .transform(Number);

const ruleSchema = z.looseObject({
  priority: z.int(),
  table: z.string().optional(),
  fwmark: number.optional(),
  fwmask: number.optional(),
  protocol: z.string().optional(),
});

const routeSchema = z.looseObject({
  type: z.string().optional(),
  dst: z.string(),
  dev: z.string().optional(),
  protocol: z.string().optional(),
});

const linkSchema = z.looseObject({ ifname: z.string(), flags: z.array(z.string()) });

/** What a plain rule may tell; `src: all` is no condition. */
const PLAIN_FIELDS = ['priority', 'src', 'table', 'fwmark', 'fwmask', 'protocol'];
const ALL_BITS = 0xffffffff; // a mark without a mask is compared as a whole

/** Runs ip. Every method throws a PacketFilterError where ip fails or answers with something else than it should. */
export class IpProgram {
  readonly #run: RunCommand;

  constructor(run: RunCommand) {
    this.#run = run;
  }

  /** All rules of the policy routing. */
  async rules(family: RoutingFamily): Promise<readonly RoutingRule[]> {
    const text = await this.#ask([flag(family), '-j', '-N', 'rule', 'show']);
    return parse(text, ruleSchema).map((rule) => ({
      priority: rule.priority,
      table: rule.table,
      mark:
        rule.fwmark === undefined
          ? undefined
          : { value: rule.fwmark, mask: rule.fwmask ?? ALL_BITS },
      protocol: rule.protocol,
      isSpecial:
        rule['src'] !== 'all' || Object.keys(rule).some((field) => !PLAIN_FIELDS.includes(field)),
    }));
  }

  /** The routes of a table; none where there is no such table. */
  async routes(family: RoutingFamily, table: number): Promise<readonly RoutingRoute[]> {
    const args = [flag(family), '-j', '-N', 'route', 'show', 'table', String(table)];
    const end = await this.#run({ program: 'ip', args });
    if (end.kind === 'ended' && end.stderr.includes('FIB table does not exist')) return [];
    return parse(outputOf(end, args), routeSchema).map((route) => ({
      destination: route.dst,
      device: route.dev,
      isLocal: route.type === '2' || route.type === 'local', // RTN_LOCAL, by number with -N
      protocol: route.protocol,
    }));
  }

  /** All network interfaces. */
  async links(): Promise<readonly LinkFacts[]> {
    const text = await this.#ask(['-j', 'link', 'show']);
    return parse(text, linkSchema).map(({ ifname, flags }) => ({
      name: ifname,
      isUp: flags.includes('UP'),
    }));
  }

  /** Runs a command that changes something, such as `rule add ...`. */
  async change(family: RoutingFamily, args: readonly string[]): Promise<void> {
    await this.#ask([flag(family), ...args]);
  }

  async #ask(args: readonly string[]): Promise<string> {
    return outputOf(await this.#run({ program: 'ip', args }), args);
  }
}

function flag(family: RoutingFamily): string {
  return family === 'IPv4' ? '-4' : '-6';
}

function outputOf(end: CommandEnd, args: readonly string[]): string {
  if (end.kind === 'ended' && end.status === 0) return end.stdout;
  if (end.kind === 'failed' && end.reason === 'ENOENT')
    throw new PacketFilterError(
      'ip.missing',
      'The program ip is not installed: install the package iproute2',
    );
  const command = `ip ${args.join(' ')}`;
  if (end.kind === 'failed')
    throw new PacketFilterError('ip.failed', `"${command}" failed (${end.reason}): try again`);
  if (end.stderr.includes('Operation not permitted'))
    throw new PacketFilterError(
      'ip.not-permitted',
      `The kernel does not permit "${command}": run it as root, or with the capability CAP_NET_ADMIN`,
    );
  const [first = 'it does not say why'] = end.stderr.split('\n').filter((line) => line !== '');
  throw new PacketFilterError('ip.failed', `"${command}" ended with ${end.status}: ${first}`);
}

/** A list that ip printed; it prints nothing at all for an empty one. */
function parse<Schema extends z.ZodType>(text: string, schema: Schema): z.infer<Schema>[] {
  const fail = (cause: unknown): PacketFilterError => {
    const message =
      'The program ip printed something that is no list: install the package iproute2';
    return new PacketFilterError('ip.unreadable', message, { cause });
  };
  try {
    const parsed = z.array(schema).safeParse(text.trim() === '' ? [] : JSON.parse(text));
    if (parsed.success) return parsed.data;
    throw parsed.error;
  } catch (error) {
    throw fail(error);
  }
}
