/** What the driver page's scripts leave on `globalThis` for each other; they are plain scripts, served as they are. */
declare var createHoneycabClock: (parts: {
  wallMs: () => number
  steadyMs: () => number
  kept?: { load(): number; save(offsetMs: number): void }
}) => PhoneClock
declare var HoneycabTabs: { isLeading(): boolean }
declare var HoneycabDriver: { clockTime(atMs: number): string; nowMs(): number }
declare var HoneycabSteps: {
  createStepQueue(parts: {
    store: StepStore
    send: (step: QueuedStep) => Promise<StepAnswer>
    onChange: (waiting: QueuedStep[], state: { signedOut: boolean }) => void
    onRefused: (step: QueuedStep, words: string, dropped: QueuedStep[]) => void
    alone?: (work: () => Promise<void>) => Promise<void>
  }): {
    load(): Promise<void>
    add(step: Omit<QueuedStep, 'n'>): Promise<void>
    flush(): Promise<void>
    waiting(): QueuedStep[]
  }
  openStepStore(factory: IDBFactory, driverId: string): StepStore
}
declare var HoneycabPing: {
  createPinger(parts: {
    geolocation: Pick<Geolocation, 'watchPosition' | 'clearWatch' | 'getCurrentPosition'> | null
    clock: PingClock
    store: PingStore
    transport: PingTransport
    onChange: (state: PingState) => void
  }): Pinger
  pillText(
    state: PingState,
    nowMs: number,
    clockTime: (atMs: number) => string,
  ): { tone: 'ok' | 'warn' | 'danger' | 'quiet'; text: string }
  hiddenText(hiddenMs: number, meanwhile?: { wasSeen?: boolean; onRide?: boolean }): string | null
  lowPct(battery: { level: number; charging: boolean }): number | null
  distanceM(a: { lat: number; lng: number }, b: { lat: number; lng: number }): number
}
/** How offers are heard, see driver-sound.js. */
declare var HoneycabSound: {
  ring(tune: 'offer' | 'last' | 'nudge'): void
  buzz(pattern: number | number[]): void
  choice(): 'on' | 'felt' | 'off'
  isAllowed(): boolean
}
declare var openHoneycabPingStore: (factory: IDBFactory, driverId: string) => PingStore
declare var HoneycabPingFrame: { write(pings: Ping[]): ArrayBuffer | null }
