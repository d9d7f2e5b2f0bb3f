import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import type { Job } from '../src/model/contract';
import type { IFeedState } from '../src/model/feed-state';
import { JobList } from '../src/components/JobList';
import { type IJobFilter, NO_FILTER } from '../src/model/filter';
import { feedState } from './feed-state';
import { job, tick } from './job';
import { ReactPage } from './page';

const trans = nullTranslator.load('jupyter_wrangler');
const calls: string[] = [];
const page = new ReactPage();

beforeEach(() => {
  calls.length = 0;
  filter = NO_FILTER;
  notebook = 'analysis.ipynb';
  here = new Set();
});

let filter: IJobFilter = NO_FILTER;
let notebook: string | null = 'analysis.ipynb';
let here: ReadonlySet<string> = new Set();

/** As in the panel: the same functions at each drawing. */
const actions = {
  cancel: (id: string) => calls.push(`cancel ${id}`),
  retry: (id: string) => calls.push(`retry ${id}`),
  open: (id: string) => calls.push(`open ${id}`),
  insert: (id: string) => calls.push(`insert ${id}`),
  menu: (id: string) => calls.push(`menu ${id}`),
  select: (id: string) => calls.push(`select ${id}`),
  drag: (id: string) => calls.push(`drag ${id}`),
  copy: (text: string) => calls.push(`copy ${text}`),
  refine: (change: Partial<IJobFilter>) => {
    filter = { ...filter, ...change };
  },
  refresh: () => calls.push('refresh')
};

function show(change: Partial<IFeedState>): void {
  React.act(() => {
    page.render(
      <JobList
        state={feedState(change)}
        now={new Date('2026-11-22T15:00:00Z')}
        trans={trans}
        filter={filter}
        here={here}
        notebook={notebook}
        canInsert={notebook !== null}
        {...actions}
      />
    );
  });
}

function press(label: string): void {
  React.act(() => {
    page.button(label).click();
  });
}

test('without jobs the panel teaches how to make one', () => {
  show({});
  expect(page.host.textContent).toContain('No jobs yet');
  expect(page.host.querySelector('pre')?.textContent).toContain(
    'jw.impute(df)'
  );
});

test('with a problem in view it does not teach', () => {
  show({ problem: { code: 'database_unreachable', message: '' } });
  expect(page.host.textContent).not.toContain('No jobs yet');
});

test('what was known last is told to be that', () => {
  const problem = { code: 'database_unreachable', message: '' };
  show({ jobs: [job()], live: false, stale: true, problem });
  expect(page.host.textContent).toContain('what was known last');
  show({ jobs: [job()], problem: { code: 'no_worker', message: '' } });
  expect(page.host.textContent).not.toContain('what was known last');
});

test('before the first answer it does not say that there are none', () => {
  show({ loaded: false });
  expect(page.host.textContent).not.toContain('No jobs yet');
});

test('a running job shows share, message and time left, and can be cancelled', () => {
  show({ jobs: [job({ progress: tick() })] });
  expect(page.host.querySelectorAll('ul[role=list] > li')).toHaveLength(1);
  const bar = page.host.querySelector('progress');
  expect(bar?.value).toBe(62);
  expect(bar?.getAttribute('aria-label')).toBe('Progress of penguins');
  expect(page.host.textContent).toContain('62 %');
  expect(page.host.textContent).toContain('round 1 of 10');
  expect(page.host.textContent).toContain('about 40 s left');
  press('Cancel penguins');
  expect(calls).toEqual([`cancel ${job().id}`]);
});

test('a job that is being cancelled cannot be cancelled twice', () => {
  show({ jobs: [job()], cancelling: new Set([job().id]) });
  expect(page.button('Cancel penguins').textContent).toBe('Cancelling…');
  press('Cancel penguins');
  expect(calls).toEqual([]);
});

test('why a job could not be cancelled is told at the job', () => {
  const refused = new Map([
    [
      job().id,
      {
        action: 'cancel' as const,
        problem: { code: 'database_unreachable', message: '' }
      }
    ]
  ]);
  show({ jobs: [job()], refused });
  expect(page.host.textContent).toContain(
    'Not cancelled: The database does not answer'
  );
});

