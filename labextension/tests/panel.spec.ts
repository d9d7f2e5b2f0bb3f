import { nullTranslator } from '@jupyterlab/translation';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import {
  PANEL,
  WIDGET,
  endsWidgets,
  storedAt,
  widgetId
} from '../src/model/panel';
import { whyStored } from '../src/words/panel';

const trans = nullTranslator.load('jupyter_wrangler');

function model(data: Record<string, unknown>): IRenderMime.IMimeModel {
  return { data, metadata: {}, trusted: true } as IRenderMime.IMimeModel;
}

test('whatever a notebook holds is read without a throw', () => {
  for (const wrong of [null, 7, 'text', [], {}, { at: 7, model_id: {} }]) {
    expect(storedAt(model({ [PANEL]: wrong }))).toBe('');
    expect(widgetId(model({ [WIDGET]: wrong }))).toBe('');
  }
  expect(storedAt(model({ [PANEL]: { at: 'yesterday' } }))).toBe('');
});

test('what is stored says when it was and which widget it was', () => {
  const at = '2026-11-30T14:02:00Z';
  expect(storedAt(model({ [PANEL]: { at } }))).toBe(at);
  expect(widgetId(model({ [WIDGET]: { model_id: 'f0' } }))).toBe('f0');
});

test('a kernel that restarts takes its widgets with it, a busy one does not', () => {
  const gone = ['restarting', 'autorestarting', 'terminating', 'dead'];
  const there = ['busy', 'idle', 'starting', 'unknown', 'connecting'];
  expect(gone.every(endsWidgets)).toBe(true);
  expect(there.some(endsWidgets)).toBe(false);
});

test('the sentence says how to get the panel back', () => {
  const now = new Date('2026-11-30T15:00:00Z');
  const at = '2026-11-30T14:02:00Z';
  const lost = whyStored(at, true, now, trans);
  expect(lost).toMatch(/No kernel runs this panel.*as of .*Run the cell again/);
  const foreign = whyStored('', false, now, trans);
  expect(foreign).toMatch(
    /not trusted.*when it was stored.*Run the cell again/
  );
});
