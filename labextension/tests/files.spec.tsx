/**
 * Files: what is asked of the server, what is drawn, and what is written as code.
 */
import { nullTranslator } from '@jupyterlab/translation';
import { ServerConnection } from '@jupyterlab/services';
import { ReadableStream } from 'stream/web';
import { TextDecoder, TextEncoder } from 'util';
import * as React from 'react';
import { FilePlan } from '../src/components/FilePlan';
import { FileSave } from '../src/components/FileSave';
import { FileView } from '../src/components/FileView';
import { RowsModel } from '../src/components/RowsModel';
import { WranglerApi } from '../src/model/api';
import { FileRowsModel } from '../src/model/file-rows';
import { FileWork, targetOf } from '../src/model/file-work';
import {
  FilesApi,
  type IFilePlan,
  type IFilePreview,
  isTable
} from '../src/model/files';
import {
  codeOf,
  columnsOf,
  countedWords,
  factsOf,
  formOf,
  readOf
} from '../src/words/files';
import { ReactPage } from './page';

Object.assign(globalThis, { TextDecoder });

const trans = nullTranslator.load('jupyter_wrangler');
const page = new ReactPage();

const PREVIEW: IFilePreview = {
  name: 'x.csv',
  kind: '.csv',
  size: 1_234_567,
  fingerprint: '1-2',
  dialect: {
    separator: ';',
    decimal: ',',
    encoding: 'utf-8',
    marked: true,
    windows: true
  },
  sheets: [],
  sheet: null,
  rows_read: 1000,
  n_rows: null,
  about_rows: 12_345,
  columns: [
    { name: 'a', type: 'float', n_missing: 0 },
    { name: '<b>', type: 'text', n_missing: 100 }
  ],
  rows: [['1,5', null]],
  notes: ['A note.'],
  save_as: 'x.imputed.csv',
  code: "import pandas as pd\n\ndf = pd.read_csv('x.csv', sep=';')"
};

const column = {
  level: 'nominal',
  reason: 'Because.',
  missing_values: [],
  predictors: null,
  min_value: null,
  max_value: null
};

const PLAN: IFilePlan = {
  plan: {
    version: 1,
    columns: [
      { ...column, name: 'a', method: '', n_missing: 0 },
      { ...column, name: '<b>', method: 'logreg', n_missing: 100 },
      {
        ...column,
        name: 'c',
        level: 'continuous',
        method: 'pmm',
        n_missing: 1,
        min_value: 0,
        missing_values: [-999]
      }
    ],
    n_rows: 1000,
    n_imputations: 1,
    target: null,
    group: null,
    warnings: ['Think first.']
  },
  choices: { nominal: ['knn', 'logreg'], continuous: ['mean', 'pmm'] },
  rows_used: 1000,
  rows_seen: 12_000,
  seen_all: true
};

const JOB = '3f2b8c1e-0000-4000-8000-000000000000';

/** What the server was asked, and what it will answer. */
const asked: { verb: string; body: Record<string, unknown> }[] = [];
let answers: Record<string, () => Response | Promise<Response>>;

function json(body: unknown, status = 200): Response {
  return {
    ok: status < 400,
    status,
    json: () => Promise.resolve(body)
  } as Response;
}

/** Lines that arrive in pieces, cut anywhere. */
function lines(...said: unknown[]): Response {
  const bytes = new TextEncoder().encode(
    said.map(line => `${JSON.stringify(line)}\n`).join('')
  );
  const body = new ReadableStream<Uint8Array>({
    start: controller => {
      for (let at = 0; at < bytes.length; at += 7) {
        controller.enqueue(bytes.slice(at, at + 7));
      }
      controller.close();
    }
  });
  return { ok: true, status: 200, body } as unknown as Response;
}

class FakeRequest {
  readonly headers = new Map<string, string>();

  constructor(
    readonly url: string,
    readonly init: RequestInit
  ) {}
}

function changed(): Response {
  const body = { code: 'file_changed', message: 'It has changed.' };
  return json(body, 409);
}

