/** The texts for users in the sources of the runtime, as keys of a message catalog. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const root = path.resolve(__dirname, '../..');

/** Texts that exist in English only. */
const ENGLISH = [
  // Separate programs.
  'src/simulator',
  'src/check',
  'src/trace',
  // The AT log, which is part of bug reports.
  'src/modem/link/journal.ts',
  // Details of a response that cannot be decoded, quoted in an error for a bug report.
  'src/at/parameters.ts',
  'src/qfwd/commands.ts',
  'src/qfwd/limits.ts',
  'src/qfwd/lists.ts',
  'src/qfwd/queries.ts',
  'src/qfwd/qfwd-commands.ts',
  'src/tcpip/commands.ts',
  'src/tcpip/queries.ts',
  // Responses to HTTP clients.
  'src/forward/proxy.ts',
  'nodes/qfwd-modem/open-metrics.ts',
];

/** Each literal, with `{0}`, `{1}`… for inserted values. */
export function spokenTexts(): string[] {
  const files = ['src', 'nodes'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((file) => `${folder}/${file.replaceAll(path.sep, '/')}`)
      .filter((file) => file.endsWith('.ts') && !/editor|\.d\.ts$/.test(file))
      .filter((file) => !ENGLISH.some((other) => file.startsWith(other))),
  );
  return [...new Set(files.flatMap(textsOf))];
}

function textsOf(file: string): string[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(path.join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
  );
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    const text = textOf(node);
    if (text === undefined) ts.forEachChild(node, visit);
    else {
      texts.push(numbered(text));
      // Inserted values may contain texts themselves.
      fillings(node).forEach(visit);
    }
  };
  visit(source);
  return texts;
}

/** A literal, or several that are joined by `+`; `{}` for inserted values. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => `{}${literal.text}`).join('');
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}

function fillings(node: ts.Node): readonly ts.Node[] {
  if (ts.isTemplateExpression(node)) return node.templateSpans.map(({ expression }) => expression);
  return ts.isBinaryExpression(node) ? [node.left, node.right].flatMap(fillings) : [];
}

function numbered(text: string): string {
  let count = 0;
  return text.replaceAll('{}', () => `{${count++}}`);
}
