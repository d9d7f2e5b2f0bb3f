/**
 * The list of jobs as React draws it: properties in, elements out.
 *
 * Every text is a text node, so nothing that a job carries is read as HTML.
 */
import * as React from 'react';
import type { IFeedState } from '../model/feed';
import { clock } from '../words/times';
import { Announcer } from './Announcer';
import { EmptyState } from './EmptyState';
import { JobRow } from './JobRow';
import { ProblemBanner } from './ProblemBanner';
import type { IJobActions, IPanelProps } from './props';

export interface IJobListProps extends IPanelProps, IJobActions {
  state: IFeedState;
  /** Asks for everything again. */
  refresh: () => void;
}

export function JobList(props: IJobListProps): React.JSX.Element {
  const { state, trans } = props;
  const { jobs, loaded, live, stale, problem } = state;
  return (
    <>
      <header className="jp-Wrangler-header">
        <h2 className="jp-Wrangler-title">{trans.__('Wrangler jobs')}</h2>
        <span className="jp-Wrangler-faint">
          {live
            ? trans.__('live')
            : problem || !loaded
              ? ''
              : trans.__('as of %1', clock(props.now.toISOString(), props.now))}
        </span>
      </header>
      <Announcer {...props} jobs={jobs} />
      {problem && (
        <ProblemBanner
          {...props}
          problem={problem}
          stale={stale && jobs.length > 0}
        />
      )}
      {!loaded && !problem && (
        <p className="jp-Wrangler-waiting">{trans.__('Looking for jobs…')}</p>
      )}
      {loaded && !problem && jobs.length === 0 && <EmptyState {...props} />}
      <ul
        className="jp-Wrangler-jobs"
        role="list"
        aria-label={trans.__('Jobs, newest first')}
        hidden={jobs.length === 0}
      >
        {jobs.map(job => (
          <JobRow
            key={job.id}
            {...props}
            job={job}
            cancelling={state.cancelling.has(job.id)}
            retrying={state.retrying.has(job.id)}
            refused={state.refused.get(job.id)}
          />
        ))}
      </ul>
    </>
  );
}
