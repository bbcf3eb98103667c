// A service keeps its counters when a policy is committed anew, as long as it keeps its name.

import type { OwnedTable } from './owned-table.ts';

/** The id of a rule is its place in the policy: another rule may have it next time. */
const OF_A_RULE = 'rule_';

/** The commands, with counters that begin where those of the tables that go have ended. */
export function carryCounters(
  commands: readonly object[],
  replaced: readonly OwnedTable[],
): readonly object[] {
  const counts = new Map(
    replaced
      .flatMap(({ listing }) => listing.counters)
      .filter(({ name }) => !name.startsWith(OF_A_RULE))
      .map(({ name, packets, bytes }) => [name, { packets, bytes }]),
  );
  return commands.map((command) => {
    if (!isCounter(command)) return command;
    const { counter } = command.add;
    return { add: { counter: { ...counter, ...counts.get(counter.name) } } };
  });
}

interface CounterCommand {
  readonly add: { readonly counter: { readonly name: string } };
}

function isCounter(command: object): command is CounterCommand {
  if (!('add' in command) || typeof command.add !== 'object' || command.add === null) return false;
  const { add } = command;
  if (!('counter' in add) || typeof add.counter !== 'object' || add.counter === null) return false;
  return 'name' in add.counter && typeof add.counter.name === 'string';
}
