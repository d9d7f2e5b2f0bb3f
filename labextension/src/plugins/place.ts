/**
 * Puts a tab where the front end has room for one.
 */
import type { ILabShell, JupyterFrontEnd } from '@jupyterlab/application';
import { SplitPanel, type Widget } from '@lumino/widgets';

/**
 * Where tabs go, the best place first.
 *
 * A page of Notebook 7 holds one document in its main area and silently drops others;
 * its down area has tabs, and the whole width.  Older ones have only the right area.
 */
export function placesOf(lab: ILabShell | null): readonly string[] {
  return lab ? ['main'] : ['down', 'right'];
}

/** Show a tab, added if it is not there yet, and bring it to the front. */
export function showTab(
  { shell }: Pick<JupyterFrontEnd, 'shell'>,
  lab: ILabShell | null,
  tab: Widget
): void {
  for (const place of placesOf(lab)) {
    if (!tab.isAttached) {
      shell.add(tab, place);
    }
  }
  shell.activateById(tab.id);
  if (!lab) {
    // after the area has been laid out: it was hidden until now
    requestAnimationFrame(() => {
      giveHeight(tab);
    });
  }
}

/** Height below which rows cannot be read, in CSS pixels. */
const LOW = 160;

/** Give the down area two fifths of the page where it would be a bar of tabs only. */
function giveHeight(tab: Widget): void {
  let area = tab;
  while (area.parent && !isStack(area.parent)) {
    area = area.parent;
  }
  const stack = area.parent;
  if (stack && isStack(stack) && area.node.clientHeight < LOW) {
    stack.setRelativeSizes(stack.widgets.map(one => (one === area ? 2 : 3)));
  }
}

function isStack(widget: Widget): widget is SplitPanel {
  return widget instanceof SplitPanel && widget.orientation === 'vertical';
}
