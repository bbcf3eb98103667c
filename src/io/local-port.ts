// Which local ports to try for a server connection. Servers of old protocols trust a client by the group of its port,
// so another port of the same group will do where the wanted one is taken.

const GROUPS = [
  { first: 1, last: 511 }, // rresvport(3) and its kind never use these
  { first: 512, last: 1023 }, // rlogin, rsh: "a privileged port"
  { first: 1024, last: 65_535 },
] as const;

/** Ports tried for one connection: both privileged groups whole. In the third, 512 taken ones in a row are a fault. */
export const MAX_LOCAL_PORT_ATTEMPTS = 512;

const RANDOM_SHARE = 8; // random ports are tried for an eighth of the group, then the rest in turn

/** Gives an integer of 0 to `bound` - 1. */
export type RandomBelow = (bound: number) => number;

/** How to choose: the hinted port only, it and then the next ones of its group, or random ones of its group first. */
export type PortChoice = 'exact' | 'loose' | 'random';

/** What a connection asks for. */
export function portChoice(wanted: {
  readonly localLoose: boolean;
  readonly localRandom: boolean;
}): PortChoice {
  if (wanted.localRandom) return 'random';
  return wanted.localLoose ? 'loose' : 'exact';
}

/**
 * The ports to try in turn, at most `MAX_LOCAL_PORT_ATTEMPTS`, all of the hint's group: 1-511, 512-1023 or 1024-65535.
 * A hint of 0 leaves the choice to the kernel.
 */
export function candidatePorts(
  hint: number,
  choice: PortChoice,
  randomBelow: RandomBelow,
): IterableIterator<number, undefined> {
  if (choice === 'exact') return [hint].values();
  const group = GROUPS.find(({ first, last }) => hint >= first && hint <= last);
  if (group === undefined) return [hint].values();
  return portsOfGroup(hint, group, choice, randomBelow);
}

type PortGroup = (typeof GROUPS)[number];

function* portsOfGroup(
  hint: number,
  group: PortGroup,
  choice: PortChoice,
  randomBelow: RandomBelow,
): Generator<number, undefined> {
  const size = group.last - group.first + 1;
  const randomOnes =
    choice === 'random' ? Math.min(Math.floor(size / RANDOM_SHARE), RANDOM_LIMIT) : 0;
  for (let count = 0; count < randomOnes; count++) yield group.first + randomBelow(size);
  const rest = Math.min(size, MAX_LOCAL_PORT_ATTEMPTS - randomOnes);
  for (let step = 0; step < rest; step++) {
    yield group.first + ((hint - group.first + step) % size);
  }
  return undefined;
}

const RANDOM_LIMIT = MAX_LOCAL_PORT_ATTEMPTS / 2; // so that something is left for trying in turn
