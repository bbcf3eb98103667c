// A list that is read from files line by line: what the matchers of hosts and of URLs share.

import type { LiveFault, LiveFile } from '../proxy/live-input.ts';
import type { ListPlace } from '../proxy/matcher.ts';
import { lineFault, listLines, toldFaults } from './list-lines.ts';

/** A list that takes entries one by one, and answers once it is complete. */
export interface EntryList {
  /** Adds an entry with its line. @returns the cure, if it cannot be added. */
  add(text: string, line: number): string | undefined;
  /** How many entries there are. */
  readonly size: number;
  /** Makes it ready for questions, in steps of a few milliseconds. */
  complete(): Generator<undefined, void, undefined>;
  /** The line of the entry that is nearest to what is asked. */
  find(text: string): number | undefined;
}

/** A list in a file. */
export interface FiledList {
  readonly file: LiveFile;
  /** The entry for a text. Throws until the file was read. */
  placeOf(text: string): ListPlace | undefined;
}

/** Entries are added in 1 to 3 microseconds each: a step of this many takes a millisecond or two. */
const STEP = 500;

/** A list whose entries stand in a file, one a line; what was read before stays until a new content is complete. */
export function filedList(path: string, makeList: () => EntryList): FiledList {
  let list: EntryList | undefined;
  return {
    file: {
      kind: 'live-file',
      path,
      *read(text) {
        const fresh = makeList();
        const faults = yield* fill(fresh, text);
        if (faults.length > 0) return toldFaults(faults);
        yield* fresh.complete();
        list = fresh;
        return [];
      },
      forget: () => {
        list = undefined;
      },
      isEmpty: () => list?.size === 0,
    },
    placeOf: (text) => {
      if (list === undefined) throw new Error(`the list ${path} was not read`);
      const line = list.find(text);
      return line === undefined ? undefined : { file: path, line };
    },
  };
}

/** How many faulty lines are looked for: more would only cost memory, and the first ones are told. */
const MAX_FAULTY_LINES = 1_000;

function* fill(
  list: EntryList,
  text: string,
): Generator<undefined, readonly LiveFault[], undefined> {
  const faults: LiveFault[] = [];
  let count = 0;
  for (const line of listLines(text)) {
    if (++count % STEP === 0) yield;
    const cure = list.add(line.text, line.line);
    if (cure === undefined) continue;
    faults.push(lineFault(line, cure));
    if (faults.length >= MAX_FAULTY_LINES) break;
  }
  return faults;
}

/** The same for a list that is written in a policy: the faults by the index of the entry. */
export function filledAtOnce(
  list: EntryList,
  entries: readonly string[],
): readonly { readonly index: number; readonly cure: string }[] {
  const faults = entries.flatMap((entry, index) => {
    const cure = list.add(entry, 0);
    return cure === undefined ? [] : [{ index, cure }];
  });
  const steps = list.complete();
  while (steps.next().done !== true);
  return faults;
}
