/**
 * Requests about named results and their versions.
 */
import { URLExt } from '@jupyterlab/coreutils';
import type { WranglerApi } from './api';
import type {
  NamedResult,
  NamedResultPage,
  ResultComparison,
  ResultDeletion,
  ResultVersion,
  ResultVersionPage
} from './contract';

/** Names, and versions of one name, that are shown at most. */
const MOST = 200;

const QUERY = URLExt.objectToQueryString({ limit: MOST });

/** A version of a named result. */
export interface IVersionOf {
  result_id: string;
  n: number;
  name: string;
}

export class ResultsApi {
  constructor(private readonly api: WranglerApi) {}

  /** The names, that with the newest version first. */
  async names(): Promise<readonly NamedResult[]> {
    const url = `${this.api.url('results')}${QUERY}`;
    return ((await this.api.request(url)) as NamedResultPage).items;
  }

  /** The versions of a name, newest first. */
  async versions(id: string): Promise<readonly ResultVersion[]> {
    const path = this.api.url('results', encodeURIComponent(id), 'versions');
    return ((await this.api.request(`${path}${QUERY}`)) as ResultVersionPage)
      .items;
  }

  async rename(id: string, name: string): Promise<NamedResult> {
    return (await this.api.send(
      'PATCH',
      { name },
      'results',
      id
    )) as NamedResult;
  }

  /** Change the note of a version; an empty one removes it. */
  async annotate(of: IVersionOf, note: string): Promise<void> {
    const body = { note: note || null };
    await this.api.send('PATCH', body, ...versionPath(of));
  }

  /** Make an older version the newest again. */
  async restore(of: IVersionOf): Promise<ResultVersion> {
    return (await this.api.send(
      'POST',
      null,
      ...versionPath(of),
      'restore'
    )) as ResultVersion;
  }

  /** Delete a version, or a name with all versions; without `force` only look. */
  async remove(
    of: { result_id: string; n?: number | undefined },
    force: boolean
  ): Promise<ResultDeletion> {
    const path =
      of.n === undefined
        ? this.api.url('results', of.result_id)
        : this.api.url('results', of.result_id, 'versions', String(of.n));
    const query = URLExt.objectToQueryString(
      force ? { force: true } : { dry_run: true }
    );
    return (await this.api.request(`${path}${query}`, {
      method: 'DELETE'
    })) as ResultDeletion;
  }

  /** What differs between two versions. */
  async compare(of: IVersionOf, other: string): Promise<ResultComparison> {
    const path = this.api.url(...versionPath(of), 'comparison', other);
    return (await this.api.request(path)) as ResultComparison;
  }
}

function versionPath(of: IVersionOf): string[] {
  return ['results', of.result_id, 'versions', String(of.n)];
}