test('a finished job offers its result and the code that loads it', () => {
  show({ jobs: [job({ state: 'succeeded' })] });
  expect(page.host.querySelector('progress')).toBeNull();
  press('Open the result of penguins');
  press('Insert the code that loads the result of penguins');
  press('More actions for penguins');
  const { id } = job();
  expect(calls).toEqual([`open ${id}`, `insert ${id}`, `menu ${id}`]);
});

test('without a notebook inserting is disabled, and says why', () => {
  notebook = null;
  show({ jobs: [job({ state: 'succeeded' })] });
  const insert = [...page.host.querySelectorAll('button')].find(
    node => node.textContent === 'Insert code'
  );
  expect(insert?.getAttribute('aria-disabled')).toBe('true');
  expect(insert?.title).toContain('open a notebook first');
  React.act(() => insert?.click());
  expect(calls).toEqual([]);
});

test('a failed job shows its message and copies it', () => {
  const error = { code: 'out_of_memory', message: 'It needed 11 GB.' };
  show({ jobs: [job({ state: 'failed', error })] });
  expect(page.host.textContent).toContain('It needed 11 GB.');
  press('Copy the error message of penguins');
  expect(calls).toEqual(['copy It needed 11 GB.']);
});

test('nothing that a job carries is read as HTML', () => {
  const evil = '<img src=x onerror=alert(1)><script>1</script>';
  show({
    jobs: [
      job({ name: evil, progress: tick({ message: evil }) }),
      job({
        id: 'b',
        name: evil,
        state: 'failed',
        error: { code: 'internal', message: evil }
      })
    ],
    problem: { code: 'wrangler_error', message: evil }
  });
  expect(page.host.querySelector('img, script')).toBeNull();
  expect(page.host.textContent).toContain(evil);
});

function ended(one: Job): Job {
  return { ...one, state: 'succeeded' };
}

test('only the end of a job is said aloud', () => {
  const live = (): string =>
    page.host.querySelector('[aria-live=polite]')?.textContent ?? '';
  show({ jobs: [job({ state: 'queued' })] });
  show({ jobs: [job({ progress: tick() })] });
  expect(live()).toBe('');
  show({ jobs: [job({ state: 'succeeded' })] });
  expect(live()).toBe('Job penguins is done.');
});

test('the same words are said again for another job', () => {
  const said = (): Element | null =>
    page.host.querySelector('[aria-live=polite] > span');
  const twins = ['a', 'b'].map(id => job({ id }));
  show({ jobs: twins });
  show({ jobs: twins.map((one, k) => (k ? one : ended(one))) });
  const first = said();
  show({ jobs: twins.map(ended) });
  expect(said()?.textContent).toBe('Job penguins is done.');
  expect(said()).not.toBe(first);
});

test('a problem keeps the jobs in view and can be asked about again', () => {
  show({
    jobs: [job()],
    live: false,
    problem: { code: 'no_worker', message: '' }
  });
  expect(page.host.querySelector('[role=alert]')?.textContent).toContain(
    'No worker is running'
  );
  expect(page.host.querySelectorAll('li')).toHaveLength(1);
  press('Look again');
  expect(calls).toEqual(['refresh']);
});

test('a job that is being cancelled makes no promise on time', () => {
  show({ jobs: [job({ state: 'cancelling', progress: tick() })] });
  expect(page.host.textContent).toContain('62 %');
  expect(page.host.textContent).not.toContain('left');
});

test.each(['failed', 'timed_out', 'cancelled', 'quarantined'] as const)(
  'a job that is %s can be retried with one click',
  state => {
    show({ jobs: [job({ state })] });
    press('Retry penguins');
    expect(calls).toEqual([`retry ${job().id}`]);
  }
);

test.each(['queued', 'running', 'cancelling', 'succeeded'] as const)(
  'a job that is %s cannot be retried',
  state => {
    show({ jobs: [job({ state })] });
    expect(() => page.button('Retry penguins')).toThrow('no button');
  }
);

test('a job that is being retried waits, and cannot be retried twice', () => {
  const error = { code: 'out_of_memory', message: 'It needed 11 GB.' };
  const failed = job({ state: 'failed', error });
  show({ jobs: [failed], retrying: new Set([failed.id]) });
  expect(page.button('Retry penguins').textContent).toBe('Retrying…');
  expect(page.host.textContent).toContain('Waiting');
  expect(page.host.textContent).not.toContain('It needed 11 GB.');
  press('Retry penguins');
  expect(calls).toEqual([]);
  // as soon as it waits in earnest it can be cancelled
  show({ jobs: [job({ state: 'queued' })], retrying: new Set([failed.id]) });
  press('Cancel penguins');
  expect(calls).toEqual([`cancel ${failed.id}`]);
});

