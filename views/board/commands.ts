/**
 * Everything the desk does by a key or by its name: the one table that the keyboard, the palette (Ctrl K), the help (?)
 * and docs/board.md are made from. A command presses what stands on the page, so it does what the mouse does, and is
 * offered only while there is something to press.
 */

export interface Command {
  readonly id: string
  /** Verb and noun, as it is listed. */
  readonly words: string
  /** Other words that people look for it by. */
  readonly also?: string
  /** As on the key: letters stand for themselves, in either case; more than one mean the same. */
  readonly keys?: readonly string[]
  /** What is typed behind the verb: `assign 204`. */
  readonly takes?: 'driver' | 'ride' | 'number' | 'words'
  /** A CSS selector: the first one that is in sight is pressed; a field is given the cursor, a form is sent. */
  readonly press?: string
  /** Needs more than a press: done under its id by public/board-keys.js or public/board-palette.js. */
  readonly own?: true
}

export interface CommandGroup {
  readonly title: string
  readonly commands: readonly Command[]
}

export const COMMAND_GROUPS: readonly CommandGroup[] = [
  {
    title: 'Find and book',
    commands: [
      { id: 'palette', words: 'Find anything', also: 'search command', keys: ['Ctrl K'], own: true },
      { id: 'help', words: 'Show all keys', also: 'help keyboard shortcuts', keys: ['?'], own: true },
      {
        ...{ id: 'book', words: 'Book for a caller', also: 'phone booking new ride', keys: ['B'] },
        press: '[data-book]',
      },
      { id: 'ride', words: 'Open ride', also: 'show go', takes: 'ride', own: true },
      { id: 'filter', words: 'Filter rides', also: 'search table', keys: ['/'], press: '#board-q' },
      { id: 'filter-by', words: 'Filter rides by', also: 'table', takes: 'words', own: true },
    ],
  },
  {
    title: 'Move',
    commands: [
      { id: 'next', words: 'Next ride', keys: ['J'], own: true },
      { id: 'previous', words: 'Previous ride', keys: ['K'], own: true },
      { id: 'queue', words: 'Go to the queue', also: 'needs you', keys: ['Q'], own: true },
      { id: 'table', words: 'Go to the table', also: 'all rides list', keys: ['T'], own: true },
      { id: 'map', words: 'Go to the map', keys: ['M'], own: true },
      { id: 'close', words: 'Close what is open', keys: ['Esc'], own: true },
    ],
  },
  {
    title: 'The chosen ride',
    commands: [
      { id: 'enter', words: 'Open or assign', keys: ['Enter'], own: true },
      { id: 'choose', words: 'Choose a driver', keys: ['1', '9'], own: true },
      { id: 'assign', words: 'Assign', also: 'give driver call sign', takes: 'driver', own: true },
      {
        ...{ id: 'reassign', words: 'Give to another driver', also: 'reassign change', keys: ['A'] },
        press: '[commandfor="reassignment-dialog"]',
      },
      {
        ...{ id: 'join', words: 'Put into a shared car', also: 'join pool merge add', keys: ['I'] },
        press: '#shared-cars button',
      },
      {
        ...{ id: 'part', words: 'Let it go alone', also: 'part split unmerge', keys: ['F'] },
        press: '#board-ride form[action$="/parting"] button',
      },
      {
        ...{ id: 'undo', words: 'Undo the last act', also: 'take back', keys: ['U'] },
        press: '#board-undo form:not([hidden]) [data-undo], #board-bulk form:not([hidden]) [data-undo]',
      },
      {
        ...{ id: 'release', words: 'Unassign', also: 'release take back', keys: ['R'] },
        press: '[commandfor="release-dialog"]',
      },
      {
        ...{ id: 'cancel', words: 'Cancel ride', keys: ['C'] },
        press: '[commandfor="cancellation-dialog"]',
      },
      {
        ...{ id: 'hold', words: 'Hold', also: 'put off later', keys: ['H'] },
        press: '#board-ride [data-act="hold"] > summary',
      },
      {
        ...{ id: 'edit', words: 'Change ride', also: 'edit caller number name note address time class' },
        ...{ keys: ['Shift E'], press: '#board-ride a[data-act="edit"]' },
      },
      {
        ...{ id: 'wider', words: 'Look wider', also: 'rescue search further', keys: ['W'] },
        press: '#board-ride form[action$="/wider-search"] button',
      },
      {
        ...{ id: 'patience', words: 'Leave with its car', also: 'watchdog keep', keys: ['P'] },
        press: '#board-ride form[action$="/patience"] button',
      },
      {
        id: 'write',
        words: 'Write to rider and driver',
        also: 'message chat',
        keys: ['N'],
        press: '#chat-text',
      },
      { id: 'trace', words: 'See why', also: 'trace decision', keys: ['Y'], press: '.trace-link' },
    ],
  },
  {
    title: 'Several rides',
    commands: [
      { id: 'mark', words: 'Mark this row', also: 'select choose', keys: ['X', 'Space'], own: true },
      { id: 'mark-down', words: 'Mark down', also: 'select extend next', keys: ['Shift J'], own: true },
      { id: 'mark-up', words: 'Mark up', also: 'select extend previous', keys: ['Shift K'], own: true },
      { id: 'mark-all', words: 'Mark all rows', also: 'select every', keys: ['Shift X'], own: true },
      { id: 'unmark', words: 'Unmark all', also: 'let go select none', own: true },
      {
        ...{ id: 'marked-assign', words: 'Give marked to the nearest', also: 'bulk', keys: ['Shift A'] },
        press: '#bulk button[value="assign"]',
      },
      {
        ...{
          id: 'marked-merge',
          words: 'Merge marked into one car',
          also: 'bulk pool join together',
          keys: ['Shift M'],
        },
        // Looked at first; pressed again, done.
        press: '#bulk-merge button, #bulk button[value="look_merge"]',
      },
      {
        ...{ id: 'marked-hold', words: 'Hold marked', also: 'bulk put off', keys: ['Shift H'] },
        press: '#bulk [data-act="hold"] > summary',
      },
      {
        ...{ id: 'marked-release', words: 'Unassign marked', also: 'bulk release', keys: ['Shift R'] },
        press: '#bulk [data-act="release"] > summary',
      },
      {
        ...{ id: 'marked-message', words: 'Message marked', also: 'bulk write drivers', keys: ['Shift N'] },
        press: '#bulk [data-act="message"] > summary',
      },
      {
        ...{ id: 'marked-cancel', words: 'Cancel marked', also: 'bulk', keys: ['Shift C'] },
        press: '#bulk [data-act="cancel"] > summary',
      },
    ],
  },
  {
    title: 'Drivers',
    commands: [
      {
        ...{ id: 'help-call', words: 'Open the call for help', also: 'safety button alarm', keys: ['!'] },
        press: '#board-safety .safety-card a',
      },
      { id: 'driver', words: 'Open driver', also: 'show card call sign', takes: 'driver', own: true },
      {
        ...{ id: 'driver-of-ride', words: 'Open the driver of this ride', also: 'card', keys: ['D'] },
        press: '#board-ride a[data-driver-link]',
      },
      {
        ...{
          id: 'offline',
          words: 'Force offline',
          also: 'take off the road call sign',
          takes: 'driver' as const,
        },
        ...{ keys: ['O'], press: '.driver-hold > summary' },
      },
      {
        id: 'messages',
        words: 'Write to drivers',
        also: 'message messages',
        keys: ['G'],
        press: '#board-messages',
      },
      {
        ...{ id: 'mark-cars', words: 'Mark the cars on the map', also: 'select box view drivers' },
        ...{ keys: ['Shift D'], own: true as const },
      },
      { id: 'mark-car', words: 'Mark car', also: 'select driver', takes: 'driver', own: true },
      {
        ...{ id: 'write-map', words: 'Write to the cars on the map', also: 'message view here marked' },
        ...{ keys: ['Shift G'], press: '[data-write-marked], [data-write-map]' },
      },
      {
        ...{ id: 'write-listed', words: 'Write to the cars listed', also: 'message filter' },
        press: '[data-write-listed]',
      },
      {
        ...{ id: 'write-driver', words: 'Message this driver', also: 'write answer' },
        press: '#driver-text',
      },
      {
        ...{ id: 'put-back', words: 'Put back on the road', also: 'online return' },
        press: '.driver-held button',
      },
      {
        ...{ id: 'handover', words: 'Notes for the next shift', also: 'handover hand over', keys: ['E'] },
        press: '.viewer a[href="/board/handover"]',
      },
      {
        ...{ id: 'now', words: 'See what waits for a decision', also: 'approvals phone supervisor now' },
        press: '.viewer a[href="/board/now"]',
      },
      {
        ...{ id: 'deeds', words: 'Who did what', also: 'audit history' },
        press: '.viewer a[href="/board/deeds"]',
      },
      {
        ...{ id: 'past', words: 'Replay past hours', also: 'last again', keys: ['L'] },
        press: '.viewer a[href="/board/past"]',
      },
    ],
  },
  {
    title: 'Views',
    commands: [
      { id: 'view-live', words: 'View live rides', also: 'show', press: tab('live') },
      {
        id: 'view-asking',
        words: 'View rides without a driver',
        also: 'show asking unassigned',
        press: tab('unassigned'),
      },
      { id: 'view-late', words: 'View late rides', also: 'show only filter', press: '#filter-late' },
      { id: 'view-to-pickup', words: 'View rides to pickup', also: 'show', press: tab('to_pickup') },
      { id: 'view-waiting', words: 'View waiting cars', also: 'show arrived', press: tab('waiting') },
      { id: 'view-on-board', words: 'View riders on board', also: 'show', press: tab('on_board') },
      { id: 'view-booked', words: 'View booked rides', also: 'show ahead', press: tab('booked') },
      {
        id: 'view-cars',
        words: 'View all cars',
        also: 'show vehicle queue free',
        keys: ['V'],
        press: tab('cars'),
      },
      { id: 'views', words: 'Choose a saved view', also: 'views list kept', press: '#views-button' },
      {
        ...{ id: 'views-arrange', words: 'Save or arrange views', also: 'keep name share filter' },
        ...{ keys: ['Shift V'], press: '[data-views-pane]' },
      },
      { id: 'view-ended', words: 'View ended rides', also: 'show done history', press: tab('ended') },
      { id: 'mute', words: 'Sound on or off', also: 'mute silence hear', keys: ['S'], press: '#board-mute' },
      { id: 'zones', words: 'Zones or map', also: 'grid areas ranks', keys: ['Z'], press: '[data-areas]' },
      {
        id: 'hexes',
        words: 'Change the cells on the map',
        also: 'hexes supply demand surge',
        keys: ['Shift Z'],
        own: true,
      },
    ],
  },
]

export const COMMANDS: readonly Command[] = COMMAND_GROUPS.flatMap(({ commands }) => commands)

function tab(show: string): string {
  return `#board-table .tab[data-show="${show}"]`
}
