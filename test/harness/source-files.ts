// Imports, calls and contents of the files of src/, for the tests of the structure. The compiler parses them, so
// comments and strings do not mislead.

import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ast from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const src = join(root, 'src');

export interface SourceFile {
  /** Below `src/`. */
  readonly path: string;
  readonly lines: number;
  /** Exports something, even if only a type. */
  readonly exports: boolean;
  readonly packages: readonly string[];
  /** Other files of `src/`, by path, including those of which only types are imported. */
  readonly imports: readonly string[];
  /** Where it looks at the clock or sets a timer without the `Clock` that it was given: `setTimeout in line 7`. */
  readonly ownTime: readonly string[];
  /** Functions with a body. */
  readonly functions: number;
  /** It exists at run time. */
  readonly code: boolean;
}

const TIMER = /^(?:setTimeout|setInterval)$/;
const TIME = /^(?:globalThis\.)?(?:Date\.now|performance\.now|process\.hrtime|AbortSignal\.timeout)$/;

/**
 * The name with which this node reads the time of day or sets a timer. `setImmediate` does neither: it is a turn of the
 * event loop. Nor does `socket.setTimeout`, which belongs to the socket.
 */
function ownTime(node: ast.Node, parent: ast.Node | undefined): string | undefined {
  if (ast.isIdentifier(node) && TIMER.test(node.text)) {
    const member = parent && ast.isPropertyAccessExpression(parent) && parent.name === node;
    return member && parent.expression.getText() !== 'globalThis' ? undefined : node.text;
  }
  if (ast.isPropertyAccessExpression(node) && TIME.test(node.getText())) {
    return node.getText();
  }
  if (ast.isImportDeclaration(node) && /^'node:timers\b/.test(node.moduleSpecifier.getText())) {
    return node.importClause?.getText() === '{ setImmediate }' ? undefined : node.moduleSpecifier.getText();
  }
  const called = ast.isCallExpression(node) || (ast.isNewExpression(node) && !node.arguments?.length);
  return called && node.expression.getText() === 'Date' ? 'Date()' : undefined;
}

/** The text after `from` or in `import()`. */
function imported(node: ast.Node): string | undefined {
  const target =
    ast.isImportDeclaration(node) || ast.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ast.isCallExpression(node) && node.expression.kind === ast.SyntaxKind.ImportKeyword
        ? node.arguments[0]
        : ast.isImportTypeNode(node) && ast.isLiteralTypeNode(node.argument)
          ? node.argument.literal
          : undefined;
  return target && ast.isStringLiteral(target) ? target.text : undefined;
}

function isOfTypes(statement: ast.Statement): boolean {
  return (
    ast.isInterfaceDeclaration(statement) || ast.isTypeAliasDeclaration(statement) || ast.isImportDeclaration(statement)
  );
}

function readFile(path: string, file: ast.SourceFile): SourceFile {
  const targets: string[] = [];
  const times: string[] = [];
  let functions = 0;
  let exports = false;
  const visit = (node: ast.Node, parent?: ast.Node): void => {
    const target = imported(node);
    if (target !== undefined) {
      targets.push(target);
    }
    const time = ownTime(node, parent);
    if (time !== undefined) {
      times.push(`${time} in line ${file.getLineAndCharacterOfPosition(node.end).line + 1}`);
    }
    functions += ast.isFunctionLikeDeclaration(node) && 'body' in node && node.body ? 1 : 0;
    exports ||= ast.isExportDeclaration(node) || ast.isExportAssignment(node) || ast.isExportKeyword(node);
    node.forEachChild((child) => visit(child, node));
  };
  visit(file);
  return {
    path,
    lines: file.text.split('\n').length - 1,
    exports,
    packages: targets.filter((target) => !target.startsWith('.')),
    imports: targets
      .filter((target) => target.startsWith('.'))
      .map((target) => relative(src, normalize(join(src, dirname(path), target))))
      .filter((target) => target !== '../package.json'),
    ownTime: times,
    functions,
    code: !file.statements.every(isOfTypes),
  };
}

export function sourceFiles(): SourceFile[] {
  const api = new API({ cwd: root });
  try {
    const [project] = api.updateSnapshot({ openProject: join(root, 'tsconfig.json') }).getProjects();
    const program = project?.program;
    return (program?.getSourceFileNames() ?? [])
      .filter((name) => name.startsWith(`${src}/`))
      .map((name) => readFile(relative(src, name), program?.getSourceFile(name) as ast.SourceFile));
  } finally {
    api.close();
  }
}

export type Edge = readonly [from: string, to: string];

/** The files that can be reached from these, themselves included. */
export function reached(edges: readonly Edge[], from: readonly string[]): Set<string> {
  const next = Map.groupBy(edges, ([file]) => file);
  const found = new Set(from);
  // Iterating a Set includes elements added meanwhile.
  for (const file of found) {
    for (const [, to] of next.get(file) ?? []) {
      found.add(to);
    }
  }
  return found;
}

/** The edges that lie on a circle. */
export function circular(edges: readonly Edge[]): Edge[] {
  return Array.from(Map.groupBy(edges, ([, to]) => to)).flatMap(([to, into]) => {
    const behind = reached(edges, [to]);
    return into.filter(([from]) => behind.has(from));
  });
}
