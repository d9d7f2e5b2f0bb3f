import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { JobCard } from '../src/components/JobCard';
import {
  cardOf,
  isOutdated,
  type ISnapshot,
  needsNews,
  parseSnapshot,
  quarter,
  sameCard
} from '../src/model/card';
import type { Job } from '../src/model/contract';
import type { IFeedState } from '../src/model/feed-state';
import { description, kept, spoken, waiting } from '../src/words/card';
import { feedState } from './feed-state';
import { job, summary, tick } from './job';
import { ReactPage } from './page';

const trans = nullTranslator.load('jupyter_wrangler');
const ENDED = '2026-11-22T14:05:00Z';

function snapshot(change: Partial<Job> = {}): ISnapshot {
  const stored = job(change);
  return {
    id: stored.id,
    kind: stored.kind,
    name: 'penguins',
    at: '2026-11-22T14:03:00Z',
    job: stored
  };
}

test('what anybody may have written into a notebook is no card', () => {
  const good = snapshot();
  expect(parseSnapshot(good)).toBe(good);
  for (const bad of [
    null,
    'text',
    {},
    { ...good, id: '../../admin' },
    { ...good, job: { ...good.job, id: 'x' } },
    { ...good, at: 'yesterday' },
    { ...good, name: 3 },
    { ...good, job: { ...good.job, spec: null } }
  ]) {
    expect(parseSnapshot(bad)).toBeNull();
  }
});

test('what the feed tells is newer than what is stored', () => {
  const stored = snapshot({ progress: tick() });
  expect(cardOf(stored, feedState()).confirmed).toBe(false);
  const told = job({ state: 'cancelled', finished_at: ENDED });
  const card = cardOf(stored, feedState({ followed: [told] }));
  expect(card.confirmed).toBe(true);
  expect(card.job.state).toBe('cancelled');
});

test('a summary belongs to the end that it was stored with', () => {
  const found = summary({ bmi: 3 });
  const end = { state: 'succeeded', finished_at: ENDED } as const;
  const stored = snapshot({ ...end, summary: found });
  const same = cardOf(stored, feedState({ followed: [job(end)] }));
  expect(same.job.summary).toBe(found);
  const again = cardOf(stored, feedState({ followed: [job()] }));
  expect(again.job.summary).toBeNull();
});

test('a card holds the stream until its job has ended and is stored', () => {
  const running = snapshot();
  const ended = job({ state: 'failed', finished_at: ENDED });
  expect(needsNews(running, feedState())).toBe(true);
  expect(needsNews(running, feedState({ followed: [job()] }))).toBe(true);
  expect(needsNews(running, feedState({ followed: [ended] }))).toBe(true);
  expect(isOutdated(running, feedState({ followed: [ended] }))).toBe(true);
  const stored = { ...running, job: ended };
  expect(isOutdated(stored, feedState({ followed: [ended] }))).toBe(false);
  expect(needsNews(stored, feedState({ followed: [ended] }))).toBe(false);
  expect(
    needsNews(running, feedState({ unknown: new Set([running.id]) }))
  ).toBe(false);
});

test('news of other jobs do not draw a card again', () => {
  const id = snapshot().id;
  const before = feedState({ followed: [job()] });
  const other = job({ id: '6b2a8f0e-0000-4000-8000-000000000009' });
  expect(
    sameCard(id, before, { ...before, followed: [...before.followed, other] })
  ).toBe(true);
  expect(sameCard(id, before, { ...before, live: false })).toBe(false);
});

test('only quarters, ends and errors are spoken', () => {
  const at = (done: number) =>
    cardOf(
      snapshot(),
      feedState({ followed: [job({ progress: tick({ done, total: 100 }) })] })
    );
  expect(quarter(at(49).job)).toBe(1);
  expect(spoken(at(26), at(49), trans)).toBe('');
  expect(spoken(at(49), at(51), trans)).toBe('penguins: 50 % done.');
  const done = cardOf(
    snapshot(),
    feedState({ followed: [job({ state: 'succeeded', finished_at: ENDED })] })
  );
  expect(spoken(at(99), done, trans)).toBe('Job penguins is done.');
});

test('a job that waits says its place, behind which jobs, and until when', () => {
  const ahead = {
    id: 'x',
    name: 'long one',
    dataset_name: 'd',
    state: 'running' as const
  };
  const place = {
    place: 2,
    reason: 'behind_own_jobs' as const,
    n_own: 1,
    own: [ahead],
    n_others: 0,
    starts_in_s: 38
  };
  const waits = job({ state: 'queued', queue: place, estimate_s: 200 });
  expect(waiting(waits, trans)).toEqual([
    'Number 2 in the queue: behind your job long one',
    'Starts in about 40 s',
    'Takes about 4 min once it runs'
  ]);
  expect(waiting(job(), trans)).toEqual([]);
});

