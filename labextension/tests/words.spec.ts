import { nullTranslator } from '@jupyterlab/translation';
import { FINAL, type JobState } from '../src/model/contract';
import {
  announcement,
  codeFor,
  expectation,
  nameOf,
  percent,
  result,
  reuse,
  stateWord,
  when
} from '../src/words/jobs';
import { presentable } from '../src/words/text';
import { clock, duration, timeLeft } from '../src/words/times';
import { findings, job, spec, summary, tick } from './job';

const trans = nullTranslator.load('jupyter_wrangler');
const now = new Date('2026-11-22T15:00:00Z');

test('a job without a name goes by that of its data', () => {
  expect(nameOf(job())).toBe('penguins');
  expect(nameOf(job({ name: null }))).toBe('data-6b2a');
});

test('every state has a word of its own', () => {
  const states: JobState[] = ['queued', 'running', 'cancelling', ...FINAL];
  const words = states.map(state => stateWord(state, trans));
  expect(new Set(words).size).toBe(8);
  expect(words).toContain('Cancelling…');
});

test.each([
  [0, 50, 0],
  [31, 50, 62],
  [49.9, 50, 99],
  // all steps are done, the summary is not
  [50, 50, 99],
  [51, 50, 99],
  [-1, 50, 0],
  [0, 0, 0],
  [NaN, NaN, 0]
])('%d of %d steps are %d percent', (done, total, expected) => {
  expect(percent(tick({ done, total }))).toBe(expected);
});

test.each([
  [38.4, 'about 40 s left'],
  [41, 'about 50 s left'],
  [5, 'about 10 s left'],
  [50, 'about 50 s left'],
  [51, 'about 1 min left'],
  [61, 'about 2 min left'],
  [3541, 'about 1 h left'],
  [7300, 'about 3 h left'],
  [4.9, ''],
  [null, ''],
  [Infinity, '']
])('%p seconds are said as %p', (seconds, expected) => {
  expect(timeLeft(seconds, trans)).toBe(expected);
});

test.each([
  [0, '0.1 s'],
  [0.42, '0.4 s'],
  [12.4, '12 s'],
  [59.6, '1 min 0 s'],
  [185, '3 min 5 s'],
  [7800, '2 h 10 min']
])('%d seconds took %p', (seconds, expected) => {
  expect(duration(seconds, trans)).toBe(expected);
});

test('the day is told only when it is another one', () => {
  const today = new Date(2026, 10, 22, 9, 5);
  expect(clock(today.toISOString(), today, 'en-GB')).toBe('09:05');
  const before = new Date(2026, 10, 20, 9, 5);
  expect(clock(before.toISOString(), today, 'en-GB')).toMatch(/20 Nov.*09:05/);
});

test('when tells the time that matters in each state', () => {
  const waiting = job({ state: 'queued', started_at: null });
  expect(when(waiting, now, trans)).toMatch(/^waiting since /);
  expect(when(job(), now, trans)).toMatch(/^started /);
  const finished_at = '2026-11-22T14:02:13Z';
  const done = job({ state: 'succeeded', finished_at });
  expect(when(done, now, trans)).toMatch(/^took 12 s, ended /);
  const unborn = job({ state: 'cancelled', started_at: null, finished_at });
  expect(when(unborn, now, trans)).toMatch(/^ended /);
});

test('the result tells cells, columns and completed data sets', () => {
  const done = job({
    state: 'succeeded',
    summary: summary({ sex: 11, bill_length_mm: 7, note: 0 }, { n_missing: 19 })
  });
  expect(result(done, trans)).toBe(
    'Filled 18 of 19 missing values in 2 columns · 5 completed data sets'
  );
  expect(result({ ...done, summary: null }, trans)).toBe(
    '5 completed data sets'
  );
  expect(result(job({ state: 'failed' }), trans)).toBe('');
});

test('a look at the data says what it found first', () => {
  const done = job({
    kind: 'analysis',
    state: 'succeeded',
    spec: { kind: 'analysis', max_patterns: 20, random_state: 0 },
    summary: findings('19 of 2,408 cells are missing.', 'And so on.')
  });
  expect(result(done, trans)).toBe('19 of 2,408 cells are missing.');
  expect(result({ ...done, summary: findings() }, trans)).toBe('');
  expect(result({ ...done, summary: null }, trans)).toBe('');
});

test('one is one', () => {
  const done = job({
    state: 'succeeded',
    spec: { ...spec, n_imputations: 1 },
    summary: summary({ x: 1 })
  });
  expect(result(done, trans)).toBe(
    'Filled 1 of 1 missing value in 1 column · 1 completed data set'
  );
});

test('no traceback, address or token is fit to be shown', () => {
  const message = [
    'Column bmi: could not fetch https://me:secret@example.org/a?token=abc.',
    'token=0123456789abcdef, Authorization: token 0123456789abcdef0123456789',
    'Traceback (most recent call last):',
    '  File "/srv/engine/chain.py", line 3, in impute'
  ].join('\n');
  const shown = presentable(message);
  expect(shown).toContain('Column bmi: could not fetch');
  for (const secret of ['example.org', 'secret', '0123456789', 'chain.py']) {
    expect(shown).not.toContain(secret);
  }
});

test('a message of words stays as it is', () => {
  const message =
    "'bmi' has 2 observed values, fewer than donors=5; lower donors or use another method for it.";
  expect(presentable(message)).toBe(message);
});

test('a message without end is cut', () => {
  expect(presentable('x'.repeat(5000)).length).toBeLessThan(700);
});

test('the end of a job is said in a sentence', () => {
  const done = job({ state: 'succeeded' });
  const failed = job({ id: 'b', name: 'air', state: 'failed' });
  expect(announcement([done, failed], trans)).toBe(
    'Job penguins is done. Job air: Failed.'
  );
});

test.each([
  [undefined, ''],
  [null, 'how long it takes is not known yet'],
  [0.2, 'takes a moment'],
  [38.4, 'takes about 40 s'],
  [300, 'takes about 5 min'],
  [7300, 'takes about 3 h']
])('of a job that waits %p seconds are said as %p', (seconds, expected) => {
  const waiting = job({
    state: 'queued',
    ...(seconds === undefined ? {} : { estimate_s: seconds })
  });
  expect(expectation(waiting, trans)).toBe(expected);
  expect(expectation({ ...waiting, state: 'running' }, trans)).toBe('');
});

test('what was not computed again is said', () => {
  expect(reuse(job(), trans)).toBe('');
  expect(reuse(job({ reuses: 1 }), trans)).toMatch(/^Asked for again/);
  expect(reuse(job({ reuses: 3 }), trans)).toContain('3 times');
});

test('the code brings the job back', () => {
  expect(codeFor(job())).toBe(`jw.job("${job().id}")`);
});
