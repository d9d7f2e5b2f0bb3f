/**
 * Asks for the result of a job to be opened in a tab.
 */

/** Name of the DOM event; its detail is `{ id }`, and who opens prevents it. */
export const OPEN_RESULT = 'jupyter-wrangler:open-result';

/** Ask for a result to be opened; returns whether anybody did it. */
export function openResult(node: Node, id: string): boolean {
  const event = new CustomEvent(OPEN_RESULT, {
    bubbles: true,
    cancelable: true,
    detail: { id }
  });
  return !node.dispatchEvent(event);
}

/** What a tab shows: the result of a job, or a version of a saved one. */
export type Target =
  | { readonly job_id: string }
  | { readonly result_id: string; readonly n: number };

/** Read the arguments of the command; null if they name nothing. */
export function targetOf(
  args: Readonly<Record<string, unknown>>
): Target | null {
  const { job_id, result_id, n } = args;
  if (typeof job_id === 'string') {
    return { job_id };
  }
  return typeof result_id === 'string' && typeof n === 'number'
    ? { result_id, n }
    : null;
}
