// Citations of docs/spec in comments and pages: their standard form, and the detection of citations in other forms.

/** Clauses of a page of docs/spec, as their anchors name them: `9`, `9.4`, `A`. */
export function clausesOf(page: string): string[] {
  return Array.from(page.matchAll(/<a id="([^"]*)"><\/a>/g), (anchor) => anchor[1] as string);
}

/** Headings and list items that show another number than their anchor, or have a number and no anchor. */
export function misnumbered(page: string): string[] {
  const wrong: string[] = [];
  for (const line of page.split('\n')) {
    const [, before = '', id, after = ''] = /^(.*?)<a id="([^"]*)"><\/a>(.*)$/.exec(line) ?? [];
    const [item] = /^\d+(?=\. $)/.exec(before) ?? [];
    const shown = item ?? /^(?:Appendix )?([\d.]+|[A-Z])(?=[ :])/.exec(after)?.[1];
    if (id === undefined ? /^#+ (\d|Appendix)/.test(line) : shown !== (item ? id.split('.').at(-1) : id)) {
      wrong.push(line.slice(0, 60));
    }
  }
  return wrong;
}

const CLAUSE = String.raw`(?:\d+(?:\.\d+)*|appendix [A-Z])`;
/** Not a path or link (`docs/spec/README.md`): `spec/procserv.md 9.4`, `spec/conserver.md 2.6 to 2.8, 6, appendix A`. */
const CITATION = new RegExp(
  String.raw`(?<![/\w])spec/([\w-]+)\.md(?: (${CLAUSE}(?:(?:, | and | to )${CLAUSE})*))?`,
  'g',
);

/** Text that reads like a citation of one of these pages but is not in the checked form. */
const OTHER_FORMS = [
  /\b(?:procserv|conserver|isis)\.md,? (?:§|sections? )?(?:\d|appendix)/gi,
  /(?<!\bRFC \d{1,4},? )(?:§ ?|\bsections? )\d/gi,
  /\b(?:reference|defect|clause) \d/gi,
  /\bappendix [A-Z]\b/gi,
  /\bdesign(?:\.md\b| invariant| ")/gi,
];

/** Comments and pages without line ends, stars and slashes, so that a citation may span lines. */
const flat = (text: string) => text.replace(/\s*\n\s*(?:\*(?!\/)|\/\/|#)?\s*/g, ' ');

/** The mistakes in the citations of a text, each with the citation. `pages`: clauses by page. */
export function wrongCitations(text: string, pages: ReadonlyMap<string, readonly string[]>): string[] {
  const wrong: string[] = [];
  const rest = flat(text).replace(CITATION, (citation, page: string, clauses?: string) => {
    const known = pages.get(page);
    if (!known) {
      wrong.push(`'${citation}': there is no docs/spec/${page}.md`);
    } else if (!clauses) {
      wrong.push(`'${citation}' names no clause`);
    }
    for (const clause of clauses?.split(/, | and | to /) ?? []) {
      if (known && !known.includes(clause.replace('appendix ', ''))) {
        wrong.push(`'${citation}': docs/spec/${page}.md has no ${clause}`);
      }
    }
    return '';
  });
  for (const form of OTHER_FORMS) {
    for (const { 0: found, index } of rest.matchAll(form)) {
      wrong.push(
        `'${rest.slice(Math.max(0, index - 20), index + found.length + 10)}': not in the form 'spec/PAGE.md CLAUSE'`,
      );
    }
  }
  return wrong;
}
