/** A process of its own that holds the embedded database of the folder it is given, until its input ends. */
import { startEmbeddedPostgres } from '../../src/io/embedded-postgres.ts'

const server = await startEmbeddedPostgres(process.argv[2]!)
process.stdout.write(`${JSON.stringify({ pid: server.pid(), adopted: server.adopted })}\n`)
await Bun.stdin.text()
await server.stop()
