import { ROWS, PageStore } from '../src/model/pages';
import type { RowPage } from '../src/model/contract';
import type { IBlock } from '../src/model/rows-api';

const TOTAL = 1_000_000;

function page(block: IBlock): RowPage {
  const rows = Array.from({ length: block.limit }, (_, i) => block.offset + i);
  return {
    imputation: 0,
    n_rows: TOTAL,
    n_found: TOTAL,
    offset: block.offset,
    columns: block.columns.map(name => ({ name, dtype: 'float64' })),
    rows,
    index: rows.map(row => `r${row}`),
    cells: rows.map(row => block.columns.map((_, i) => row * 1000 + i)),
    imputed: rows.map(row => (row % 2 === 0 ? [0] : []))
  };
}

/** A service that answers when it is told to. */
function service() {
  const asked: IBlock[] = [];
  const answers: (() => void)[] = [];
  const fetch = (block: IBlock): Promise<RowPage> => {
    asked.push(block);
    return new Promise(resolve => {
      answers.push(() => {
        resolve(page(block));
      });
    });
  };
  return { asked, answers, fetch };
}

const settle = (): Promise<void> => new Promise(done => setTimeout(done, 0));

test('cells of one block are asked for once, and come with their marks', async () => {
  const { asked, answers, fetch } = service();
  const store = new PageStore(fetch, ['a', 'b']);
  for (let row = 0; row < ROWS; row++) {
    expect(store.cell(row, 0)).toBeUndefined();
    expect(store.cell(row, 1)).toBeUndefined();
  }
  expect(asked).toEqual([
    { offset: 0, limit: ROWS, first: 0, columns: ['a', 'b'] }
  ]);
  answers[0]?.();
  await settle();
  expect(store.cell(2, 0)).toEqual({ value: 2000, imputed: true });
  expect(store.cell(2, 1)).toEqual({ value: 2001, imputed: false });
  expect(store.cell(3, 0)?.imputed).toBe(false);
  expect(store.label(3)).toBe('r3');
  expect(asked).toHaveLength(1);
});

test('what was scrolled past is not asked for; the last wanted comes first', async () => {
  const { asked, answers, fetch } = service();
  const store = new PageStore(fetch, ['a']);
  for (let row = 0; row < TOTAL; row += ROWS) {
    store.cell(row, 0);
  }
  expect(asked).toHaveLength(2);
  answers[0]?.();
  await settle();
  expect(asked[2]?.offset).toBe(TOTAL - ROWS);
  for (let i = 1; i < 20; i++) {
    answers[i]?.();
    await settle();
  }
  expect(asked.length).toBeLessThan(12);
});

test('wide data are fetched by columns too', async () => {
  const { asked, answers, fetch } = service();
  const names = Array.from({ length: 120 }, (_, i) => `x${i}`);
  const store = new PageStore(fetch, names);
  store.cell(250, 110);
  expect(asked[0]?.offset).toBe(200);
  expect(asked[0]?.columns[0]).toBe('x100');
  expect(asked[0]?.columns).toHaveLength(20);
  answers[0]?.();
  await settle();
  expect(store.cell(250, 110)?.value).toBe(250 * 1000 + 10);
});

test('few blocks are kept', async () => {
  const { asked, answers, fetch } = service();
  const store = new PageStore(fetch, ['a']);
  for (let i = 0; i < 100; i++) {
    store.cell(i * ROWS, 0);
    answers[i]?.();
    await settle();
  }
  expect(store.cell(99 * ROWS, 0)).toBeDefined();
  expect(store.cell(0, 0)).toBeUndefined();
  expect(asked).toHaveLength(101);
});

test('what failed is told once, and asked for again when a person wants it', async () => {
  let broken = true;
  let count = 0;
  const store = new PageStore(
    block => {
      count += 1;
      return broken
        ? Promise.reject(new Error('down'))
        : Promise.resolve(page(block));
    },
    ['a']
  );
  const told: unknown[] = [];
  store.failed.connect((_, error) => told.push(error));
  store.cell(0, 0);
  await settle();
  store.cell(0, 0);
  await settle();
  expect([told.length, count]).toEqual([1, 1]);
  broken = false;
  store.retry();
  await settle();
  expect(store.cell(0, 0)?.value).toBe(0);
});

test('what comes after the end changes nothing', async () => {
  const { answers, fetch } = service();
  const store = new PageStore(fetch, ['a']);
  let came = 0;
  store.arrived.connect(() => (came += 1));
  store.cell(0, 0);
  store.dispose();
  answers[0]?.();
  await settle();
  expect(came).toBe(0);
});
