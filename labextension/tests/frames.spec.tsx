import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { FrameList } from '../src/components/FrameList';
import { RecipeList } from '../src/components/RecipeList';
import type { NamedResult } from '../src/model/contract';
import type { IFrame, IFrames, Lack } from '../src/model/frames';
import {
  frameCode,
  missing,
  readCode,
  transformCode
} from '../src/words/frames';
import { ReactPage } from './page';

const trans = nullTranslator.load('jupyter_wrangler');
const calls: string[] = [];
const page = new ReactPage();

beforeEach(() => {
  calls.length = 0;
});

const shared = {
  now: new Date('2026-11-22T15:00:00Z'),
  trans,
  copy: (text: string) => calls.push(`copy ${text}`)
};

function frame(change: Partial<IFrame> = {}): IFrame {
  const given = { name: 'df', kind: 'pandas', n_rows: 344, n_columns: 7 };
  return { ...given, missing: 0.008, ...change };
}

function show(state: IFrames): void {
  React.act(() => {
    page.render(
      <FrameList
        {...shared}
        state={state}
        notebook="analysis.ipynb"
        profile={name => calls.push(`profile ${name}`)}
        wrangle={name => calls.push(`wrangle ${name}`)}
      />
    );
  });
}

function press(label: string): void {
  const found = [...page.host.querySelectorAll('button')].find(
    node => node.getAttribute('aria-label') === label
  );
  if (!found) {
    throw new Error(`no button ${label} in ${page.host.textContent ?? ''}`);
  }
  React.act(() => {
    page.button(label).click();
  });
}

test('a frame shows shape and share missing, and can be looked at', () => {
  show({ frames: [frame()], lack: null });
  expect(page.host.textContent).toContain(
    '344 rows, 7 columns · 0.8 % missing'
  );
  expect(page.host.querySelector('meter')?.value).toBe(0.008);
  press('Profile df');
  press('Impute df');
  expect(calls).toEqual(['profile df', 'wrangle df']);
});

test.each([
  [null, 'missing values not counted'],
  [0, 'nothing missing'],
  [0.0001, '<0.1 % missing'],
  [0.5, '50 % missing']
])('a share of %p is told as it is', (share, words) => {
  expect(missing(frame({ missing: share }), trans)).toBe(words);
});

test.each(['no_notebook', 'no_kernel', 'no_python', 'no_package'] as Lack[])(
  'why nothing is listed is told: %s',
  lack => {
    show({ frames: [], lack });
    expect(page.host.textContent).toMatch(
      /Open a|no kernel|not run Python|pip inst/
    );
    expect(page.host.textContent).not.toContain('No DataFrames yet');
  }
);

test('while a cell runs, what was found before stays', () => {
  show({ frames: [frame()], lack: 'busy' });
  expect(page.host.textContent).toContain('A cell is running');
  expect(page.host.querySelectorAll('li')).toHaveLength(1);
});

test('a notebook without frames teaches how to make one', () => {
  show({ frames: [], lack: null });
  press('Copy the example');
  expect(calls[0]).toContain('pd.read_csv');
});

test.each([
  ['a.csv', 'pd.read_csv("a.csv")'],
  ['a b.TSV', 'pd.read_csv("a b.TSV", sep="\\t")'],
  ['x/y.parquet', 'pd.read_parquet("x/y.parquet")'],
  ['a.xlsx', 'pd.read_excel("a.xlsx")'],
  ['quote".csv', 'pd.read_csv("quote\\".csv")']
])('%s is read by %s', (path, code) => {
  expect(readCode(path)).toBe(code);
  expect(transformCode({ name: 'p', n: 2 }, readCode(path))).toContain(
    `import pandas as pd\n\njob = jw.transform(${code}, "p@2")`
  );
});

test('only results with kept models are recipes, applied to a chosen frame', () => {
  const named = (name: string, recipes: number): NamedResult =>
    ({
      id: name,
      name,
      n_versions: 1,
      latest: {
        ...{ name, n: 1, recipes, n_rows: 3, n_columns: 2, methods: ['pmm'] },
        ...{ n_imputations: 5, kind: 'imputation' }
      }
    }) as unknown as NamedResult;
  React.act(() => {
    page.render(
      <RecipeList
        {...shared}
        state={{ value: [named('kept', 5), named('not', 0)], problem: null }}
        frames={['train', 'new']}
        canInsert={true}
        toFrame={({ name }, to) => calls.push(`${name} to ${to}`)}
        toFile={({ name }) => calls.push(`${name} to file`)}
        refresh={() => calls.push('refresh')}
      />
    );
  });
  expect(page.host.querySelectorAll('li')).toHaveLength(1);
  press('Insert the code that applies kept to train');
  press('Insert the code that applies kept to a file');
  expect(calls).toEqual(['kept to train', 'kept to file']);
});

test.each(['profile', 'wrangle', 'recommend', 'correlate', 'compare'] as const)(
  'the code that asks for %s runs as it is',
  verb => {
    expect(frameCode(verb, 'df')).toBe(
      `import jupyter_wrangler as jw\n\njw.${verb}(df)`
    );
  }
);
