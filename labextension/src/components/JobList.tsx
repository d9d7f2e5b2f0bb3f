/**
 * The list of jobs as the panel shows it: properties in, elements out.
 *
 * Every text is a text node, so nothing that a job carries is read as HTML.
 */
import * as React from 'react';
import type { IFeedState } from '../model/feed-state';
import { filtered, type IJobFilter, NO_FILTER } from '../model/filter';
import { clock } from '../words/times';
import { Announcer } from './Announcer';
import { JobExample } from './JobExample';
import { JobFilters } from './JobFilters';
import { JobRow } from './JobRow';
import { ProblemBanner } from './ProblemBanner';
import type { IJobActions, IPanelProps } from './props';

export interface IJobListProps extends IPanelProps, IJobActions {
  state: IFeedState;
  filter: IJobFilter;
  refine: (change: Partial<IJobFilter>) => void;
  /** Ids of the jobs in the current notebook. */
  here: ReadonlySet<string>;
  /** Name of the current notebook, null if there is none. */
  notebook: string | null;
  /** Asks for everything again. */
  refresh: () => void;
}

/** Move the focus to the row above or below with the arrow keys. */
function walk(event: React.KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('li')];
  const at = rows.findIndex(row => row.contains(document.activeElement));
  const next = step === undefined ? undefined : rows[at + step];
  if (next) {
    event.preventDefault();
    next.focus();
  }
}

/** The same date until the day is over: rows tell days apart, not seconds. */
function useDay(now: Date): Date {
  const day = React.useRef(now);
  if (day.current.toDateString() !== now.toDateString()) {
    day.current = now;
  }
  return day.current;
}

function NothingFits(props: IJobListProps): React.JSX.Element {
  const { trans } = props;
  return (
    <p className="jp-Wrangler-waiting">
      {trans.__('No job fits the filters.')}{' '}
      <button
        type="button"
        className="jp-Wrangler-button"
        onClick={() => {
          props.refine(NO_FILTER);
        }}
      >
        {trans.__('Show all jobs')}
      </button>
    </p>
  );
}

export function JobList(props: IJobListProps): React.JSX.Element {
  const { state, trans } = props;
  const { jobs, loaded, live, stale, problem } = state;
  const shown = filtered(jobs, props.filter, props.here);
  const day = useDay(props.now);
  const clean = loaded && !problem;
  return (
    <>
      <div className="jp-Wrangler-status">
        <span className="jp-Wrangler-faint">
          {live
            ? trans.__('live')
            : clean
              ? trans.__('as of %1', clock(props.now.toISOString(), props.now))
              : ''}
        </span>
      </div>
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
      {clean && jobs.length === 0 && <JobExample {...props} />}
      {jobs.length > 0 && <JobFilters {...props} />}
      {jobs.length > 0 && shown.length === 0 && <NothingFits {...props} />}
      <ul
        className="jp-Wrangler-jobs"
        role="list"
        aria-label={trans.__('Jobs, newest first')}
        hidden={shown.length === 0}
        onKeyDown={walk}
      >
        {shown.map(job => (
          <JobRow
            key={job.id}
            trans={trans}
            now={day}
            copy={props.copy}
            cancel={props.cancel}
            retry={props.retry}
            open={props.open}
            insert={props.insert}
            canInsert={props.canInsert}
            menu={props.menu}
            select={props.select}
            drag={props.drag}
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
