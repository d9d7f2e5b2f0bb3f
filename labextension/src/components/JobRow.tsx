import * as React from 'react';
import { canRetry, type Job } from '../model/contract';
import type { IRefusal } from '../model/feed-state';
import { withPending } from '../model/jobs';
import { waiting } from '../words/card';
import {
  expectation,
  nameOf,
  priorityWord,
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

/** What is said of a job besides its name and state. */
function linesOf(job: Job, trans: IPanelProps['trans']): string[] {
  const urgency =
    job.state === 'queued' && job.priority !== 'normal'
      ? priorityWord(job.priority, trans)
      : '';
  const waits =
    job.state === 'queued' && job.queue
      ? waiting(job, trans)
      : [expectation(job, trans)];
  return [urgency, ...waits, result(job, trans), reuse(job, trans)].filter(
    Boolean
  );
}

/**
 * One job: its name and state, what can be done, and what there is to say.
 *
 * Drawn only when its own properties change: there may be hundreds.
 */
export const JobRow = React.memo(function JobRow(
  props: IJobRowProps
): React.JSX.Element {
  const { trans, now, cancelling, refused } = props;
  const retrying = props.retrying && canRetry(props.job);
  const job = withPending(props.job, { cancelling, retrying });
  const row = useKeptFocus();
  const name = nameOf(job);
  const title = `jp-Wrangler-job-${job.id}`;
  return (
    <li
      className="jp-Wrangler-job"
      data-job={job.id}
      aria-labelledby={title}
      ref={row}
      tabIndex={-1}
      onFocus={() => {
        props.select(job.id);
      }}
      onContextMenu={() => {
        props.select(job.id);
      }}
    >
      <div className="jp-Wrangler-head">
        <span
          className="jp-Wrangler-dot"
          data-state={job.state}
          aria-hidden="true"
        />
        <h3
          className="jp-Wrangler-name"
          id={title}
          title={trans.__('%1 — drag it into a notebook', name)}
          onPointerDown={event => {
            props.drag(job.id, event);
          }}
        >
          {name}
        </h3>
        <span className="jp-Wrangler-state">{stateWord(job.state, trans)}</span>
      </div>
      {/* above what grows and shrinks, so that buttons stay where they are */}
      <div className="jp-Wrangler-foot">
        <span className="jp-Wrangler-faint">{when(job, now, trans)}</span>
        <span className="jp-Wrangler-actions">
          <JobButtons {...props} job={job} retrying={retrying} />
        </span>
      </div>
      {(job.state === 'running' || job.state === 'cancelling') && (
        <ProgressBar {...props} job={job} name={name} />
      )}
      {linesOf(job, trans).map(line => (
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
});
