import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const css = ['base.css', 'card.css', 'result.css']
  .map(name => readFileSync(join(__dirname, '../style', name), 'utf8'))
  .join('\n');

test('every class is ours', () => {
  const classes = css.match(/\.[a-zA-Z][\w-]*(?=[^{}]*\{)/g) ?? [];
  expect(classes.length).toBeGreaterThan(20);
  expect(classes.filter(name => !name.startsWith('.jp-Wrangler-'))).toEqual([]);
});

test('every colour comes from the theme', () => {
  const colours = [
    ...css.matchAll(/(?:color|background|border[\w-]*): (.*);/g)
  ];
  expect(colours.length).toBeGreaterThan(15);
  for (const [, value] of colours) {
    expect(value).toMatch(/var\(--jp-|^(none|inherit|collapse|50%)$/);
  }
});
