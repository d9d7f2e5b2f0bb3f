/**
 * Commands that act on one thing: the one that their arguments name, or else the one that
 * is selected in the panel.
 */
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { IWorkbench } from './workbench';

/** What can be done with a thing. */
export interface ITargetCommand<T> {
  id: string;
  /** In the menu of the thing. */
  label: string;
  /** In the palette. */
  title: string;
  /** Why it cannot be done now, empty if it can; left out if it always can. */
  refusal?: (target: T) => string;
  execute: (target: T) => void | Promise<void>;
}

/** How the commands of one kind of thing find what they act on. */
export interface ITargetKind<T> {
  /** What is meant by the arguments, or selected. */
  find: (args: ReadonlyPartialJSONObject) => T | null;
  nameOf: (target: T) => string;
  /** Why no command can be used where nothing is meant. */
  nothing: string;
  /** What the arguments may be. */
  properties: Record<string, { type: string; description: string }>;
}

/** Add groups of commands; returns their ids, in the order of the menu. */
export function addTargetCommands<T>(
  { app, trans }: IWorkbench,
  kind: ITargetKind<T>,
  groups: readonly ITargetCommand<T>[][]
): string[][] {
  const refusalOf = (
    { refusal }: ITargetCommand<T>,
    args: ReadonlyPartialJSONObject
  ): string => {
    const target = kind.find(args);
    return target === null ? kind.nothing : (refusal?.(target) ?? '');
  };
  for (const command of groups.flat()) {
    app.commands.addCommand(command.id, {
      label: args => {
        const label = args['isPalette'] ? command.title : command.label;
        const refused = refusalOf(command, args);
        return refused ? trans.__('%1 (%2)', label, refused) : label;
      },
      caption: args => {
        const target = kind.find(args);
        return target === null ? '' : kind.nameOf(target);
      },
      describedBy: { args: { type: 'object', properties: kind.properties } },
      isEnabled: args => refusalOf(command, args) === '',
      execute: async args => {
        const target = kind.find(args);
        if (target !== null) {
          await command.execute(target);
        }
      }
    });
  }
  return groups.map(group => group.map(({ id }) => id));
}
