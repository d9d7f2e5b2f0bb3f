import * as React from 'react';
import type { Job } from '../model/contract';
import { justFinished } from '../model/jobs';
import { announcement } from '../words/jobs';
import type { IPanelProps } from './props';

/** Says aloud what ended; ticks and new jobs stay silent. */
export function Announcer(
  props: IPanelProps & { jobs: readonly Job[] }
): React.JSX.Element {
  const before = React.useRef(props.jobs);
  const [message, say] = React.useState({ text: '', turn: 0 });
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
      <span key={message.turn}>{message.text}</span>
    </div>
  );
}
