/** The palette (Ctrl K) and the list of keys (?): both drawn from the one table of commands. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { COMMAND_GROUPS, COMMANDS, type Command } from './commands.ts'

/** Both dialogs; they are closed until asked for. With scripts off there is `/board/find`. */
export function boardDialogs(): Html {
  return html`${palette()}${keyHelp()}`
}

function palette(): Html {
  return html`<dialog id="palette" class="palette" aria-label="Find anything" data-commands="${JSON.stringify(COMMANDS)}"><form class="palette-form" action="/board/find" method="get"><span class="palette-field">${icon('search')}<input id="palette-q" name="q" maxlength="80" autocomplete="off" spellcheck="false" role="combobox" aria-label="Command, ride, rider, driver, place or number" aria-autocomplete="list" aria-expanded="true" aria-controls="palette-list" placeholder="assign 204 · HC-20418 · name · number · address"><kbd>Esc</kbd></span></form><div id="palette-list" class="palette-list" role="listbox" aria-label="What fits"><div id="palette-commands" role="group" aria-label="Commands"></div><div id="palette-found"></div></div><p id="palette-said" class="palette-said second" role="status"></p></dialog>`
}

function keyHelp(): Html {
  return html`<dialog id="key-help" class="key-help" aria-labelledby="key-help-title"><header class="part-head"><h2 id="key-help-title">Keys</h2><button type="button" class="close" commandfor="key-help" command="close" aria-label="Close the keys" autofocus>${icon('x')}</button></header><div class="key-groups">${COMMAND_GROUPS.map(
    ({ title, commands }) =>
      html`<section><h3 class="part-title">${title}</h3><dl class="keys">${commands.map((command) => keyLine(command))}</dl></section>`,
  )}</div></dialog>`
}

function keyLine(command: Command): Html {
  return html`<div><dt>${keysOf(command)}</dt><dd>${command.words}${command.takes === undefined ? null : html` <span class="muted">${TAKES[command.takes]}</span>`}</dd></div>`
}

/** The keys of a command; by name alone where it has none. */
export function keysOf({ id, keys }: Command): Html {
  if (keys === undefined) return html`<span class="second">by name</span>`
  if (id === 'choose') return html`<kbd>${keys[0]}</kbd>–<kbd>${keys[1]}</kbd>`
  return html`${keys.map((key) => html`<kbd>${key}</kbd> `)}`
}

export const TAKES: Record<NonNullable<Command['takes']>, string> = {
  driver: 'call sign',
  ride: 'number',
  number: 'number',
  words: 'words',
}
