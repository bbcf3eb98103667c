// The words of the error pages, in the languages of the original.

import type { ProblemKind } from '../problem.ts';

/** What a page says of one kind of problem. */
export interface PageText {
  /** What happened. */
  readonly title: string;
  /** What to do. */
  readonly advice: string;
}

/** The words of one language. */
export interface PageLanguage {
  readonly reason: string;
  readonly todo: string;
  readonly footer: string;
  readonly texts: Readonly<Record<ProblemKind, PageText>>;
}

const en: PageLanguage = {
  reason: 'Reason',
  todo: 'What to do',
  footer: 'This page comes from the firewall Zorp, not from the web server.',
  texts: {
    request: {
      title: 'The firewall could not accept the request',
      advice: 'Check the address. If it is right, the program that sent the request is at fault.',
    },
    authentication: {
      title: 'The firewall wants to know who you are',
      advice:
        'Try again with your name and password for the firewall. If they fail, ask its administrator.',
    },
    policy: {
      title: 'The policy of the firewall does not permit this',
      advice: 'If you need it, ask the administrator of the firewall, and quote the reason.',
    },
    content: {
      title: 'The contents were refused by the firewall',
      advice: 'If you are sure that they are harmless, tell the administrator of the firewall.',
    },
    limit: {
      title: 'The firewall has reached a limit',
      advice: 'Try again in a moment.',
    },
    connect: {
      title: 'The web server could not be reached',
      advice:
        'Check the address, and try again later. If it stays so, ask the administrator of the firewall, and quote the reason.',
    },
    response: {
      title: 'The answer of the web server could not be accepted',
      advice: 'Try again later. If it stays so, tell the administrator of the web server.',
    },
    'request-timeout': {
      title: 'The request did not arrive in time',
      advice: 'Try again.',
    },
    'response-timeout': {
      title: 'The web server did not answer in time',
      advice: 'Try again later.',
    },
  },
};

const de: PageLanguage = {
  reason: 'Grund',
  todo: 'Was zu tun ist',
  footer: 'Diese Seite kommt von der Firewall Zorp, nicht vom Webserver.',
  texts: {
    request: {
      title: 'Die Firewall konnte die Anfrage nicht annehmen',
      advice:
        'Prüfen Sie die Adresse. Stimmt sie, liegt es am Programm, das die Anfrage gesendet hat.',
    },
    authentication: {
      title: 'Die Firewall will wissen, wer Sie sind',
      advice:
        'Versuchen Sie es noch einmal mit Ihrem Namen und Passwort für die Firewall. Passen sie nicht, fragen Sie die Verwaltung.',
    },
    policy: {
      title: 'Die Regeln der Firewall erlauben dies nicht',
      advice:
        'Wenn Sie es brauchen, fragen Sie die Verwaltung der Firewall und nennen Sie den Grund.',
    },
    content: {
      title: 'Die Firewall hat den Inhalt zurückgewiesen',
      advice:
        'Wenn Sie sicher sind, dass er harmlos ist, wenden Sie sich an die Verwaltung der Firewall.',
    },
    limit: {
      title: 'Die Firewall hat eine Grenze erreicht',
      advice: 'Versuchen Sie es gleich noch einmal.',
    },
    connect: {
      title: 'Der Webserver war nicht zu erreichen',
      advice:
        'Prüfen Sie die Adresse und versuchen Sie es später noch einmal. Bleibt es so, fragen Sie die Verwaltung der Firewall und nennen Sie den Grund.',
    },
    response: {
      title: 'Die Antwort des Webservers konnte nicht angenommen werden',
      advice:
        'Versuchen Sie es später. Bleibt es so, wenden Sie sich an die Verwaltung des Webservers.',
    },
    'request-timeout': {
      title: 'Die Anfrage kam nicht rechtzeitig an',
      advice: 'Versuchen Sie es noch einmal.',
    },
    'response-timeout': {
      title: 'Der Webserver hat nicht rechtzeitig geantwortet',
      advice: 'Versuchen Sie es später noch einmal.',
    },
  },
};

const hu: PageLanguage = {
  reason: 'Ok',
  todo: 'Mit tehet',
  footer: 'Ezt az oldalt a Zorp tűzfal küldte, nem a webkiszolgáló.',
  texts: {
    request: {
      title: 'A tűzfal nem tudta elfogadni a kérést',
      advice: 'Ellenőrizze a címet. Ha helyes, a kérést küldő program hibázott.',
    },
    authentication: {
      title: 'A tűzfal tudni szeretné, ki Ön',
      advice:
        'Próbálja meg újra a tűzfalhoz tartozó nevével és jelszavával. Ha nem jó, forduljon az üzemeltetőhöz.',
    },
    policy: {
      title: 'A tűzfal szabályai ezt nem engedik meg',
      advice: 'Ha szüksége van rá, forduljon a tűzfal üzemeltetőjéhez, és közölje az okot.',
    },
    content: {
      title: 'A tűzfal visszautasította a tartalmat',
      advice: 'Ha biztos benne, hogy ártalmatlan, szóljon a tűzfal üzemeltetőjének.',
    },
    limit: {
      title: 'A tűzfal elért egy korlátot',
      advice: 'Próbálja meg újra egy kicsit később.',
    },
    connect: {
      title: 'A webkiszolgáló nem érhető el',
      advice:
        'Ellenőrizze a címet, és próbálja meg később. Ha így marad, forduljon a tűzfal üzemeltetőjéhez, és közölje az okot.',
    },
    response: {
      title: 'A webkiszolgáló válasza nem volt elfogadható',
      advice: 'Próbálja meg később. Ha így marad, szóljon a webkiszolgáló üzemeltetőjének.',
    },
    'request-timeout': {
      title: 'A kérés nem érkezett meg időben',
      advice: 'Próbálja meg újra.',
    },
    'response-timeout': {
      title: 'A webkiszolgáló nem válaszolt időben',
      advice: 'Próbálja meg később.',
    },
  },
};

/** The languages of the error pages. */
export const PAGE_LANGUAGES: Readonly<Record<'en' | 'de' | 'hu', PageLanguage>> = { en, de, hu };
