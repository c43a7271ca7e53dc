/** What the desk's scripts tell each other. */
export interface BoardCommand {
  id: string
  words: string
  also?: string
  keys?: string[]
  takes?: 'driver' | 'ride' | 'number' | 'words'
  press?: string
  own?: true
}

export interface BoardMatch {
  command: BoardCommand
  noun: string
  score: number
}

declare global {
  var HoneycabCommands: { match(commands: readonly BoardCommand[], query: string): BoardMatch[] }
  var HoneycabKeys: {
    readonly commands: readonly BoardCommand[]
    /** Do a command by its id, where there is something to press. */
    run(id: string): void
    /** Do what a key means; false where it means nothing. */
    handle(key: string, shift: boolean, target: Element): boolean
    isPossible(command: BoardCommand): boolean
  }
  /** Saved views by their names, as they are listed at the table just now. */
  var HoneycabViews: {
    commands(): BoardCommand[]
    /** Show the view of a command; false where it is none, or is not there any more. */
    run(id: string): boolean
  }
  /** What is on its way to a part of the board, by its id: board-asked.js. */
  var HoneycabAsked: {
    press(part: string): { isNewest(): boolean; end(): void }
    refresh(part: string, addressOf: () => string | null): void
    /** Whether something was pressed that is not answered. */
    isUnderWay(part: string): boolean
    /** Whether this link was the newest press, and is not answered. */
    isAsking(link: Element): boolean
  }
  /** Keys that wait for what is on its way: board-ahead.js. */
  var HoneycabAhead: {
    then(act: () => void): void
    takes(event: KeyboardEvent, means: () => boolean): boolean
    isDue(): boolean
    expectText(): void
  }
  interface Window {
    HoneycabAhead: typeof HoneycabAhead
    HoneycabAsked: typeof HoneycabAsked
    HoneycabViews: typeof HoneycabViews
    HoneycabKeys: typeof HoneycabKeys
    HoneycabCommands: typeof HoneycabCommands
  }
}
