import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Job } from '../model/contract';
import { presentable } from '../words/text';

/** Parts that are listed; the bar above tells of all together. */
const MOST = 4;

/** Where each running part of a job is, when several run at once. */
export function PartList(props: {
  job: Job;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { job, trans } = props;
  const parts = job.progress?.parts ?? [];
  if (job.state !== 'running' || parts.length < 2) {
    return null;
  }
  const more = parts.length - MOST;
  return (
    <ul className="jp-Wrangler-parts" aria-label={trans.__('Running parts')}>
      {parts.slice(0, MOST).map(part => (
        <li key={part.k}>
          {presentable(part.message)} ·{' '}
          {trans.__('%1 %', Math.min(99, Math.floor(part.fraction * 100)))}
        </li>
      ))}
      {more > 0 && <li>{trans._n('and %1 more', 'and %1 more', more)}</li>}
    </ul>
  );
}