async function fetch(request: RequestInfo | URL): Promise<Response> {
  const { url, init } = request as unknown as FakeRequest;
  expect(init.method).toBe('POST');
  const verb = new URL(url).pathname.replace('/base/api/wrangler/files/', '');
  const body = JSON.parse(init.body as string) as Record<string, unknown>;
  asked.push({ verb, body });
  const answer = answers[verb];
  if (!answer) {
    throw new TypeError('Failed to fetch');
  }
  return await answer();
}

function workOf(task: 'impute' | 'profile' = 'impute'): FileWork {
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://here/base/'
  });
  return new FileWork(new FilesApi(new WranglerApi(settings)), 'd/x.csv', task);
}

/** Draw, and wait until what was clicked is done. */
async function draw(element: React.ReactElement): Promise<void> {
  await React.act(async () => {
    page.render(element);
    await new Promise(done => setTimeout(done, 20));
  });
}

beforeEach(() => {
  asked.length = 0;
  Object.assign(globalThis, { fetch, Headers: Map, Request: FakeRequest });
  answers = {
    preview: () => json(PREVIEW),
    plan: () => lines({ answer: PLAN }),
    run: () =>
      lines(
        { progress: { stage: 'reading', done: 1, total: 2 } },
        { progress: { stage: 'sending', done: 0, total: 1 } },
        { answer: { job_id: JOB, notes: ['Noted: ü.'] } }
      ),
    save: () => lines({ answer: { paths: ['x.imputed.csv'], n_imputed: 101 } }),
    profile: () =>
      lines({ answer: { html: '<p>found</p>', n_rows: 9, charts: [] } })
  };
});

test.each([
  ['x.csv', true],
  ['X.TSV', true],
  ['x.csv.gz', true],
  ['x.tsv.zst', true],
  ['x.parquet', true],
  ['x.feather', true],
  ['x.xlsx', true],
  ['x.parquet.gz', false],
  ['x.gz', false],
  ['csv', false],
  ['x.ipynb', false]
])('%s is a table: %s', (name, expected) => {
  expect(isTable(name)).toBe(expected);
});

test('a file is looked at and planned, and run by what was chosen', async () => {
  const work = workOf();
  const stages: (string | undefined)[] = [];
  await work.look();
  expect(asked.map(({ verb }) => verb)).toEqual(['preview', 'plan']);
  work.choose('<b>', 'knn');
  work.setSeed(7);
  work.changed.connect(() => stages.push(work.progress?.stage));
  await work.run();
  expect(stages.filter(Boolean)).toEqual(['reading', 'sending']);
  const { body } = asked[2] as (typeof asked)[0];
  expect(body).toMatchObject({
    path: 'd/x.csv',
    fingerprint: '1-2',
    n_imputations: 1,
    random_state: 7
  });
  const plan = body['plan'] as IFilePlan['plan'];
  expect(plan.columns.map(({ method }) => method)).toEqual(['', 'knn', 'pmm']);
  expect([work.job, work.doing, work.notes]).toEqual([
    JOB,
    null,
    ['Noted: ü.']
  ]);
  work.end(true);
  await work.save('x.imputed.csv', false);
  expect(asked[3]?.body).toMatchObject({ job_id: JOB, overwrite: false });
  expect(work.saved?.n_imputed).toBe(101);
});

test('several imputations are planned anew, and what was chosen stays', async () => {
  const work = workOf();
  await work.look();
  work.choose('c', 'mean');
  await work.count(5);
  await work.count(9);
  expect(asked.map(({ verb }) => verb)).toEqual(['preview', 'plan', 'plan']);
  expect(asked[2]?.body['n_imputations']).toBe(5);
  expect(work.plan?.columns[2]?.method).toBe('mean');
});

test('a file that changed is said, and can be looked at again', async () => {
  const work = workOf();
  await work.look();
  answers['run'] = changed;
  await work.run();
  expect(work.problem?.problem).toMatchObject({ code: 'file_changed' });
  expect(work.job).toBeNull();
  await draw(
    <FileView
      work={work}
      rows={null}
      trans={trans}
      insert={() => true}
      copy={() => undefined}
    />
  );
  const alert = page.host.querySelector('[role=alert]');
  expect(alert?.textContent).toContain('It has changed.');
  alert?.querySelector('button')?.click();
  await new Promise(done => setTimeout(done, 20));
  expect(asked.map(({ verb }) => verb).slice(-2)).toEqual(['preview', 'plan']);
});

