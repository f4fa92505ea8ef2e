/** Manual pages in mdoc(7): from records, and from the Markdown that the reference pages are written in. */
import { type CommandLine, helpParts, type LineOption, optionLabel, wrap } from '../../src/model/command-line.ts';

export interface ManualPage {
  readonly name: string;
  readonly section: 1 | 5 | 8;
  readonly text: string;
}

/** The month in which the form of the pages was last changed: the same sources give the same bytes. */
const DATE = 'November 30, 2026';
const COLUMNS = 78;

export function manualPage(
  { name, section, summary }: { readonly name: string; readonly section: 1 | 5 | 8; readonly summary: string },
  version: string,
  ...body: readonly string[]
): ManualPage {
  const head = `.Dd ${DATE}
.Dt ${name.toUpperCase()} ${section}
.Os "Holdfast ${version}"
.Sh NAME
.Nm ${name}
.Nd ${plain(summary)}
`;
  return { name, section, text: `${head}${body.join('')}` };
}

export function heading(title: string, body: string): string {
  return body === '' ? '' : `.Sh ${plain(title.toUpperCase())}\n${body}`;
}

/** `words`: the program, and its command. */
export function synopsis(words: readonly string[], forms: readonly string[]): string {
  const [program = '', command] = words;
  return heading(
    'synopsis',
    forms
      .map(
        (form) => `.Nm ${program}\n${command === undefined ? '' : `.Cm ${command}\n`}${form === '' ? '' : lines(form)}`,
      )
      .join(''),
  );
}

export function optionsList(options: readonly LineOption[]): string {
  return list(options.map((option) => [`**${optionLabel(option).trim()}**`, option.help]));
}

export function list(rows: readonly (readonly [label: string, text: string])[]): string {
  const items = rows.map(([label, text]) => `.It ${inline(label).replaceAll('"', '\\(dq')}\n${lines(text)}`);
  return rows.length === 0 ? '' : `.Bl -tag -width Ds\n${items.join('')}.El\n`;
}

export function examples({ examples: all = [] }: Pick<CommandLine, 'examples'>): string {
  return all.map(([line, what]) => `${lines(`${what}:`)}${literal([line])}`).join('.Pp\n');
}

export function literal(text: readonly string[]): string {
  return `.Bd -literal -offset indent\n${trimmed(text)
    .map((line) => `${guarded(escaped(line))}\n`)
    .join('')}.Ed\n`;
}

/** Without the indent that all lines share. */
function trimmed(text: readonly string[]): readonly string[] {
  const indents = text.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const least = Math.min(...indents);
  return text.map((line) => line.slice(least));
}

/** Text with `code`, **strong** and [links](of Markdown), as lines of mdoc, in which each sentence begins a line. */
function lines(text: string): string {
  return inline(text.trim())
    .split(/(?<=[.?!][)'"]*)\s+/)
    .flatMap((sentence) => wrap(sentence, COLUMNS))
    .map((line) => `${guarded(line)}\n`)
    .join('');
}

/** A line that begins with a dot is a macro. */
function guarded(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}

function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll('`', '\\(ga');
}

function plain(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('"', '\\(dq').replaceAll('`', '');
}

function inline(text: string): string {
  return text
    .split(/(`[^`]+`|\*\*.+?\*\*|\[[^\]]+\]\([^)]+\))/)
    .map((part) => {
      const [, code] = /^`(.+)`$/s.exec(part) ?? [];
      const [, strong] = /^\*\*(.+)\*\*$/s.exec(part) ?? [];
      const [, link] = /^\[(.+)\]\([^)]+\)$/s.exec(part) ?? [];
      const bold = code ?? strong?.replaceAll('`', '');
      return bold !== undefined ? `\\fB${escaped(bold)}\\fR` : link !== undefined ? inline(link) : escaped(part);
    })
    .join('');
}

/** Help of a record: paragraphs, and lines that begin with blanks as they are. */
export function helpText(text: string): string {
  return helpParts(text)
    .map(({ literal: isLiteral, lines: all }) => (isLiteral ? literal(all) : `.Pp\n${lines(all.join(' '))}`))
    .join('')
    .replace(/^\.Pp\n/, '');
}

type Block = {
  readonly kind: 'heading' | 'code' | 'table' | 'list' | 'text';
  readonly level: number;
  readonly lines: string[];
};

/** The sections of a page in Markdown, without its title. Headings of the second level are sections. */
export function fromMarkdown(page: string): string {
  let out = '';
  // After a heading and a list there is a paragraph anyway.
  let needsBreak = false;
  for (const block of blocksOf(page)) {
    const [first = ''] = block.lines;
    switch (block.kind) {
      case 'heading':
        out += block.level <= 2 ? `.Sh ${plain(first.toUpperCase())}\n` : `.Ss ${plain(first)}\n`;
        break;
      case 'code':
        out += literal(block.lines);
        break;
      case 'table':
        out += tableList(block.lines);
        break;
      case 'list':
        out += `.Bl -bullet -compact\n${block.lines.map((item) => `.It\n${lines(item)}`).join('')}.El\n`;
        break;
      case 'text':
        out += `${needsBreak ? '.Pp\n' : ''}${lines(block.lines.join(' '))}`;
    }
    needsBreak = block.kind !== 'heading';
  }
  return out;
}

/** The first cell is the label; columns between it and the last say what they are. */
function tableList(rows: readonly string[]): string {
  const [titles = [], , ...body] = rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
  const last = titles.length - 1;
  return list(
    body.map((cells) => {
      const between = cells.slice(1, last).map((cell, at) => (cell === '' ? '' : `${titles[at + 1]}: ${cell}. `));
      return [cells[0] || '-', `${between.join('')}${cells[last] || '-'}`] as const;
    }),
  );
}

function blocksOf(page: string): readonly Block[] {
  const blocks: Block[] = [];
  let fence = false;
  const last = () => blocks.at(-1);
  let open = false;
  const add = (kind: Block['kind'], line: string, level = 0): void => {
    const block = last();
    if (open && block?.kind === kind && kind !== 'heading') {
      block.lines.push(line);
    } else {
      blocks.push({ kind, level, lines: [line] });
    }
    open = true;
  };
  for (const line of page.replace(/<!--.*?-->\n?/gs, '').split('\n')) {
    if (line.startsWith('```')) {
      fence = !fence;
      open = false;
    } else if (fence || /^ {4}/.test(line)) {
      add('code', fence ? line : line.slice(4));
    } else if (line.trim() === '') {
      open = false;
    } else if (line.startsWith('#')) {
      const [, marks = '', title = ''] = /^(#+) (.*)$/.exec(line) ?? [];
      add('heading', title, marks.length);
    } else if (line.startsWith('|')) {
      add('table', line);
    } else if (line.startsWith('- ')) {
      add('list', line.slice(2));
    } else if (open && last()?.kind === 'list') {
      const { lines: items } = last() as Block;
      items[items.length - 1] += ` ${line.trim()}`;
    } else {
      add('text', line);
    }
  }
  return blocks.filter(({ kind, level }) => kind !== 'heading' || level > 1);
}
