import * as React from 'react';
import { finished } from '../words/card';
import { nameOf } from '../words/jobs';
import { ActionButton } from './ActionButton';
import type { IJobCardProps } from './JobCard';

/** Ends a job with what it has; a disabled button says why. */
export function FinishButton(props: IJobCardProps): React.JSX.Element {
  const { trans, card } = props;
  const { job } = card;
  const why = job.finishing
    ? trans.__('It is finishing already')
    : job.can_finish
      ? trans.__('End now and keep %1', finished(job, trans))
      : trans.__('Nothing is finished yet that could be kept');
  return (
    <ActionButton
      label={job.finishing ? trans.__('Finishing…') : trans.__('Finish now')}
      about={`${trans.__('Finish %1 now', nameOf(job))}: ${why}`}
      title={why}
      off={job.finishing || !job.can_finish}
      act={() => {
        props.finish(job.id);
      }}
    />
  );
}