/** A file of some rows, of which the server has counted a part at each question. */
function rowsOf(total: number): void {
  let known = 100;
  answers['rows'] = () => {
    const { body } = asked[asked.length - 1] as (typeof asked)[0];
    const { offset, limit } = body as { offset: number; limit: number };
    known = Math.max(known, offset + limit);
    if (limit === 0) {
      known += 200;
    }
    known = Math.min(known, total);
    const n = Math.max(0, Math.min(limit, total - offset));
    return json({
      offset,
      cells: Array.from({ length: n }, (_, k) => [String(offset + k), null]),
      n_rows: known,
      counted: known === total,
      share: known / total
    });
  };
}

/** Wait until something is true, however slow the machine is. */
async function until(what: () => boolean): Promise<void> {
  while (!what()) {
    await new Promise(done => setTimeout(done, 2));
  }
}

async function rowsModel(known: number | null): Promise<FileRowsModel> {
  const work = workOf();
  await work.look();
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://here/base/'
  });
  return new FileRowsModel(
    new FilesApi(new WranglerApi(settings)),
    work.file as NonNullable<typeof work.file>,
    columnsOf(PREVIEW, trans),
    { n_rows: known, rows_read: 100 }
  );
}

test('rows of a file are counted while it is shown, and come in blocks', async () => {
  rowsOf(950);
  const model = await rowsModel(null);
  const found: string[] = [];
  model.changed.connect(() => found.push(countedWords(model, trans)));
  expect(model.found).toBe(100);
  await until(() => model.counted);
  expect(model.found).toBe(950);
  expect(found[0]).toBe('300 rows so far, in 31 % of the file');
  expect(found[found.length - 1]).toBe('950 rows');
  model.look(949, 0);
  await until(() => model.focus !== null);
  expect(model.focus).toMatchObject({ value: '949', label: '950' });
  model.look(949, 1);
  expect(model.focus).toMatchObject({ value: null, imputed: false });
  expect(asked[asked.length - 1]?.body).toMatchObject({
    path: 'd/x.csv',
    fingerprint: '1-2',
    offset: 900,
    limit: 100,
    first_column: 0,
    n_columns: 2
  });
  model.dispose();
});

test('a file that is closed is counted no longer', async () => {
  rowsOf(1_000_000_000);
  const model = await rowsModel(null);
  await until(() => model.found > 1000);
  model.dispose();
  // the question that is under way is answered
  await new Promise(done => setTimeout(done, 50));
  const before = asked.length;
  await new Promise(done => setTimeout(done, 30));
  expect(asked.length).toBe(before);
});

test('rows of a file that changed are a problem of the file', async () => {
  answers['rows'] = changed;
  const model = await rowsModel(5000);
  const problems: string[] = [];
  model.failed.connect((_, { code }) => problems.push(code));
  model.look(0, 0);
  expect(model.focus).toBeNull();
  await until(() => problems.length > 0);
  expect(problems).toEqual(['file_changed']);
  model.dispose();
});

test('rows that are found later are drawn below the others', async () => {
  rowsOf(500);
  const model = await rowsModel(null);
  const grid = new RowsModel(model);
  const changes: unknown[] = [];
  grid.changed.connect((_, change) => changes.push(change));
  await until(() => model.counted);
  expect(changes).toContainEqual({
    type: 'rows-inserted',
    region: 'body',
    index: 100,
    span: 200
  });
  expect(grid.rowCount('body')).toBe(500);
  expect(changes).not.toContainEqual({ type: 'model-reset' });
  model.dispose();
});

test('what breaks off after the first lines is a problem', async () => {
  const work = workOf();
  await work.look();
  answers['run'] = () =>
    lines(
      { progress: { stage: 'reading', done: 1, total: 2 } },
      { error: { code: 'invalid_data', message: 'Too large.' } }
    );
  await work.run();
  expect(work.problem?.problem.message).toBe('Too large.');
  answers['run'] = () =>
    lines({ progress: { stage: 'reading', done: 1, total: 2 } });
  await work.run();
  expect(work.problem?.problem.code).toBe('jupyter_unreachable');
});