test('what a job does and keeps is said in words', () => {
  expect(description(job(), trans)).toBe('5 imputations by pmm');
  const stopped = job({ state: 'cancelled', n_parts: 6, n_finished: 2 });
  expect(kept(stopped, trans)).toBe('Kept: 2 of 5 imputations');
  expect(kept({ ...stopped, n_finished: 0 }, trans)).toContain(
    'nothing is kept'
  );
});

// ── what is drawn ──

const calls: string[] = [];
const page = new ReactPage();

beforeEach(() => {
  calls.length = 0;
});

function show(stored: ISnapshot, change: Partial<IFeedState> = {}): string {
  React.act(() => {
    page.render(
      <JobCard
        card={cardOf(stored, feedState(change))}
        now={new Date('2026-11-22T15:00:00Z')}
        trans={trans}
        cancel={id => calls.push(`cancel ${id}`)}
        retry={id => calls.push(`retry ${id}`)}
        finish={id => calls.push(`finish ${id}`)}
        prioritize={(id, turn) => calls.push(`${turn} ${id}`)}
        refresh={() => calls.push('refresh')}
        copy={text => calls.push(`copy ${text}`)}
        insert={code => {
          calls.push(`insert ${code}`);
          return false;
        }}
      />
    );
  });
  return page.host.textContent ?? '';
}

function press(label: RegExp): void {
  const found = [...page.host.querySelectorAll('button')].find(node =>
    label.test(node.textContent ?? '')
  );
  if (!found) {
    throw new Error(
      `no button ${label.source} in ${page.host.textContent ?? ''}`
    );
  }
  React.act(() => {
    found.click();
  });
}

test('a running job has a named bar, its parts, and a way to keep what is done', () => {
  const part = (k: number) => ({
    k,
    fraction: 0.5,
    message: `imputation ${k}`
  });
  const told = job({
    n_parts: 6,
    n_finished: 2,
    can_finish: true,
    progress: tick({ parts: [part(3), part(4)] })
  });
  const text = show(snapshot(), { followed: [told] });
  const bar = page.host.querySelector('progress');
  expect(bar?.getAttribute('aria-label')).toBe('Progress of penguins');
  expect(bar?.value).toBe(62);
  expect(text).toContain('imputation 3 · 50 %');
  expect(text).toContain('Finished: 2 of 5 imputations');
  press(/Finish now/);
  press(/Cancel/);
  expect(calls).toEqual([`finish ${told.id}`, `cancel ${told.id}`]);
});

test('a button that can do nothing yet says why, and does nothing', () => {
  show(snapshot(), { followed: [job({ n_parts: 6 })] });
  const button = page.host.querySelector('[aria-disabled="true"]');
  expect(button?.getAttribute('title')).toContain('Nothing is finished yet');
  press(/Finish now/);
  expect(calls).toEqual([]);
});

test('a job that waits can be given another turn', () => {
  show(snapshot(), { followed: [job({ state: 'queued' })] });
  const choice = page.host.querySelector('select');
  expect(choice?.getAttribute('aria-label')).toBe(
    'Turn of penguins among your jobs'
  );
  expect(choice?.value).toBe('normal');
  React.act(() => {
    if (choice) {
      choice.value = 'high';
      choice.dispatchEvent(new Event('change', { bubbles: true }));
    }
  });
  expect(calls).toEqual([`high ${job().id}`]);
});

test('without an answer of the service the card says as of when it is', () => {
  const text = show(snapshot(), {
    live: false,
    problem: { code: 'service_unreachable', message: '' }
  });
  expect(text).toMatch(/as of .*03/);
  expect(text).toContain('The Wrangler service does not answer');
  press(/Look again/);
  expect(calls).toEqual(['refresh']);
});

test('a job that the service does not know keeps its last snapshot and no button', () => {
  const text = show(snapshot(), { unknown: new Set([job().id]) });
  expect(text).toContain('The service does not know this job');
  expect(page.host.querySelectorAll('button')).toHaveLength(0);
});

test('code that nobody inserts can still be copied', () => {
  const end = { state: 'succeeded', finished_at: ENDED } as const;
  show(snapshot({ ...end, summary: summary({ '<b>bmi</b>': 3 }) }));
  expect(page.host.querySelector('b')).toBeNull();
  press(/Insert code/);
  expect(page.host.textContent).toContain('There is no cell here');
  press(/Copy code/);
  const code = 'res = jw.job("6b2a8f0e").result()\nres';
  expect(calls).toEqual([`insert ${code}`, `copy ${code}`]);
});
