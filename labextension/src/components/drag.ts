/**
 * Drags code into a notebook, as a new cell.
 */
import { MimeData } from '@lumino/coreutils';
import { Drag } from '@lumino/dragdrop';
import type * as React from 'react';

/** What notebooks take as cells. */
const CELLS = 'application/vnd.jupyter.cells';
/** Pixels after which a press is a drag. */
const THRESHOLD = 5;

function begin(code: string, label: string, x: number, y: number): void {
  const mimeData = new MimeData();
  mimeData.setData('text/plain', code);
  mimeData.setData(CELLS, [
    {
      cell_type: 'code',
      source: code,
      metadata: {},
      outputs: [],
      execution_count: null
    }
  ]);
  const dragImage = document.createElement('div');
  dragImage.className = 'jp-Wrangler-drag';
  dragImage.textContent = label;
  const drag = new Drag({
    mimeData,
    dragImage,
    supportedActions: 'copy',
    proposedAction: 'copy'
  });
  void drag.start(x, y).then(() => {
    drag.dispose();
  });
}

/** Drag a code as soon as a pressed pointer has moved. */
export function dragCode(
  event: React.PointerEvent,
  code: string,
  label: string
): void {
  if (event.button !== 0) {
    return;
  }
  const { clientX, clientY } = event;
  // a press that moves would select the text of the page
  const keep = (started: Event): void => {
    started.preventDefault();
  };
  const end = (): void => {
    document.removeEventListener('selectstart', keep, true);
    document.removeEventListener('pointermove', move, true);
    document.removeEventListener('pointerup', end, true);
  };
  const move = (now: PointerEvent): void => {
    const far = Math.max(
      Math.abs(now.clientX - clientX),
      Math.abs(now.clientY - clientY)
    );
    if (far >= THRESHOLD) {
      end();
      begin(code, label, now.clientX, now.clientY);
    }
  };
  document.addEventListener('selectstart', keep, true);
  document.addEventListener('pointermove', move, true);
  document.addEventListener('pointerup', end, true);
}
