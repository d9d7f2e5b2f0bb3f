/**
 * Every text that goes through the translation helper has a German one.
 */
import { readdirSync, readFileSync } from 'fs';
import { join } from 'path';
import * as ts from 'typescript';

const ROOT = join(__dirname, '..');
const CATALOGUE = join(
  ROOT,
  '../jupyter_wrangler/locale/de_DE/LC_MESSAGES/jupyter_wrangler.json'
);

/** A text of the source, with its plural where it has one. */
interface IText {
  file: string;
  one: string;
  many: string | null;
}

function literal(node: ts.Node | undefined): string {
  if (!node || !ts.isStringLiteralLike(node)) {
    throw new Error(`no literal: ${node?.getText() ?? 'nothing'}`);
  }
  return node.text;
}

function textsOf(file: string): IText[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(file, 'utf-8'),
    ts.ScriptTarget.Latest,
    true,
    file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS
  );
  const found: IText[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression)
    ) {
      const [one, many] = node.arguments;
      const verb = node.expression.name.text;
      if (verb === '__') {
        found.push({ file, one: literal(one), many: null });
      } else if (verb === '_n') {
        found.push({ file, one: literal(one), many: literal(many) });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const texts = readdirSync(join(ROOT, 'src'), {
  recursive: true,
  encoding: 'utf-8'
})
  .filter(name => /\.tsx?$/.test(name))
  .flatMap(name => textsOf(join(ROOT, 'src', name)));
const german = JSON.parse(readFileSync(CATALOGUE, 'utf-8')) as Record<
  string,
  string[]
>;

/** What a text has places for, whichever the order. */
function places(text: string): string[] {
  return [...new Set(text.match(/%\d/g) ?? [])].sort();
}

test('every text has a German one, and one for many where it needs that', () => {
  const lacking = texts.filter(
    ({ one, many }) =>
      german[one]?.length !== (many === null ? 1 : 2) ||
      german[one].some(text => text === '')
  );
  expect(lacking).toEqual([]);
});

test('a translation has places for the same values', () => {
  const wrong = texts.filter(({ one, many }) => {
    const wanted = many === null ? places(one) : places(many);
    const last = german[one]?.slice(-1)[0] ?? '';
    return JSON.stringify(places(last)) !== JSON.stringify(wanted);
  });
  expect(wrong).toEqual([]);
});

test('the settings have German titles and descriptions', () => {
  const schema = JSON.parse(
    readFileSync(join(ROOT, 'schema/plugin.json'), 'utf-8')
  ) as {
    title: string;
    description: string;
    properties: Record<string, { title: string; description: string }>;
  };
  const shown = [schema, ...Object.values(schema.properties)].flatMap(
    ({ title, description }) => [title, description]
  );
  const lacking = shown.filter(text => !german[`schema\u0004${text}`]);
  expect(lacking).toEqual([]);
});

test('nothing is translated that is said nowhere', () => {
  const said = new Set(texts.map(({ one }) => one));
  const left = Object.keys(german).filter(
    key => key && !key.startsWith('schema\u0004') && !said.has(key)
  );
  expect(left).toEqual([]);
});
