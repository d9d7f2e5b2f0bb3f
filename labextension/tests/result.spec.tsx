import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { act } from 'react';
import { CellPane } from '../src/components/CellPane';
import { ChartTable } from '../src/components/ChartTable';
import { ResultHead } from '../src/components/ResultHead';
import { RowsModel } from '../src/components/RowsModel';
import { transparent } from '../src/components/gridTheme';
import { chartsOf } from '../src/model/charts';
import type {
  ResultManifest,
  ResultVersion,
  RowPage,
  WhyDocument
} from '../src/model/contract';
import { OPEN_RESULT, openResult, targetOf } from '../src/model/open';
import { columnsOf, ResultModel } from '../src/model/result';
import type {
  IBlock,
  ICellName,
  IQuestion,
  RowsApi
} from '../src/model/rows-api';
import {
  cellAloud,
  codeOf,
  failure,
  ofJob,
  ofVersion,
  shown,
  standsOut
} from '../src/words/result';
import { drawsLine, moved } from '../src/words/why';
import { job, summary } from './job';
import { ReactPage } from './page';

const trans = nullTranslator.load('jupyter_wrangler');
const done = job({ state: 'succeeded', finished_at: '2026-11-22T14:05:00Z' });

function manifest(): ResultManifest {
  return {
    job_id: done.id,
    state: 'succeeded',
    partial: false,
    dataset_version: {
      id: done.dataset_version_id,
      dataset_id: done.dataset_version_id,
      name: 'penguins',
      n: 1,
      sha256: '',
      size: 1,
      n_rows: 4,
      n_columns: 2,
      columns: [
        { name: 'bmi', dtype: 'float64', missing: 2 },
        { name: '<b>sex</b>', dtype: 'object', missing: 0 }
      ],
      created_at: done.created_at
    },
    imputations: [0, 1].map(imputation => ({
      imputation,
      sha256: '',
      size: 1,
      data: null,
      recipe: null,
      recipe_note: null
    })),
    summary: summary({ bmi: 2 })
  } as unknown as ResultManifest;
}

function why(change: Partial<WhyDocument> = {}): WhyDocument {
  return {
    row: '1',
    position: 1,
    column: 'bmi',
    level: 'continuous',
    imputed: true,
    value: '1.1',
    imputation: 0,
    draws: ['1.1', '2.2'],
    low: '1',
    high: '3',
    shares: {},
    method: 'pmm',
    reasons: ['One of the five nearest rows handed on its value.'],
    donors: [
      {
        imputation: 0,
        row: '<b>7</b>',
        position: 7,
        value: '1.1',
        distance: 0.1,
        nearer_than: 0.956
      }
    ],
    influences: [{ column: 'age', value: '40', effect: -1.23456 }],
    effects_in: 'units',
    effects_how: 'Each alone.',
    n_predictors: 3,
    ...change
  };
}

/** A service of four rows that notes what it is asked. */
function model() {
  const asked: IQuestion[] = [];
  const whys: ICellName[] = [];
  const api = {
    page: (question: IQuestion, block: IBlock): Promise<RowPage> => {
      asked.push(question);
      const found = question.filters.length > 0 ? 1 : 4;
      const rows = [0, 1, 2, 3].slice(0, found);
      return Promise.resolve({
        imputation: 0,
        n_rows: 4,
        n_found: found,
        offset: block.offset,
        columns: [],
        rows,
        index: rows.map(String),
        cells: rows.map(row => [row + 0.123456789, 'f']),
        imputed: rows.map(row => (row === 1 ? [0] : []))
      });
    },
    why: (cell: ICellName): Promise<WhyDocument> => {
      whys.push(cell);
      return whys.length === 1
        ? Promise.reject(new Error('gone'))
        : Promise.resolve(why());
    }
  } as unknown as RowsApi;
  const of = ofJob(done, manifest(), trans);
  return { asked, whys, result: new ResultModel(api, of, manifest()) };
}

const settle = (): Promise<void> => new Promise(end => setTimeout(end, 0));

const page = new ReactPage();

function show(result: ResultModel, calls: string[] = []): void {
  act(() => {
    page.render(
      <ResultHead
        trans={trans}
        result={result}
        notice=""
        busy={false}
        insert={() => calls.push('insert')}
        export={format => calls.push(format)}
        again={() => calls.push('again')}
      />
    );
  });
}

function press(name: RegExp): void {
  const buttons = [...page.host.querySelectorAll('button')];
  const found = buttons.find(button => name.test(button.textContent ?? ''));
  expect(found).toBeDefined();
  act(() => {
    found?.click();
  });
}

test('columns tell their type, what was missing and what was imputed', () => {
  expect(columnsOf(manifest())).toEqual([
    { name: 'bmi', dtype: 'float64', missing: 0.5, imputed: 2 },
    { name: '<b>sex</b>', dtype: 'object', missing: 0, imputed: 0 }
  ]);
});

