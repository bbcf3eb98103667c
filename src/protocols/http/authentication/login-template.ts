// A login page that an administrator writes: HTML with placeholders, as the error pages have, and a form that can work.

import type { LiveFault, LiveFile } from '../../../proxy/live-input.ts';
import { fillTemplate, readTemplate, templateFault } from '../pages/page-template.ts';

/** What placeholders stand for. */
export interface LoginValues {
  /** Where the form is sent to, and what must come back with it. */
  readonly ACTION: string;
  readonly TICKET: string;
  readonly REALM: string;
  /** The words of the built-in page: its title, and why it is shown, which is another thing after a wrong password. */
  readonly TITLE: string;
  readonly MESSAGE: string;
}

const FORM = {
  names: ['ACTION', 'TICKET', 'REALM', 'TITLE', 'MESSAGE'],
  gone: {},
};

/** What a page must have: without one of these nobody could log in. */
const NEEDED: readonly (readonly [pattern: RegExp, cure: string])[] = [
  [
    /<form\b[^>]*\baction\s*=\s*["']?@ACTION@/i,
    'write a form that is sent to where the login is taken: <form method="post" action="@ACTION@">',
  ],
  [/<form\b[^>]*\bmethod\s*=\s*["']?post\b/i, 'write method="post" in the form'],
  [named('user'), 'write a field for the name: <input name="user">'],
  [named('password'), 'write a field for the password: <input name="password" type="password">'],
  [
    named('ticket'),
    'write the field that comes back: <input type="hidden" name="ticket" value="@TICKET@">',
  ],
  [
    /\bvalue\s*=\s*["']?@TICKET@/i,
    'give the field ticket its value: <input type="hidden" name="ticket" value="@TICKET@">',
  ],
];

/** The login page of one policy, in the language of its service. Where it has none of its own, the built-in one is shown. */
export class LoginTemplate {
  /** What must be read before, and whenever it changes. */
  readonly files: readonly LiveFile[];
  #parts: readonly string[] | undefined;

  /** `directory` has a folder for the language, and in it `login.html`. */
  constructor(directory: string | undefined, language: string) {
    this.files = directory === undefined ? [] : [this.#file(`${directory}/${language}/login.html`)];
  }

  /** The page; undefined for the built-in one. */
  fill(values: LoginValues): string | undefined {
    return this.#parts && fillTemplate(this.#parts, { ...values });
  }

  #file(path: string): LiveFile {
    const taken = (parts: readonly string[] | undefined): void => {
      this.#parts = parts;
    };
    return {
      kind: 'live-file',
      noun: 'login page',
      path,
      *read(text) {
        yield;
        const reading = readTemplate(text, FORM);
        if (!reading.isRight) return reading.faults;
        const faults = faultsOfForm(text);
        if (faults.length === 0) taken(reading.parts);
        return faults;
      },
      forget: () => taken(undefined),
    };
  }
}

function faultsOfForm(text: string): readonly LiveFault[] {
  return NEEDED.flatMap(([pattern, cure]) =>
    pattern.test(text) ? [] : [templateFault(undefined, text, cure)],
  );
}

function named(name: string): RegExp {
  return new RegExp(`<input\\b[^>]*\\bname\\s*=\\s*(?:"${name}"|'${name}'|${name}[\\s/>])`, 'i');
}
