import * as React from 'react';
import { isFinal } from '../model/contract';
import { jobCode, resultCode } from '../words/card';
import { nameOf } from '../words/jobs';
import { CopyButton } from './CopyButton';
import type { IJobCardProps } from './JobCard';
import { OpenButton } from './OpenButton';

/** The next step as code, shown before it is inserted; to copy where it cannot be. */
export function CardCode(props: IJobCardProps): React.JSX.Element {
  const { card, trans } = props;
  const { job } = card;
  const [failed, setFailed] = React.useState(false);
  const has = job.state === 'succeeded' || (isFinal(job) && job.n_finished > 0);
  const code = has ? resultCode(job) : jobCode(job);
  const name = nameOf(job);
  const rows = has && (job.kind === 'imputation' || job.kind === 'transform');
  return (
    <div className="jp-Wrangler-next">
      <code className="jp-Wrangler-snippet">{code}</code>
      <div className="jp-Wrangler-buttons">
        {rows && <OpenButton trans={trans} name={name} id={job.id} />}
        <button
          type="button"
          className="jp-Wrangler-button"
          aria-label={
            has
              ? trans.__('Insert the code that gives the result of %1', name)
              : trans.__('Insert the code that gives back %1', name)
          }
          title={trans.__('Puts this code into a new cell below')}
          onClick={() => {
            setFailed(!props.insert(code));
          }}
        >
          {trans.__('Insert code')}
        </button>
        <CopyButton
          {...props}
          text={code}
          label={trans.__('Copy code')}
          about={trans.__('Copy the code of %1', name)}
        />
      </div>
      {failed && (
        <div className="jp-Wrangler-line" role="status">
          {trans.__('There is no cell here to insert below; copy the code.')}
        </div>
      )}
    </div>
  );
}
