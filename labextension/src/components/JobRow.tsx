import * as React from 'react';
import { canRetry, type Job } from '../model/contract';
import type { IRefusal } from '../model/feed';
import { withPending } from '../model/jobs';
import {
  expectation,
  nameOf,
  result,
  reuse,
  stateWord,
  when
} from '../words/jobs';
import { reasonFor } from '../words/problems';
import { presentable } from '../words/text';
import { JobButtons } from './JobButtons';
import { ProgressBar } from './ProgressBar';
import type { IJobActions, IPanelProps } from './props';

interface IJobRowProps extends IPanelProps, IJobActions {
  job: Job;
  cancelling: boolean;
  retrying: boolean;
  refused: IRefusal | undefined;
}

/** Keep the keyboard's focus at an element when the focused button in it is gone. */
function useKeptFocus(): React.RefObject<HTMLLIElement> {
  const row = React.useRef<HTMLLIElement>(null);
  const focused = row.current?.contains(document.activeElement) ?? false;
  React.useLayoutEffect(() => {
    if (focused && document.activeElement === document.body) {
      row.current?.focus();
    }
  });
  return row;
}

/** One job: its name and state, what can be done, and what there is to say. */
export function JobRow(props: IJobRowProps): React.JSX.Element {
  const { trans, now, cancelling, refused } = props;
  const retrying = props.retrying && canRetry(props.job);
  const job = withPending(props.job, { cancelling, retrying });
  const row = useKeptFocus();
  const name = nameOf(job);
  const title = `jp-Wrangler-job-${job.id}`;
  const lines = [
    expectation(job, trans),
    result(job, trans),
    reuse(job, trans)
  ];
  return (
    <li
      className="jp-Wrangler-job"
      aria-labelledby={title}
      ref={row}
      tabIndex={-1}
    >
      <div className="jp-Wrangler-head">
        <span
          className="jp-Wrangler-dot"
          data-state={job.state}
          aria-hidden="true"
        />
        <h3 className="jp-Wrangler-name" id={title} title={name}>
          {name}
        </h3>
        <span className="jp-Wrangler-state">{stateWord(job.state, trans)}</span>
      </div>
      {/* above what grows and shrinks, so that buttons stay where they are */}
      <div className="jp-Wrangler-foot">
        <span className="jp-Wrangler-faint">{when(job, now, trans)}</span>
        <JobButtons {...props} job={job} retrying={retrying} />
      </div>
      {(job.state === 'running' || job.state === 'cancelling') && (
        <ProgressBar {...props} job={job} name={name} />
      )}
      {lines.filter(Boolean).map(line => (
        <div className="jp-Wrangler-line" key={line}>
          {line}
        </div>
      ))}
      {job.error && (
        <p className="jp-Wrangler-error">{presentable(job.error.message)}</p>
      )}
      {refused && (
        <p className="jp-Wrangler-error">
          {refused.action === 'cancel'
            ? trans.__('Not cancelled: %1', reasonFor(refused.problem, trans))
            : trans.__('Not retried: %1', reasonFor(refused.problem, trans))}
        </p>
      )}
    </li>
  );
}