test('what was asked later is what counts', async () => {
  const work = workOf();
  let late: (response: Response) => void = () => undefined;
  answers['preview'] = () =>
    new Promise<Response>(resolve => {
      late = resolve;
    });
  const first = work.look();
  await new Promise(resolve => setTimeout(resolve));
  answers['preview'] = () => json({ ...PREVIEW, name: 'second' });
  await work.read({ separator: ',' });
  late(json({ ...PREVIEW, name: 'first' }));
  await first;
  expect(work.preview?.name).toBe('second');
  expect(asked[1]?.body['options']).toMatchObject({ separator: ',' });
});

test('a profile is asked for when the file is opened for it', async () => {
  const work = workOf('profile');
  await work.look();
  expect(asked.map(({ verb }) => verb)).toEqual(['preview', 'profile']);
  expect(work.profiled?.html).toBe('<p>found</p>');
  expect(codeOf(work)).toMatch(/jw\.profile\(df\)$/);
});

test('each column has a drop-down of what fits, and a reason', async () => {
  const work = workOf();
  await work.look();
  await draw(<FilePlan work={work} trans={trans} />);
  const [first] = page.host.querySelectorAll('select');
  expect(first?.getAttribute('aria-label')).toBe('Method for <b>');
  expect([...(first?.options ?? [])].map(({ text }) => text)).toEqual([
    'leave alone',
    'knn',
    'logreg (recommended)'
  ]);
  expect(page.host.textContent).toContain(
    'rests on 1,000 rows, drawn at random from all 12,000'
  );
  expect(page.host.textContent).toContain('Because.');
  expect(page.host.textContent).toContain('Think first.');
  expect(page.host.textContent).toContain('100 (10.0 %)');
  expect(page.host.textContent).toContain('1 column is complete');
  work.choose('<b>', '');
  await draw(<FilePlan work={work} trans={trans} />);
  expect(page.host.textContent).toContain('You chose it. Recommended: logreg.');
});

test('nothing is saved before there is a result, and replaced only if asked', async () => {
  const work = workOf();
  await work.look();
  await work.run();
  const form = <FileSave work={work} trans={trans} />;
  await draw(form);
  const click = async (label: string): Promise<void> => {
    React.act(() => {
      page.button(label).click();
    });
    await draw(<FileSave work={work} trans={trans} />);
  };
  await click('Save');
  expect(asked.map(({ verb }) => verb)).not.toContain('save');
  work.end(true);
  answers['save'] = () =>
    json({ code: 'file_taken', message: 'It is there.' }, 409);
  await draw(<FileSave work={work} trans={trans} />);
  await click('Save');
  answers['save'] = () =>
    lines({ answer: { paths: ['x.imputed.csv'], n_imputed: 101 } });
  await click('Replace it');
  const sent = asked.filter(({ verb }) => verb === 'save');
  expect(sent.map(({ body }) => body['overwrite'])).toEqual([false, true]);
  expect(page.host.textContent).toContain(
    'Saved: x.imputed.csv (101 values imputed).'
  );
});

test('a file in words', () => {
  expect(factsOf(PREVIEW, trans)).toBe(
    'CSV, 1.2 MB, about 12,000 rows, 2 columns'
  );
  expect(formOf(PREVIEW, trans)).toBe(
    'lines end as on Windows (CR LF); it begins with a byte order mark'
  );
  expect(readOf(PREVIEW, trans)).toContain('of the first 1,000');
  expect(readOf({ ...PREVIEW, n_rows: 1000 }, trans)).toBe('');
});

test('the code does what is run', async () => {
  const work = workOf();
  await work.look();
  work.choose('c', '');
  expect(codeOf(work)).toBe(
    [
      'import jupyter_wrangler as jw',
      'import pandas as pd',
      '',
      "df = pd.read_csv('x.csv', sep=';')",
      'df = jw.mark_missing(df, {"c": [-999]})',
      'job = jw.impute(df, {"<b>": "logreg", "c": ""}, min_value={"c": 0}, n_imputations=1, random_state=0)',
      'job'
    ].join('\n')
  );
});

test('a command names a file, and a job of it', () => {
  expect(targetOf('impute', {})).toBeNull();
  expect(targetOf('profile', { path: 'x.csv', job: 3 })).toEqual({
    path: 'x.csv',
    task: 'profile',
    job: null
  });
});
