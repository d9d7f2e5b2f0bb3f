import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { ComparisonTable } from '../src/components/ComparisonTable';
import { ResultList } from '../src/components/ResultList';
import type {
  NamedResult,
  ResultComparison,
  ResultVersion
} from '../src/model/contract';
import { bytes, loadCode, loss } from '../src/words/results';
import { ReactPage } from './page';

const trans = nullTranslator.load('jupyter_wrangler');
const calls: string[] = [];
const page = new ReactPage();

beforeEach(() => {
  calls.length = 0;
});

function version(n: number, note: string | null = null): ResultVersion {
  return {
    id: `v${n}`,
    result_id: 'r1',
    name: 'patients',
    n,
    note,
    created_at: '2026-11-22T14:02:00Z',
    job_id: 'j1',
    job_exists: true,
    job_name: 'penguins',
    kind: 'imputation',
    state: 'succeeded',
    partial: false,
    n_imputations: 5,
    n_wanted: 5,
    recipes: 5,
    dataset_version_id: 'd1',
    dataset_name: 'penguins',
    n_rows: 344,
    n_columns: 7,
    methods: ['pmm'],
    random_state: 0,
    size: 1_234_567,
    source: null,
    app_version: '0.1.0'
  } as unknown as ResultVersion;
}

function result(n: number): NamedResult {
  return {
    id: 'r1',
    name: 'patients',
    created_at: '2026-11-22T14:02:00Z',
    n_versions: n,
    latest: version(n, 'first look')
  };
}

const versions = (): Promise<ResultVersion[]> =>
  Promise.resolve([version(2, 'first look'), version(1)]);

async function show(value: NamedResult[] | null): Promise<void> {
  await React.act(async () => {
    page.render(
      <ResultList
        state={{ value, problem: null }}
        versions={versions}
        now={new Date('2026-11-22T15:00:00Z')}
        trans={trans}
        canInsert={true}
        open={of => calls.push(`open ${of.name}@${of.n}`)}
        insert={of => calls.push(`insert ${of.name}@${of.n}`)}
        menu={of => calls.push(`menu ${of.name}@${of.n}`)}
        select={() => undefined}
        drag={() => undefined}
        copy={text => calls.push(`copy ${text}`)}
        refresh={() => calls.push('refresh')}
      />
    );
    await Promise.resolve();
  });
}

async function press(label: string): Promise<void> {
  const found = [...page.host.querySelectorAll('button')].find(
    node => node.getAttribute('aria-label') === label
  );
  if (!found) {
    throw new Error(`no button ${label} in ${page.host.textContent ?? ''}`);
  }
  await React.act(async () => {
    page.button(label).click();
    await Promise.resolve();
  });
}

test('without results the section teaches how to save one', async () => {
  await show([]);
  expect(page.host.textContent).toContain('No saved results yet');
  await press('Copy the example');
  expect(calls[0]).toContain('result.save("patients"');
});

test('before the first answer it does not say that there are none', async () => {
  await show(null);
  expect(page.host.textContent).not.toContain('No saved results yet');
});

test('a result shows what it is, and its versions on demand', async () => {
  await show([result(2)]);
  expect(page.host.textContent).toContain('344 rows, 7 columns');
  expect(page.host.textContent).toContain('5 imputations by pmm');
  expect(page.host.textContent).toContain('1.2 MB');
  expect(page.host.textContent).toContain('first look');
  expect(page.host.querySelector('[aria-label="patients@1"]')).toBeNull();
  await press('Versions of patients');
  expect(page.host.querySelector('[aria-label="patients@1"]')).not.toBeNull();
  await press('Open patients@1');
  await press('Open patients');
  await press('Insert the code that loads patients');
  await press('More actions for patients@1');
  expect(calls).toEqual([
    'open patients@1',
    'open patients@2',
    'insert patients@2',
    'menu patients@1'
  ]);
});

test('names reach code as Python texts', () => {
  const code = loadCode({ result_id: 'r', n: 3, name: 'a "b" \\ c' });
  expect(code).toBe('res = jw.load("a \\"b\\" \\\\ c@3")\nres');
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_234, '1.2 kB'],
  [56_700_000, '57 MB']
])('%d bytes are %s', (size, words) => {
  expect(bytes(size)).toBe(words);
});

test('a deletion says all that is lost with it', () => {
  const text = loss(
    {
      result_id: 'r1',
      name: 'patients',
      versions: [2, 1],
      whole: true,
      done: false,
      bytes: 2_000_000,
      last_copies: [1],
      dependent_versions: ['report@1'],
      dependent_jobs: ['j9']
    },
    trans
  );
  expect(text).toContain('its 2 versions');
  expect(text).toContain('2.0 MB');
  expect(text).toContain('nothing else keeps the data');
  expect(text).toContain('report@1');
  expect(text).toContain('1 job that has not ended needs it');
});

test('a comparison shows settings and columns side by side', () => {
  const found = {
    left: version(1),
    right: version(2),
    same_data: true,
    same_cells: false,
    settings: [{ name: 'donors', left: 5, right: 10 }],
    columns: [
      {
        name: 'age',
        left: { n_imputed: 3, imputed: { mean: 41.5 } },
        right: null,
        shift: null
      }
    ]
  } as unknown as ResultComparison;
  React.act(() => {
    page.render(<ComparisonTable found={found} trans={trans} />);
  });
  const cells = [...page.host.querySelectorAll('th, td')].map(
    node => node.textContent
  );
  expect(cells).toEqual([
    ...['Setting', 'patients@1', 'patients@2', 'donors', '5', '10'],
    ...['Imputed column', 'patients@1', 'patients@2'],
    ...['age', '3 values, mean 41.5', '—']
  ]);
  expect(page.host.textContent).toContain('the imputed values differ');
});