test('a grid draws what has come, and hears of what comes', async () => {
  const { result } = model();
  const rows = new RowsModel(result);
  const changes: string[] = [];
  rows.changed.connect((_, { type }) => changes.push(type));
  expect(rows.data('body', 1, 0)).toBeUndefined();
  expect(rows.metadata('body', 1, 0)['loading']).toBe(true);
  await settle();
  expect(changes).toEqual(['cells-changed', 'cells-changed']);
  expect(rows.metadata('body', 1, 0)['imputed']).toBe(true);
  expect(rows.metadata('body', 0, 0)['imputed']).toBe(false);
  result.addFilter({ column: null, operator: 'imputed', value: null });
  expect(rows.data('body', 0, 0)).toBeUndefined();
  await settle();
  expect(rows.rowCount('body')).toBe(1);
});

test('a heading sorts: rising, falling, as the data stand', () => {
  const { result } = model();
  const orders: [string | null, boolean][] = [];
  for (let i = 0; i < 3; i++) {
    result.sortBy('bmi');
    orders.push([result.question.sort, result.question.descending]);
  }
  expect(orders).toEqual([
    ['bmi', false],
    ['bmi', true],
    [null, false]
  ]);
});

test('the focus tells the cell once it has come, also aloud', async () => {
  const { result } = model();
  result.look(1, 0);
  expect(result.focus).toBeNull();
  await settle();
  expect(result.focus?.value).toBe(1.123456789);
  expect(result.focus && cellAloud(result.focus, trans)).toBe(
    'Row 1, bmi: 1.123457, imputed'
  );
});

test('filters are made of the form, and a click takes one away', async () => {
  const { result, asked } = model();
  show(result);
  press(/^Filter$/);
  result.look(0, 0);
  await settle();
  expect(asked[0]?.filters).toEqual([
    { column: null, operator: 'imputed', value: null }
  ]);
  show(result);
  expect(page.host.textContent).toContain('any column was imputed ×');
  press(/any column was imputed/);
  expect(result.question.filters).toEqual([]);
});

test('the exits are asked for, and names are text', () => {
  const calls: string[] = [];
  show(model().result, calls);
  press(/Insert into notebook/);
  press(/Export CSV/);
  press(/Export Parquet/);
  press(/Export Excel/);
  press(/Run again/);
  expect(calls).toEqual(['insert', 'csv', 'parquet', 'xlsx', 'again']);
  expect(page.host.querySelector('option b')).toBeNull();
});

test('what stands out is said, and nothing else', () => {
  const fine = summary({ bmi: 2 });
  expect(standsOut(fine, trans)).toEqual([]);
  const [column] = fine.columns;
  const convergence = {
    rounds: 5,
    rhat: 1.4,
    autocorrelation: null,
    chain_mean: [],
    chain_var: []
  };
  const odd = {
    ...fine,
    n_missing: 5,
    columns: column ? [{ ...column, convergence }] : []
  };
  expect(standsOut(odd, trans)).toEqual([
    '3 values are still missing.',
    'Chains have not mixed (R-hat above 1.2): bmi. More iterations may help.'
  ]);
});

test('charts are drawn of numbers only, each with its words', () => {
  const [column] = summary({ bmi: 2 }).columns;
  if (!column) {
    throw new Error('no column');
  }
  expect(chartsOf(column, trans)).toEqual([]);
  const numbers = { min: 1, mean: 2, max: 3, sd: 0.5 };
  const charts = chartsOf(
    {
      ...column,
      observed: numbers,
      imputed: numbers,
      convergence: {
        rounds: 2,
        rhat: 1.01,
        autocorrelation: null,
        chain_mean: [
          [1, 2],
          [2, 1]
        ],
        chain_var: []
      }
    },
    trans
  );
  expect(charts.map(chart => chart.words)).toEqual([
    'observed: mean 2, from 1 to 3; imputed: mean 2, from 1 to 3',
    'Means of the imputed values in 2 chains; R-hat is 1.01'
  ]);
  for (const chart of charts) {
    const page = new ChartTable(chart, trans);
    const details = page.node as HTMLDetailsElement;
    expect(details.querySelector('table')).toBeNull();
    details.dispatchEvent(new Event('toggle'));
    const rows = [...details.querySelectorAll('tbody tr')].map(row =>
      [...row.children].map(one => one.textContent)
    );
    expect(rows).toEqual(chart.table.rows.map(row => row.map(String)));
    page.dispose();
  }
  // the numbers that the chart draws
  expect(charts[0]?.table.rows[1]).toEqual(['imputed', 2, 1.5, 2.5, 1, 3]);
  expect(charts[1]?.table.rows).toEqual([
    ['1', 1, 2],
    ['2', 2, 1]
  ]);
});

