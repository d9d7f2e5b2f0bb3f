import * as React from 'react';
import { asProblem } from '../model/api';
import type { NamedResult, ResultVersion } from '../model/contract';
import { reasonFor } from '../words/problems';
import { contents, handleOf, saved } from '../words/results';
import { presentable } from '../words/text';
import { MoreButton } from './MoreButton';
import type { IResultListProps } from './ResultList';

/** The versions of a name, newest first. */
export function VersionList(
  props: IResultListProps & { result: NamedResult }
): React.JSX.Element {
  const { trans, result, versions } = props;
  const [found, setFound] = React.useState<readonly ResultVersion[] | null>(
    null
  );
  const [failure, setFailure] = React.useState('');
  const { latest } = result;
  // asked again when a version came, went or got another note
  React.useEffect(() => {
    let wanted = true;
    versions(result.id).then(
      items => {
        if (wanted) {
          setFound(items);
          setFailure('');
        }
      },
      (error: unknown) => {
        if (wanted) {
          setFailure(reasonFor(asProblem(error), trans));
        }
      }
    );
    return () => {
      wanted = false;
    };
  }, [result, versions, trans]);
  if (failure) {
    return <p className="jp-Wrangler-error">{failure}</p>;
  }
  return (
    <ul
      className="jp-Wrangler-versions"
      aria-label={trans.__('Versions of %1', result.name)}
    >
      {(found ?? [latest]).map(version => (
        <VersionRow key={version.n} {...props} version={version} />
      ))}
    </ul>
  );
}

function VersionRow(
  props: IResultListProps & { version: ResultVersion }
): React.JSX.Element {
  const { trans, version, now } = props;
  const of = {
    result_id: version.result_id,
    n: version.n,
    name: version.name
  };
  const handle = handleOf(of);
  const select = (): void => {
    props.select(of);
  };
  return (
    <li
      className="jp-Wrangler-version"
      aria-label={handle}
      tabIndex={-1}
      onFocus={select}
      onContextMenu={select}
    >
      <span className="jp-Wrangler-version-text">
        <strong>{handle}</strong>
        <span className="jp-Wrangler-faint">{saved(version, now, trans)}</span>
        <span>{contents(version, trans)}</span>
        {version.note && (
          <span className="jp-Wrangler-note">{presentable(version.note)}</span>
        )}
      </span>
      <button
        type="button"
        className="jp-Wrangler-button"
        aria-label={trans.__('Open %1', handle)}
        onClick={() => {
          props.open(of);
        }}
      >
        {trans.__('Open')}
      </button>
      <MoreButton
        trans={trans}
        name={handle}
        menu={(x, y) => {
          props.menu(of, x, y);
        }}
      />
    </li>
  );
}
