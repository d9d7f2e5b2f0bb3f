import * as React from 'react';
import type { Job } from '../model/contract';
import { percent } from '../words/jobs';
import { presentable } from '../words/text';
import { timeLeft } from '../words/times';
import type { IPanelProps } from './props';

/** How far a running job is. */
export function ProgressBar(
  props: IPanelProps & { job: Job; name: string }
): React.JSX.Element {
  const { trans, job, name } = props;
  const progress = job.progress;
  const label = trans.__('Progress of %1', name);
  if (!progress) {
    return (
      <div className="jp-Wrangler-bar">
        <progress className="jp-Wrangler-progress" aria-label={label} />
      </div>
    );
  }
  const done = percent(progress);
  const left =
    job.state === 'running' ? timeLeft(progress.eta_s ?? null, trans) : '';
  const message = presentable(progress.message);
  return (
    <>
      <div className="jp-Wrangler-bar">
        <progress
          className="jp-Wrangler-progress"
          max={100}
          value={done}
          aria-label={label}
        />
        <span className="jp-Wrangler-percent">{trans.__('%1 %', done)}</span>
      </div>
      <div className="jp-Wrangler-line">
        {message}
        {message && left && ' · '}
        <span className="jp-Wrangler-left">{left}</span>
      </div>
    </>
  );
}
