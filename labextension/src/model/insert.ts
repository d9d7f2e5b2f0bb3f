/**
 * Asks for code to be inserted below the cell that shows something.
 */

/** Name of the DOM event; its detail is `{ code }`, and who inserts prevents it. */
export const INSERT_CODE = 'jupyter-wrangler:insert-code';

/** Ask for code to be inserted; returns whether anybody did it. */
export function insertCode(node: Node, code: string): boolean {
  const event = new CustomEvent(INSERT_CODE, {
    bubbles: true,
    cancelable: true,
    detail: { code }
  });
  return !node.dispatchEvent(event);
}
