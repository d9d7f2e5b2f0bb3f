/**
 * The list of jobs as React draws it: properties in, elements out.
 *
 * Every text is a text node, so nothing that a job carries is read as HTML.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { canRetry, type IJob, isFinal } from './contract';
import type { IFeedState, IRefusal } from './feed';
import { justFinished } from './jobs';
import { adviceFor, type IProblem, reasonFor } from './problems';
import {
  announcement,
  clock,
  codeFor,
  foundAgain,
  lasting,
  nameOf,
  percent,
  presentable,
  result,
  stateWord,
  timeLeft,
  when
} from './words';

/** What everything in the panel needs. */
interface IShared {
  trans: TranslationBundle;
  now: Date;
  /** Puts text on the clipboard. */
  copy: (text: string) => void;
}

export interface IJobListProps extends IShared {
  state: IFeedState;
  cancel: (id: string) => void;
  retry: (id: string) => void;
  /** Asks for everything anew. */
  refresh: () => void;
}

/** What another try makes of a job, until the service says so itself. */
const AGAIN = {
  state: 'queued',
  error: null,
  started_at: null,
  finished_at: null
} as const;

/** Seconds for which a copy button says that it has copied. */
const COPIED_S = 2;

const EXAMPLE = 'import jupyter_wrangler as jw\n\njob = jw.impute(df)\njob';

