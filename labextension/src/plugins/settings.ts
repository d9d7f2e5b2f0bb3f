/**
 * The user's settings.
 */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';

/** The plugin that the schema belongs to. */
export const SETTINGS = 'jupyter-wrangler:plugin';

/**
 * Take a setting over, now and whenever it changes.
 *
 * A broken settings file, or a front end without settings, takes nothing away.
 */
export async function followSetting(
  registry: ISettingRegistry | null,
  name: string,
  take: (value: unknown) => void
): Promise<void> {
  if (!registry) {
    return;
  }
  try {
    const settings = await registry.load(SETTINGS);
    const read = (): void => {
      take(settings.composite[name]);
    };
    read();
    settings.changed.connect(read);
  } catch (error) {
    console.warn('jupyter-wrangler: the settings could not be read.', error);
  }
}
