#!/usr/bin/env bun
/** `honeycab`: one program, one word for what it shall do. */
import { companyCommand, factorsCommand, passwordCommand } from './backoffice/cli.ts'
import { importCommand } from './backoffice/import/cli.ts'
import { placesCommand } from './backoffice/places-cli.ts'
import { adminCommand } from './backoffice/platform.ts'
import { startDemo } from './demo.ts'
import { ConfigError, loadConfig } from './io/config.ts'
import { createLog } from './io/log.ts'
import { migrate } from './io/migrate.ts'
import { OutsideError } from './io/outside.ts'
import { connect } from './io/postgres.ts'
import { type Running, serve } from './main.ts'
import { replayCommand } from './replay/cli.ts'
import { buildTiles } from './roads/valhalla/build-tiles.ts'

interface Command {
  readonly what: string
  /** Answers the exit code where it may be another than 0. */
  run(args: readonly string[]): Promise<number | undefined>
}

const COMMANDS: Readonly<Record<string, Command>> = {
  demo: { what: 'run the server with a living city to try it with', run: demoCommand },
  serve: { what: 'run the server, by the environment (.env.example lists it)', run: serveCommand },
  migrate: {
    what: 'bring the database to this version; "migrate down" takes everything back',
    run: migrateCommand,
  },
  company: { what: 'found a company from a file, or bring it up to the file', run: companyCommand },
  places: { what: 'bring in a gazetteer for the address search', run: placesCommand },
  roads: { what: 'make routing tiles from an OpenStreetMap file (PBF)', run: roadsCommand },
  import: { what: "bring in an older system's accounts, or take an import back", run: importCommand },
  admin: { what: 'make somebody run the installation, or take that back', run: adminCommand },
  password: { what: 'give a person a new password', run: passwordCommand },
  factors: { what: 'take the second factor of a person away who lost it', run: factorsCommand },
  replay: { what: 'run recorded rides through the engine and print how it did', run: replayCommand },
}

/** After this long a stop that hangs is cut off. */
const STOP_DEADLINE_MS = 10_000
/** One Ctrl-C comes twice: a terminal tells every process of the command, and a package runner passes it on. */
const SAME_SIGNAL_MS = 1_000

async function serveCommand(): Promise<undefined> {
  const running = await serve({ config: loadConfig(process.env), progress: say })
  say(`Honeycab runs at ${running.address}`)
  stopOnSignal(running)
}

async function demoCommand(): Promise<undefined> {
  // The terminal is for people here; who wants each event as JSON says so.
  const config = loadConfig({ LOG_LEVEL: 'warn', ...process.env })
  stopOnSignal(await startDemo(config, say))
}

async function migrateCommand([direction = 'up']: readonly string[]): Promise<undefined> {
  if (direction !== 'up' && direction !== 'down') throw new UsageError('migrate takes "up" or "down"')
  const config = loadConfig(process.env)
  const database = await connect(config, createLog(config.logLevel), say)
  try {
    const done = await migrate(database.connection, {
      direction,
      progress: (name, way) => say(`${way} ${name}`),
    })
    say(done.length === 0 ? 'Nothing to do.' : `Done: ${done.length}.`)
  } finally {
    await database.stop()
  }
}

async function roadsCommand([osmFile, tilesDir]: readonly string[]): Promise<undefined> {
  if (osmFile === undefined || tilesDir === undefined)
    throw new UsageError('honeycab roads FILE.osm.pbf FOLDER')
  const tiles = await buildTiles(osmFile, tilesDir)
  say(`${tiles} tiles in ${tilesDir}. VALHALLA_TILES=${tilesDir} uses them from the next start.`)
}

/** SIGTERM and Ctrl-C leave in order; a second one, or a stop that hangs, leaves at once. */
export function stopOnSignal(running: Running): void {
  let leavingSinceMs: number | null = null
  const leave = () => {
    if (leavingSinceMs !== null) {
      if (performance.now() - leavingSinceMs > SAME_SIGNAL_MS) process.exit(1)
      return
    }
    leavingSinceMs = performance.now()
    setTimeout(() => {
      process.stderr.write(`did not leave within ${STOP_DEADLINE_MS / 1_000} s\n`)
      process.exit(1)
    }, STOP_DEADLINE_MS).unref()
    running.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`could not leave in order: ${error instanceof Error ? error.stack : error}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', leave)
  process.on('SIGINT', leave)
}

export class UsageError extends Error {
  override name = 'UsageError'
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function usage(): string {
  const lines = Object.entries(COMMANDS).map(([name, { what }]) => `  ${name.padEnd(9)}${what}`)
  return ['honeycab COMMAND', ...lines].join('\n')
}

async function main([name = '', ...args]: readonly string[]): Promise<void> {
  const command = COMMANDS[name]
  if (command === undefined) throw new UsageError(`${usage()}`)
  process.exitCode = (await command.run(args)) ?? 0
}

if (import.meta.main)
  main(process.argv.slice(2)).catch((error: unknown) => {
    const known = error instanceof ConfigError || error instanceof OutsideError || error instanceof UsageError
    process.stderr.write(
      known ? `${error.message}\n` : `${error instanceof Error ? error.stack : String(error)}\n`,
    )
    process.exit(1)
  })
