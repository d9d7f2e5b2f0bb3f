import { LabIcon } from '@jupyterlab/ui-components';
import wranglerSvg from '../style/icons/wrangler.svg';

/** A small table with one hole and one filled cell. */
export const wranglerIcon = new LabIcon({
  name: 'jupyter-wrangler:wrangler',
  svgstr: wranglerSvg
});