function CopyButton(
  props: IShared & { text: string; label: string; about: string }
): React.JSX.Element {
  const [copied, setCopied] = React.useState(false);
  React.useEffect(() => {
    if (!copied) {
      return undefined;
    }
    const timer = setTimeout(() => {
      setCopied(false);
    }, COPIED_S * 1000);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);
  return (
    <button
      type="button"
      className="jp-Wrangler-button"
      aria-label={props.about}
      title={props.about}
      onClick={() => {
        props.copy(props.text);
        setCopied(true);
      }}
    >
      {copied ? props.trans.__('Copied') : props.label}
    </button>
  );
}

function Banner(
  props: IShared & { problem: IProblem; refresh: () => void; stale: boolean }
): React.JSX.Element {
  const { trans, problem } = props;
  const { title, text, command } = adviceFor(problem, trans);
  return (
    <section
      className="jp-Wrangler-problem"
      role="alert"
      data-code={problem.code}
    >
      <h3 className="jp-Wrangler-problem-title">{title}</h3>
      <p>{text}</p>
      {command && <code className="jp-Wrangler-code">{command}</code>}
      {props.stale && (
        <p className="jp-Wrangler-faint">
          {trans.__('Below is what was known last.')}
        </p>
      )}
      <div className="jp-Wrangler-buttons">
        {command && (
          <CopyButton
            {...props}
            text={command}
            label={trans.__('Copy command')}
            about={trans.__('Copy the command')}
          />
        )}
        <button
          type="button"
          className="jp-Wrangler-button"
          onClick={props.refresh}
        >
          {trans.__('Look again')}
        </button>
      </div>
    </section>
  );
}

function Empty(props: IShared): React.JSX.Element {
  const { trans } = props;
  return (
    <section className="jp-Wrangler-empty">
      <h3>{trans.__('No jobs yet')}</h3>
      <p>
        {trans.__(
          'A job fills the missing values of a DataFrame in the background. Run this in a notebook:'
        )}
      </p>
      <pre className="jp-Wrangler-code">{EXAMPLE}</pre>
      <CopyButton
        {...props}
        text={EXAMPLE}
        label={trans.__('Copy')}
        about={trans.__('Copy the example')}
      />
      <p>
        {trans.__(
          'The job goes on when you close the tab or restart the kernel. Follow it here, or cancel it.'
        )}
      </p>
    </section>
  );
}

function Bar(props: IShared & { job: IJob; name: string }): React.JSX.Element {
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
  const left = job.state === 'running' ? timeLeft(progress.eta_s, trans) : '';
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

function Row(
  props: IShared & {
    job: IJob;
    cancelling: boolean;
    retrying: boolean;
    refused: IRefusal | undefined;
    cancel: (id: string) => void;
    retry: (id: string) => void;
  }
): React.JSX.Element {
  const { trans, now, cancelling, refused } = props;
  const retrying = props.retrying && canRetry(props.job);
  const job: IJob = retrying
    ? { ...props.job, ...AGAIN }
    : cancelling && !isFinal(props.job)
      ? { ...props.job, state: 'cancelling' }
      : props.job;
  const row = React.useRef<HTMLLIElement>(null);
  const focused = row.current?.contains(document.activeElement) ?? false;
  React.useLayoutEffect(() => {
    // the button that was pressed may be gone: stay at the job
    if (focused && document.activeElement === document.body) {
      row.current?.focus();
    }
  });
  const name = nameOf(job);
  const title = `jp-Wrangler-job-${job.id}`;
  const final = isFinal(job);
  const line = result(job, trans);
  const error = job.error ? presentable(job.error.message) : '';
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
        {error && (
          <CopyButton
            {...props}
            text={error}
            label={trans.__('Copy message')}
            about={trans.__('Copy the error message of %1', name)}
          />
        )}
        {final && (
          <CopyButton
            {...props}
            text={codeFor(job)}
            label={trans.__('Copy code')}
            about={trans.__('Copy the code that gives back %1', name)}
          />
        )}
        {(retrying || canRetry(job)) && (
          <button
            type="button"
            className="jp-Wrangler-button"
            aria-label={trans.__('Retry %1', name)}
            title={trans.__(
              'Compute what has no result yet; what was finished is kept'
            )}
            aria-disabled={retrying}
            onClick={() => {
              if (!retrying) {
                props.retry(job.id);
              }
            }}
          >
            {retrying ? trans.__('Retrying…') : trans.__('Retry')}
          </button>
        )}
        {!final && !retrying && (
          <button
            type="button"
            className="jp-Wrangler-button"
            aria-label={trans.__('Cancel %1', name)}
            // not "disabled", which would drop the keyboard's focus
            aria-disabled={job.state === 'cancelling'}
            onClick={() => {
              if (job.state !== 'cancelling') {
                props.cancel(job.id);
              }
            }}
          >
            {job.state === 'cancelling'
              ? trans.__('Cancelling…')
              : trans.__('Cancel')}
          </button>
        )}
      </div>
      {(job.state === 'running' || job.state === 'cancelling') && (
        <Bar {...props} job={job} name={name} />
      )}
      {[lasting(job, trans), line, foundAgain(job, trans)]
        .filter(Boolean)
        .map(told => (
          <div className="jp-Wrangler-line" key={told}>
            {told}
          </div>
        ))}
      {error && <p className="jp-Wrangler-error">{error}</p>}
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

/** Says aloud what ended; ticks and new jobs stay silent. */
function Announcer(
  props: IShared & { jobs: readonly IJob[] }
): React.JSX.Element {
  const before = React.useRef(props.jobs);
  const [said, say] = React.useState({ text: '', turn: 0 });
  React.useEffect(() => {
    const ended = justFinished(before.current, props.jobs);
    before.current = props.jobs;
    if (ended.length > 0) {
      const text = announcement(ended, props.trans);
      say(({ turn }) => ({ text, turn: turn + 1 }));
    }
  }, [props.jobs, props.trans]);
  return (
    <div className="jp-Wrangler-aloud" role="status" aria-live="polite">
      {/* a new element, or the same words would not be spoken twice */}
      <span key={said.turn}>{said.text}</span>
    </div>
  );
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
        <Banner {...props} problem={problem} stale={stale && jobs.length > 0} />
      )}
      {!loaded && !problem && (
        <p className="jp-Wrangler-waiting">{trans.__('Looking for jobs…')}</p>
      )}
      {loaded && !problem && jobs.length === 0 && <Empty {...props} />}
      <ul
        className="jp-Wrangler-jobs"
        role="list"
        aria-label={trans.__('Jobs, newest first')}
        hidden={jobs.length === 0}
      >
        {jobs.map(job => (
          <Row
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
