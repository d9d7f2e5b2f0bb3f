import * as React from 'react';
import type { Job } from '../model/contract';
import { nameOf, priorityWord } from '../words/jobs';
import type { IJobCardProps } from './JobCard';

const TURNS: readonly Job['priority'][] = ['high', 'normal', 'low'];

/** Whose turn a job has among one's own, while it waits. */
export function TurnChoice(props: IJobCardProps): React.JSX.Element {
  const { card, trans } = props;
  const { job } = card;
  return (
    // arrow keys mean the choice, not the cells of the notebook
    <label
      className="jp-Wrangler-line"
      data-lm-suppress-shortcuts="true"
      onKeyDown={event => {
        event.stopPropagation();
      }}
    >
      {trans.__('Turn')}{' '}
      <select
        className="jp-Wrangler-select"
        aria-label={trans.__('Turn of %1 among your jobs', nameOf(job))}
        value={job.priority}
        onChange={event => {
          props.prioritize(job.id, event.target.value as Job['priority']);
        }}
      >
        {TURNS.map(turn => (
          <option key={turn} value={turn}>
            {priorityWord(turn, trans) || trans.__('In its turn')}
          </option>
        ))}
      </select>
    </label>
  );
}
