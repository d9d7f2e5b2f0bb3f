import * as React from 'react';
import { canRetry, isFinal, type Job } from '../model/contract';
import { nameOf } from '../words/jobs';
import { presentable } from '../words/text';
import { CancelButton } from './CancelButton';
import { CopyButton } from './CopyButton';
import { InsertButton } from './InsertButton';
import { MoreButton } from './MoreButton';
import type { IJobActions, IPanelProps } from './props';
import { RetryButton } from './RetryButton';

interface IJobButtonsProps extends IPanelProps, IJobActions {
  job: Job;
  /** Whether another try was asked for and not yet confirmed. */
  retrying: boolean;
}

/** What is mostly done with a job that has its result. */
function ResultButtons(props: IJobButtonsProps): React.JSX.Element {
  const { trans, job } = props;
  const name = nameOf(job);
  return (
    <>
      <button
        type="button"
        className="jp-Wrangler-button"
        aria-label={trans.__('Open the result of %1', name)}
        onClick={() => {
          props.open(job.id);
        }}
      >
        {trans.__('Open')}
      </button>
      <InsertButton
        trans={trans}
        about={trans.__('Insert the code that loads the result of %1', name)}
        canInsert={props.canInsert}
        insert={() => {
          props.insert(job.id);
        }}
      />
    </>
  );
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
      {job.state === 'succeeded' && <ResultButtons {...props} />}
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
      <MoreButton
        trans={trans}
        name={name}
        menu={(x, y) => {
          props.menu(job.id, x, y);
        }}
      />
    </>
  );
}
