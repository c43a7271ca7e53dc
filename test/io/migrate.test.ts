import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { migrate } from '../../src/io/migrate.ts'
import { type Cluster, startPostgres, withClient } from '../support/postgres.ts'
import { describeDatabases, makeTempDir, removeDir } from '../support/servers.ts'

const SHIPPED = readdirSync(join(import.meta.dir, '..', '..', 'migrations')).map((file) =>
  file.replace(/\.ts$/, ''),
)

/** Everything of ours that the database knows, as text: what a migration made or left behind. */
const describeSchema = (connection: pg.ClientConfig) =>
  withClient(connection, async (client) => {
    const columns = await client.query(`
      select table_name, column_name, data_type, column_default, is_nullable from information_schema.columns
      where table_schema = 'public' and table_name not like 'kysely%' order by 1, 2`)
    const constraints = await client.query(`
      select conrelid::regclass::text as owner, pg_get_constraintdef(oid) as rule from pg_constraint
      where connamespace = 'public'::regnamespace and conrelid::regclass::text not like 'kysely%' order by 1, 2`)
    const indexes = await client.query(`
      select indexdef from pg_indexes where schemaname = 'public' and tablename not like 'kysely%' order by 1`)
    const others = await client.query(`
      select 'type' as kind, typname::text as name from pg_type
        where typnamespace = 'public'::regnamespace and typtype in ('e', 'd')
      union all select 'function', proname::text from pg_proc p
        where pronamespace = 'public'::regnamespace
        and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')
      union all select 'trigger', tgname::text from pg_trigger where not tgisinternal
      union all select 'policy', policyname::text from pg_policies order by 1, 2`)
    return {
      columns: columns.rows,
      constraints: constraints.rows,
      indexes: indexes.rows,
      others: others.rows,
    }
  })

describeDatabases('migrations', (twin) => {
  let cluster: Cluster
  let databases = 0

  beforeAll(async () => {
    cluster = await startPostgres({ flavour: twin })
  }, 30_000)
  afterAll(() => cluster.stop())

  async function emptyDatabase(): Promise<pg.ClientConfig> {
    const database = `migrate_${databases++}`
    await withClient({ ...cluster.connection, database: 'postgres' }, (client) =>
      client.query(`create database ${database}`),
    )
    return { ...cluster.connection, database }
  }

  test('up, down and up again end where the first up ended, and down leaves nothing', async () => {
    const connection = await emptyDatabase()
    const before = await describeSchema(connection)
    expect(await migrate(connection)).toEqual(SHIPPED.toSorted())
    const first = await describeSchema(connection)
    expect(await migrate(connection, { direction: 'down' })).toEqual(SHIPPED.toSorted().reverse())
    expect(await describeSchema(connection)).toEqual(before)
    await migrate(connection)
    expect(await describeSchema(connection)).toEqual(first)
  }, 30_000)

  test('a second run has nothing to do', async () => {
    const connection = await emptyDatabase()
    await migrate(connection)
    expect(await migrate(connection)).toEqual([])
  }, 30_000)

  test('of several processes that start at once one migrates, the others wait and find it done', async () => {
    const folder = migrationFolder({
      '1_slow': ['create table slow as select pg_sleep(0.2)::text', 'drop table slow'],
    })
    const connection = await emptyDatabase()
    const ran = await Promise.all([1, 2, 3, 4].map(() => migrate(connection, { folder })))
    expect(ran.flat()).toEqual(['1_slow'])
    removeDir(folder)
  }, 30_000)

  test('a table that somebody uses is waited for in short turns, and then migrated', async () => {
    const connection = await emptyDatabase()
    const folder = migrationFolder({
      '1_used': ['alter table used add column more int', 'alter table used drop column more'],
    })
    const tries: string[] = []
    await withClient(connection, async (user) => {
      await user.query('create table used (id int)')
      await user.query('begin')
      await user.query('lock table used')
      const migrated = migrate(connection, {
        folder,
        lockTimeoutMs: 20,
        progress: (name) => tries.push(name),
      })
      while (tries.length < 2) await Bun.sleep(10)
      await user.query('commit')
      expect(await migrated).toEqual(['1_used'])
    })
    removeDir(folder)
  }, 30_000)

  test('a migration that fails takes back those before it, and progress named it last', async () => {
    const folder = migrationFolder({
      '1_good': ['create table good (id int)', 'drop table good'],
      '2_bad': ['create table bad (id nonsense)', 'select 1'],
    })
    const connection = await emptyDatabase()
    const told: string[] = []
    await expect(migrate(connection, { folder, progress: (name) => told.push(name) })).rejects.toThrow(
      'nonsense',
    )
    expect(told).toEqual(['1_good', '2_bad'])
    expect((await describeSchema(connection)).columns).toEqual([])
    removeDir(folder)
  }, 30_000)
})

/** Migrations that each run one statement up and one down. */
function migrationFolder(statements: Record<string, readonly [string, string]>): string {
  const folder = makeTempDir('migrations')
  mkdirSync(folder, { recursive: true })
  for (const [name, [up, down]] of Object.entries(statements)) {
    const run = (statement: string) =>
      `(db) => db.executeQuery({ sql: ${JSON.stringify(statement)}, parameters: [], query: { kind: 'RawNode' } })`
    writeFileSync(
      join(folder, `${name}.ts`),
      `export const up = ${run(up)}\nexport const down = ${run(down)}\n`,
    )
  }
  return folder
}
