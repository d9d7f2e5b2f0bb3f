import * as React from 'react';
import { canRetry, isFinal } from '../model/contract';
import { finished } from '../words/card';
import { nameOf } from '../words/jobs';
import { presentable } from '../words/text';
import { CancelButton } from './CancelButton';
import { CopyButton } from './CopyButton';
import type { IJobCardProps } from './JobCard';
import { RetryButton } from './RetryButton';

/** Ends a job with what it has; a disabled button says why. */
function FinishButton(props: IJobCardProps): React.JSX.Element {
  const { trans, card } = props;
  const { job } = card;
  const why = job.finishing
    ? trans.__('It is finishing already')
    : job.can_finish
      ? trans.__('End now and keep %1', finished(job, trans))
      : trans.__('Nothing is finished yet that could be kept');
  const off = job.finishing || !job.can_finish;
  return (
    <button
      type="button"
      className="jp-Wrangler-button"
      aria-label={`${trans.__('Finish %1 now', nameOf(job))}: ${why}`}
      title={why}
      aria-disabled={off}
      onClick={() => {
        if (!off) {
          props.finish(job.id);
        }
      }}
    >
      {job.finishing ? trans.__('Finishing…') : trans.__('Finish now')}
    </button>
  );
}

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
