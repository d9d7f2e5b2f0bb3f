import * as React from 'react';
import { canRetry, isFinal } from '../model/contract';
import { nameOf } from '../words/jobs';
import { presentable } from '../words/text';
import { CancelButton } from './CancelButton';
import { CopyButton } from './CopyButton';
import { FinishButton } from './FinishButton';
import type { IJobCardProps } from './JobCard';
import { RetryButton } from './RetryButton';

/** What can be done with a job, each where it makes sense. */
export function CardButtons(props: IJobCardProps): React.JSX.Element | null {
  const { card, trans } = props;
  const { job, retrying, unknown } = card;
  const name = nameOf(job);
  if (unknown) {
    return null;
  }
  const error = job.error ? presentable(job.error.message) : '';
  const goesOn = !isFinal(job) && !retrying;
  const pieces = job.n_parts > 2;
  return (
    <div className="jp-Wrangler-buttons">
      {error && (
        <CopyButton
          {...props}
          text={error}
          label={trans.__('Copy message')}
          about={trans.__('Copy the error message of %1', name)}
        />
      )}
      {(retrying || canRetry(job)) && (
        <RetryButton
          trans={trans}
          name={name}
          pending={retrying}
          retry={() => {
            props.retry(job.id);
          }}
        />
      )}
      {goesOn && pieces && job.state === 'running' && (
        <FinishButton {...props} />
      )}
      {goesOn && (
        <CancelButton
          trans={trans}
          name={name}
          pending={job.state === 'cancelling'}
          cancel={() => {
            props.cancel(job.id);
          }}
        />
      )}
    </div>
  );
}