test('the code of a result names the imputation that is looked at', () => {
  expect(codeOf(done, 0)).toContain('df = res.df');
  expect(codeOf(done, 2)).toContain('df = res.complete(2)');
});

test('values are short in the grid, and a missing one says so', () => {
  expect(shown(null, trans)).toBe('missing');
  expect(shown(0.1 + 0.2, trans)).toBe('0.3');
  expect(shown(123456789, trans)).toBe('123456789');
});

test('a refusal keeps what the service says; a lost connection is explained', () => {
  const said = "The column 'a' cannot be compared.";
  expect(failure({ code: 'invalid_spec', message: said }, trans)).toBe(said);
  expect(failure({ code: 'jupyter_unreachable', message: 'x' }, trans)).toBe(
    'The Jupyter server does not answer'
  );
});

test('a result is named by its job or by its version', () => {
  expect(targetOf({ job_id: 'j' })).toEqual({ job_id: 'j' });
  expect(targetOf({ result_id: 'r', n: 3 })).toEqual({ result_id: 'r', n: 3 });
  expect(targetOf({ result_id: 'r' })).toBeNull();
});

test('who opens a result takes the event', () => {
  expect(openResult(page.host, 'j')).toBe(false);
  const take = (event: Event): void => {
    event.preventDefault();
  };
  document.addEventListener(OPEN_RESULT, take);
  expect(openResult(page.host, 'j')).toBe(true);
  document.removeEventListener(OPEN_RESULT, take);
});

test('colours of the theme become see-through', () => {
  expect(transparent('rgb(1, 2, 3)', 0.5)).toBe('rgba(1, 2, 3, 0.5)');
  expect(transparent('red', 0.5)).toBe('red');
});

test('why is asked of imputed cells alone, once the focus rests, and again on failure', async () => {
  jest.useFakeTimers();
  const { result, whys } = model();
  const draw = (): void => {
    act(() => {
      page.render(<CellPane trans={trans} result={result} />);
    });
  };
  result.look(0, 0);
  await jest.advanceTimersByTimeAsync(1000);
  expect(whys).toEqual([]);
  result.look(1, 0);
  await jest.advanceTimersByTimeAsync(50);
  result.look(2, 0);
  await jest.advanceTimersByTimeAsync(1000);
  expect(whys).toEqual([]);
  result.look(1, 0);
  draw();
  expect(page.host.textContent).toContain('Looking up why');
  await jest.advanceTimersByTimeAsync(1000);
  draw();
  expect(page.host.querySelector('[role=alert]')?.textContent).toContain(
    'gone'
  );
  press(/Try again/);
  await jest.advanceTimersByTimeAsync(1000);
  draw();
  expect(whys).toEqual([
    { row: 1, column: 'bmi', imputation: 0 },
    { row: 1, column: 'bmi', imputation: 0 }
  ]);
  expect(page.host.textContent).toContain('One of the five nearest rows');
  expect(page.host.textContent).toContain('<b>7</b>');
  expect(page.host.textContent).toContain('96 %');
  result.look(2, 0);
  result.look(1, 0);
  await jest.advanceTimersByTimeAsync(1000);
  expect(whys).toHaveLength(2);
  result.dispose();
  jest.useRealTimers();
});

test('draws are told with their range, or with the share of each class', () => {
  expect(drawsLine(why(), trans)).toBe(
    'Draws: 1.1, 2.2; with 90 % probability from 1 to 3.'
  );
  const classes = { low: null, high: null, shares: { f: 0.75, m: 0.25 } };
  expect(drawsLine(why(classes), trans)).toBe(
    'Draws: 1.1, 2.2 (f in 75 %, m in 25 %).'
  );
  expect(drawsLine(why({ draws: ['1.1'] }), trans)).toBe('');
  const many = Array.from({ length: 13 }, (_, i) => String(i));
  expect(drawsLine(why({ draws: many }), trans)).toContain('9 and 3 more');
  expect(moved(1.23456, 'units', trans)).toBe('+1.23');
  expect(moved(-0.5, 'log-odds', trans)).toBe('-0.5 log-odds');
});

test('a saved version is called by its name, and needs no job', () => {
  const version = {
    name: 'patients',
    n: 3,
    state: 'succeeded',
    spec: done.spec,
    dataset_version_id: done.dataset_version_id,
    n_rows: 4,
    n_columns: 2,
    n_imputations: 2,
    methods: ['pmm'],
    kind: 'imputation'
  } as unknown as ResultVersion;
  const of = ofVersion(version, manifest(), trans);
  expect(of.name).toBe('patients@3');
  expect(of.code(1)).toContain('res = jw.load("patients@3")');
  expect(of.code(1)).toContain('df = res.complete(1)');
  expect(of.line).toContain('Filled 2 of 2 missing values');
  expect(of.repeat.spec).toBe(done.spec);
});
