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

/** What a command does with its noun; `palette` is open still. */
export type BoardVerb = (
  noun: string,
  palette: { say(text: string): void; close(): void; pressRow(row: Element): void },
) => Promise<void> | void

declare global {
  var HoneycabCommands: { match(commands: readonly BoardCommand[], query: string): BoardMatch[] }
  var HoneycabKeys: {
    readonly commands: readonly BoardCommand[]
    /** Do a command by its id, where there is something to press. */
    run(id: string): void
    /** Do what a key means; false where it means nothing. */
    handle(key: string, shift: boolean, target: Element): boolean
    isPossible(command: BoardCommand): boolean
    /** What a command's selector would press now; null where there is nothing. */
    pressable(selector: string): HTMLElement | null
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
    /** Whether what is typed is kept for what is on its way; false once somebody went elsewhere. */
    isHeld(): boolean
    /** What was pressed asks for words. */
    expectText(): void
    forget(): void
  }
  /** Rows of queue and table: board-rows.js. */
  var HoneycabRows: {
    isInSight(element: Element | null): boolean
    move(by: 1 | -1): void
    toPart(view: string, rows: string): void
  }
  /** The search of everything: board-find.js. */
  var HoneycabFind: {
    find(text: string): Promise<Document | 'no answer' | null>
    stop(): void
  }
  /** Commands with a noun, by their ids: board-verbs.js. */
  var HoneycabVerbs: Record<string, BoardVerb | undefined>
  /** Booking by phone: board-booking-form.js and those named after it. */
  var HoneycabBooking: {
    form(): HTMLFormElement | null
    input(name: string): HTMLInputElement | null
    say(text: string): void
    ask(kind: string, address: string, init?: RequestInit): Promise<Document | null>
    stop(kind: string): void
    go(name: string): void
    next(name: string): void
    whileTyping<T>(work: () => Promise<T>, goOn: (result: T) => void): Promise<void>
  }
  var HoneycabCallers: {
    find(who: { q?: string; rider?: string }): Promise<void>
    typed(field: HTMLInputElement): void
    enter(field: HTMLInputElement): void
    choose(rider: string): void
  }
  var HoneycabPlaces: {
    isPlace(field: HTMLInputElement): boolean
    isSettled(name: string): boolean
    isOpen(): boolean
    typed(field: HTMLInputElement): void
    suggest(field: HTMLInputElement): Promise<void>
    take(name: string, option: Element): void
    takeMarked(field: HTMLInputElement): void
    enter(field: HTMLInputElement): void
    short(field: HTMLInputElement): boolean
    move(by: 1 | -1): boolean
    close(): void
  }
  var HoneycabPrices: {
    /** To the chosen price, when it is there. */
    go(): void
    /** Ask for prices a moment after the last key. */
    ask(): void
    take(done: (pane: Element) => Promise<void> | void, stays: boolean): Promise<void>
    forget(): void
    referenceOf(pane: Element): string
  }
  interface Window {
    HoneycabAhead: typeof HoneycabAhead
    HoneycabRows: typeof HoneycabRows
    HoneycabFind: typeof HoneycabFind
    HoneycabVerbs: typeof HoneycabVerbs
    HoneycabBooking: typeof HoneycabBooking
    HoneycabCallers: typeof HoneycabCallers
    HoneycabPlaces: typeof HoneycabPlaces
    HoneycabPrices: typeof HoneycabPrices
    HoneycabAsked: typeof HoneycabAsked
    HoneycabViews: typeof HoneycabViews
    HoneycabKeys: typeof HoneycabKeys
    HoneycabCommands: typeof HoneycabCommands
  }
}
