import * as React from 'react';
import { canRetry, isFinal, type Job } from '../model/contract';
import { codeFor, nameOf } from '../words/jobs';
import { presentable } from '../words/text';
import { CancelButton } from './CancelButton';
import { CopyButton } from './CopyButton';
import type { IJobActions, IPanelProps } from './props';
import { RetryButton } from './RetryButton';

interface IJobButtonsProps extends IPanelProps, IJobActions {
  job: Job;
  /** Whether another try was asked for and not yet confirmed. */
  retrying: boolean;
}

/** What can be done with a job. */
export function JobButtons(props: IJobButtonsProps): React.JSX.Element {
  const { trans, job, retrying } = props;
  const name = nameOf(job);
  const error = job.error ? presentable(job.error.message) : '';
  return (
    <>
      {error && (
        <CopyButton
          {...props}
          text={error}
          label={trans.__('Copy message')}
          about={trans.__('Copy the error message of %1', name)}
        />
      )}
      {isFinal(job) && (
        <CopyButton
          {...props}
          text={codeFor(job)}
          label={trans.__('Copy code')}
          about={trans.__('Copy the code that gives back %1', name)}
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
      {!isFinal(job) && !retrying && (
        <CancelButton
          trans={trans}
          name={name}
          pending={job.state === 'cancelling'}
          cancel={() => {
            props.cancel(job.id);
          }}
        />
      )}
    </>
  );
}
