/**
 * What is to be done with a file: the plan, the run, and the code that does the same.
 */
import * as React from 'react';
import { codeOf } from '../words/files';
import { FileCode } from './FileCode';
import { FilePlan } from './FilePlan';
import { FileRun } from './FileRun';
import type { IFileProps } from './FileView';

/** What is to be done with a file, below its rows. */
export function FilePlans(props: IFileProps): React.JSX.Element {
  const { work, trans } = props;
  const profiling = work.task === 'profile';
  const planning = !profiling && work.job === null;
  return (
    <div className="jp-Wrangler-file-view">
      {planning && <FilePlan work={work} trans={trans} />}
      {planning && <FileRun work={work} trans={trans} />}
      {work.preview && (profiling || work.plan) && (
        <FileCode {...props} now={new Date()} code={codeOf(work)} />
      )}
      {!profiling &&
        work.job !== null &&
        work.notes.map(note => (
          <p className="jp-Wrangler-note" key={note}>
            {note}
          </p>
        ))}
    </div>
  );
}