test('why a job could not be retried is told at the job', () => {
  const problem = { code: 'quota_exceeded', message: 'You have 9 of 9 jobs.' };
  const refused = new Map([[job().id, { action: 'retry' as const, problem }]]);
  show({ jobs: [job({ state: 'failed' })], refused });
  expect(page.host.textContent).toContain('Not retried: You have 9 of 9 jobs.');
});

test('the focus stays at the job when the pressed button goes', () => {
  show({ jobs: [job({ state: 'failed' })] });
  page.button('Retry penguins').focus();
  show({ jobs: [job({ state: 'queued' })] });
  expect(document.activeElement).toBe(page.host.querySelector('li'));
});

/** Give a field a value as a person would. */
function enter(field: HTMLInputElement | HTMLSelectElement, value: string) {
  const { set } = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(field) as object,
    'value'
  ) as { set: (value: string) => void };
  React.act(() => {
    set.call(field, value);
    const type = field instanceof HTMLSelectElement ? 'change' : 'input';
    field.dispatchEvent(new Event(type, { bubbles: true }));
  });
}

function names(): (string | null)[] {
  return [...page.host.querySelectorAll('h3')].map(node => node.textContent);
}

test('search, state and notebook choose which jobs are listed', () => {
  const jobs = [
    job({ id: 'a', name: 'penguins' }),
    job({ id: 'b', name: 'airquality', state: 'succeeded' }),
    job({ id: 'c', name: 'airport', state: 'failed' })
  ];
  show({ jobs });
  enter(
    page.host.querySelector('input[type=search]') as HTMLInputElement,
    'air pmm'
  );
  show({ jobs });
  expect(names()).toEqual(['airquality', 'airport']);
  enter(page.host.querySelector('select') as HTMLSelectElement, 'done');
  show({ jobs });
  expect(names()).toEqual(['airquality']);
  here = new Set(['c']);
  React.act(() => {
    page.host.querySelector<HTMLInputElement>('input[type=checkbox]')?.click();
  });
  show({ jobs });
  expect(names()).toEqual([]);
  expect(page.host.textContent).toContain('No job fits the filters');
  press('Show all jobs');
  show({ jobs });
  expect(names()).toHaveLength(3);
});

test('a tick draws only the row that it is about', () => {
  const jobs = Array.from({ length: 500 }, (_, k) =>
    job({ id: `j${k}`, name: `job ${k}`, progress: tick() })
  );
  show({ jobs });
  const rows = [...page.host.querySelectorAll('li')];
  const changed = new Set<Element>();
  const observer = new MutationObserver(records => {
    for (const { target } of records) {
      const node = target instanceof Element ? target : target.parentElement;
      changed.add(node?.closest('li') ?? page.host);
    }
  });
  observer.observe(page.host, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true
  });
  const one = job({ id: 'j7', name: 'job 7', progress: tick({ done: 40 }) });
  show({ jobs: jobs.map((known, k) => (k === 7 ? one : known)) });
  for (const { target } of observer.takeRecords()) {
    const node = target instanceof Element ? target : target.parentElement;
    changed.add(node?.closest('li') ?? page.host);
  }
  observer.disconnect();
  expect([...changed]).toEqual([rows[7]]);
});

test('arrow keys walk through the jobs, and the focused one is selected', () => {
  show({ jobs: [job({ id: 'a' }), job({ id: 'b' })] });
  const [first, second] = [...page.host.querySelectorAll('li')];
  React.act(() => {
    first?.focus();
  });
  React.act(() => {
    first?.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true })
    );
  });
  expect(document.activeElement).toBe(second);
  expect(calls).toEqual(['select a', 'select b']);
});

test('a job that waits tells its place, and whose turn it has', () => {
  const queue = {
    place: 3,
    reason: 'behind_others' as const,
    n_own: 0,
    own: [],
    n_others: 2,
    starts_in_s: 40
  };
  show({ jobs: [job({ state: 'queued', priority: 'high', queue })] });
  expect(page.host.textContent).toContain('Number 3 in the queue');
  expect(page.host.textContent).toContain('Before your other jobs');
});
