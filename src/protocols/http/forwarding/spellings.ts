// The ways in which the name of a field can be written for one and the same variable.

/** A server that reads fields as variables (CGI, WSGI) takes `X_Forwarded_For` for `X-Forwarded-For`. */
export function spellings(name: string): readonly string[] {
  const [first = '', ...parts] = name.split('-');
  return parts.reduce<readonly string[]>(
    (texts, part) => texts.flatMap((text) => [`${text}-${part}`, `${text}_${part}`]),
    [first],
  );
}
