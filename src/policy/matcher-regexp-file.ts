// Matchers of regular expressions that stand in files, which may change while the policy runs.

import { z } from 'zod';
import type { LiveFault, LiveFile } from '../proxy/live-input.ts';
import { registerLiveInput } from '../proxy/live-input.ts';
import type { ListPlace, Matcher } from '../proxy/matcher.ts';
import { registerOptions } from '../proxy/option-owners.ts';
import { checkSettings, declare } from '../proxy/policy-fault.ts';
import { lineFault, listLines, toldFaults } from './list-lines.ts';
import { declareMatcher, listFile } from './matcher.ts';
import { PatternList } from './pattern-list.ts';

/** Options of `regexpFileMatcher`. */
export interface RegexpFileMatcherOptions {
  /**
   * A file with one pattern a line; blank lines and lines that begin with `#` are skipped, and so is white space around a
   * pattern. The path is absolute, or relative to the policy file. When it changes it is read anew.
   */
  readonly matchFile: string;
  /** A text in which a pattern of this file is found does not match. Default: none. */
  readonly ignoreFile?: string;
  /** Default: true. */
  readonly ignoreCase?: boolean;
}

const schema = z.strictObject({
  matchFile: listFile,
  ignoreFile: listFile.optional(),
  ignoreCase: z.boolean({ error: 'give true or false' }).default(true),
});
registerOptions('regexpFileMatcher', schema);

/**
 * Matches as `regexpMatcher` does, with patterns of files. A file that cannot be read or has a faulty line refuses the
 * policy; while the policy runs, the list that was good before stays, and the log says so.
 * @example const blocked = regexpFileMatcher({ matchFile: 'lists/blocked.txt', ignoreFile: 'lists/permitted.txt' });
 */
export function regexpFileMatcher(options: RegexpFileMatcherOptions): Matcher {
  return makeRegexpFileMatcher(regexpFileMatcher, options);
}

/** Makes one for a function of the vocabulary, at whose line its faults are told. */
export function makeRegexpFileMatcher(
  factory: (...parameters: never[]) => unknown,
  options: RegexpFileMatcherOptions,
): Matcher {
  const { settings, faults } = checkSettings(schema, options, { matchFile: 'none' });
  const { matchFile, ignoreFile, ignoreCase } = settings;
  const match = patternFile(matchFile, ignoreCase);
  const ignore = ignoreFile === undefined ? undefined : patternFile(ignoreFile, ignoreCase);
  const placeOf = (text: string): ListPlace | undefined => {
    const line = match.list().placeOf(text);
    if (line === undefined || ignore?.list().find(text) === true) return undefined;
    return { file: matchFile, line };
  };
  const made: Matcher = {
    kind: 'matcher',
    type: 'regexp-file',
    matches: (text) => placeOf(text) !== undefined,
    placeOf,
    explain: () => {
      const besides = ignoreFile === undefined ? '' : ` and none of ${ignoreFile}`;
      return `matches one of the patterns of ${matchFile}${besides}`;
    },
  };
  if (faults.length === 0) {
    // No exceptions are nothing strange.
    registerLiveInput(declare({ ...match.file, isEmpty: match.isEmpty }, factory));
    if (ignore !== undefined) registerLiveInput(declare(ignore.file, factory));
  }
  return declareMatcher(made, factory, faults);
}

interface PatternFile {
  readonly file: LiveFile;
  /** Throws until the file was read. */
  list(): PatternList;
  readonly isEmpty: () => boolean;
}

function patternFile(path: string, ignoreCase: boolean): PatternFile {
  let list: PatternList | undefined;
  return {
    file: {
      kind: 'live-file',
      path,
      *read(text) {
        const result = yield* readPatterns(text, ignoreCase);
        if (!(result instanceof PatternList)) return result;
        list = result;
        return [];
      },
      forget: () => {
        list = undefined;
      },
    },
    list: () => {
      if (list === undefined) throw new Error(`the list ${path} was not read`);
      return list;
    },
    isEmpty: () => list?.size === 0,
  };
}

function* readPatterns(
  text: string,
  ignoreCase: boolean,
): Generator<undefined, PatternList | readonly LiveFault[], undefined> {
  const sources = Array.from(listLines(text), ({ line, text }) => ({ place: line, text }));
  const result = yield* PatternList.compile(sources, ignoreCase);
  if (result instanceof PatternList) return result;
  const faults = result.map(({ place, text, cure }) => lineFault({ line: place, text }, cure));
  return toldFaults(faults);
}
