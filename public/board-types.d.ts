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
    /** Do a command by its id; false where there is nothing to press. */
    run(id: string): boolean
    isPossible(command: BoardCommand): boolean
  }
  /** Saved views by their names, as they are listed at the table just now. */
  var HoneycabViews: {
    commands(): BoardCommand[]
    /** Show the view of a command; false where it is none, or is not there any more. */
    run(id: string): boolean
  }
  interface Window {
    HoneycabViews: typeof HoneycabViews
    HoneycabKeys: typeof HoneycabKeys
    HoneycabCommands: typeof HoneycabCommands
  }
}
