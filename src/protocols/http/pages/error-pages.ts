// The error pages of one policy: those of its own directory where it has one, built-in ones for all else.

import { z } from 'zod';
import type { LiveFile } from '../../../proxy/live-input.ts';
import { LoginTemplate } from '../authentication/login-template.ts';
import { PageTemplate } from './page-template.ts';
import { PAGE_LANGUAGES } from './page-texts.ts';
import type { ProblemKind } from '../problem.ts';

/** Where error pages are. */
export interface ErrorPagesOptions {
  /**
   * A directory with a folder for each language, and in it `error.html` and, for single kinds of problems, `policy.html`,
   * `connect.html` and so on. The path is absolute, or relative to the policy file. Pages that change are read anew.
   */
  readonly directory: string;
}

/** The languages of error pages. */
export type PageLanguageName = keyof typeof PAGE_LANGUAGES;

/** The schema of `errorPages`. */
export const errorPagesSchema = z.strictObject(
  {
    directory: z
      .string({ error: 'give the path of a directory as text' })
      .min(1, { error: 'give the path of a directory' }),
  },
  { error: "give an object: { directory: 'pages' }" },
);

/** The page for all kinds of problems that have none of their own. */
const COMMON = 'error';
const NOUN = 'error page';

/** The pages of one policy. Until they are read, and where there are none, the built-in page is shown. */
export class ErrorPages {
  readonly language: PageLanguageName;
  /** What must be read before, and whenever it changes. */
  readonly files: readonly LiveFile[];
  /** The page that asks for a login. */
  readonly login: LoginTemplate;
  readonly #templates = new Map<string, PageTemplate>();

  /** `loginDirectory`: where the login page is. */
  constructor(
    options: ErrorPagesOptions | undefined,
    language: PageLanguageName,
    loginDirectory?: string,
  ) {
    this.language = language;
    this.login = new LoginTemplate(loginDirectory, language);
    const names =
      options === undefined ? [] : [COMMON, ...Object.keys(PAGE_LANGUAGES[language].texts)];
    const files = names.map((name) =>
      this.#file(name, `${options?.directory ?? ''}/${language}/${name}.html`),
    );
    this.files = [...files, ...this.login.files];
  }

  /** The page for a kind of problem; undefined for the built-in one. */
  templateFor(kind: ProblemKind): PageTemplate | undefined {
    return this.#templates.get(kind) ?? this.#templates.get(COMMON);
  }

  /** Only the common page must be there: without it a wrong path would be noticed by nobody. */
  #file(name: string, path: string): LiveFile {
    const templates = this.#templates;
    const forget = (): void => {
      templates.delete(name);
    };
    const file: LiveFile = {
      kind: 'live-file',
      noun: NOUN,
      path,
      *read(text) {
        yield;
        const template = PageTemplate.read(text);
        if (!(template instanceof PageTemplate)) return template;
        templates.set(name, template);
        return [];
      },
      forget,
    };
    return name === COMMON ? file : { ...file, missing: forget };
  }
}
