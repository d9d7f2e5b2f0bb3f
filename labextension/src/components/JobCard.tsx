/**
 * A job as a card: properties in, elements out.
 *
 * Every text is a text node, so nothing that a notebook or a job carries is read as HTML.
 */
import * as React from 'react';
import type { ICard } from '../model/card';
import { isFinal } from '../model/contract';
import { description, finished, kept, waiting } from '../words/card';
import { nameOf, result, reuse, stateWord, when } from '../words/jobs';
import { reasonFor } from '../words/problems';
import { presentable } from '../words/text';
import { clock } from '../words/times';
import { CardButtons } from './CardButtons';
import { CardCode } from './CardCode';
import { CardSpeaker } from './CardSpeaker';
import { ColumnsTable } from './ColumnsTable';
import { PartList } from './PartList';
import { PreviewTable } from './PreviewTable';
import { ProblemBanner } from './ProblemBanner';
import { ProgressBar } from './ProgressBar';
import type { ICardActions, IPanelProps } from './props';
import { TurnChoice } from './TurnChoice';

export interface IJobCardProps extends IPanelProps, ICardActions {
  card: ICard;
}

/** What is known, and since when, if nobody can tell how it is now. */
function Age(props: IJobCardProps): React.JSX.Element | null {
  const { card, now, trans } = props;
  if (card.unknown) {
    return (
      <p className="jp-Wrangler-error" role="status">
        {trans.__(
          'The service does not know this job: it was deleted, or it ran somewhere else. This is how it was as of %1.',
          clock(card.snapshot.at, now)
        )}
      </p>
    );
  }
  const old = isFinal(card.job)
    ? false
    : !card.confirmed || (!card.live && card.problem !== null);
  return old ? (
    <div className="jp-Wrangler-faint">
      {trans.__('as of %1', clock(card.snapshot.at, now))}
    </div>
  ) : null;
}

/** What the job found: the table of columns, the first rows, remarks. */
function Findings(props: IJobCardProps): React.JSX.Element | null {
  const { card, trans } = props;
  const summary = card.job.summary;
  if (!summary) {
    return null;
  }
  if ('sentences' in summary) {
    return (
      <ul className="jp-Wrangler-findings">
        {summary.sentences.map((sentence, i) => (
          <li key={i}>{sentence}</li>
        ))}
      </ul>
    );
  }
  return (
    <>
      <ColumnsTable
        summary={summary}
        incomplete={card.snapshot.n_incomplete}
        trans={trans}
      />
      {summary.preview && (
        <PreviewTable preview={summary.preview} trans={trans} />
      )}
    </>
  );
}

function refusal(card: ICard, props: IJobCardProps): string {
  const { trans } = props;
  if (!card.refused) {
    return '';
  }
  const why = reasonFor(card.refused.problem, trans);
  switch (card.refused.action) {
    case 'cancel':
      return trans.__('Not cancelled: %1', why);
    case 'retry':
      return trans.__('Not retried: %1', why);
    case 'finish':
      return trans.__('Not finished: %1', why);
    case 'prioritize':
      return trans.__('The priority was not changed: %1', why);
  }
}

export function JobCard(props: IJobCardProps): React.JSX.Element {
  const { card, now, trans } = props;
  const { job } = card;
  const name = nameOf(job);
  const refused = refusal(card, props);
  const lines = [
    ...(card.unknown ? [] : waiting(job, trans)),
    result(job, trans),
    kept(job, trans),
    reuse(job, trans)
  ].filter(Boolean);
  return (
    <section
      className="jp-Wrangler-card"
      aria-label={trans.__('Job %1', name)}
      data-state={job.state}
      tabIndex={-1}
    >
      <div className="jp-Wrangler-head">
        <span
          className="jp-Wrangler-dot"
          data-state={job.state}
          aria-hidden="true"
        />
        <div className="jp-Wrangler-name" title={name}>
          {name}
        </div>
        <div className="jp-Wrangler-what">{description(job, trans)}</div>
        <span className="jp-Wrangler-state">{stateWord(job.state, trans)}</span>
      </div>
      <CardSpeaker card={card} trans={trans} />
      {!isFinal(job) && job.state !== 'queued' && (
        <ProgressBar {...props} job={job} name={name} />
      )}
      <PartList job={job} trans={trans} />
      {job.state === 'queued' && !card.unknown && <TurnChoice {...props} />}
      {lines.map(line => (
        <div className="jp-Wrangler-line" key={line}>
          {line}
        </div>
      ))}
      {job.error && (
        <p className="jp-Wrangler-error">{presentable(job.error.message)}</p>
      )}
      {job.error && job.state === 'failed' && job.n_finished > 0 && (
        <div className="jp-Wrangler-line">
          {trans.__('Kept for a retry: %1', finished(job, trans))}
        </div>
      )}
      {refused && <p className="jp-Wrangler-error">{refused}</p>}
      {card.problem && !isFinal(job) && (
        <ProblemBanner {...props} problem={card.problem} stale={false} />
      )}
      <Age {...props} />
      <div className="jp-Wrangler-foot">
        <span className="jp-Wrangler-faint">{when(job, now, trans)}</span>
        <CardButtons {...props} />
      </div>
      <Findings {...props} />
      {!card.unknown && <CardCode {...props} />}
    </section>
  );
}
