import { afterAll, beforeAll, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { OutsideError } from '../../src/io/outside.ts'
import { isUniqueViolation } from '../../src/io/postgres.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { startRedis, type TestRedis, withRedis } from '../support/redis.ts'
import { describeDatabases, describeWith } from '../support/servers.ts'

describeDatabases('the database handle', (twin) => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await testDatabase(twin)
    await sql`create table kept (id int primary key, amount bigint not null, at timestamptz not null)`.execute(
      database.db,
    )
  }, 30_000)
  afterAll(() => database.stop())

  test('counts and bigints are numbers, instants are dates', async () => {
    const at = new Date('2026-03-08T06:30:00.123Z')
    await sql`insert into kept values (1, 9007199254740991, ${at})`.execute(database.db)
    const found = await sql<{ amount: number; at: Date; count: number }>`
      select amount, at, (select count(*) from kept) as count from kept`.execute(database.db)
    expect(found.rows).toEqual([{ amount: Number.MAX_SAFE_INTEGER, at, count: 1 }])
  })

  test('a bigint that no number holds is refused rather than rounded', async () => {
    await expect(sql`select 9007199254740993::int8`.execute(database.db)).rejects.toThrow(RangeError)
  })

  test('a second row under one key is known by its constraint', async () => {
    const second = sql`insert into kept select 7, 1, now() from generate_series(1, 2)`.execute(database.db)
    const error = await second.then(
      () => null,
      (error: unknown) => error,
    )
    expect(isUniqueViolation(error)).toBe(true)
    expect(isUniqueViolation(error, 'kept_pkey')).toBe(true)
    expect(isUniqueViolation(error, 'other_key')).toBe(false)
  })

  test('a session ended by the server is an outside failure, and the pool goes on', async () => {
    const ended = sql`select pg_terminate_backend(pg_backend_pid())`.execute(database.db)
    const error = await ended.then(
      () => null,
      (error: unknown) => error,
    )
    expect(error).toBeInstanceOf(OutsideError)
    expect((error as OutsideError).service).toBe('postgres')
    await expect(database.pool.query('select 1')).resolves.toMatchObject({ rowCount: 1 })
  })

  test('two databases of one suite do not see each other', async () => {
    const other = await testDatabase(twin)
    const found = await sql`select 1 from pg_class where relname = 'kept'`.execute(other.db)
    expect(found.rows).toEqual([])
    await other.stop()
  })
})

describeWith('redis', "a Redis of a test's own", () => {
  let redis: TestRedis

  beforeAll(async () => {
    redis = await startRedis()
  }, 30_000)
  afterAll(() => redis.stop())

  test('it holds what it is given until it is emptied', async () => {
    await withRedis(redis.url, (client) => client.set('key', 'value'))
    await expect(withRedis(redis.url, (client) => client.get('key'))).resolves.toBe('value')
    await redis.flush()
    await expect(withRedis(redis.url, (client) => client.get('key'))).resolves.toBeNull()
  })

  test('killed, it refuses; started again, it is empty on the same address', async () => {
    await withRedis(redis.url, (client) => client.set('key', 'value'))
    await redis.kill()
    await expect(withRedis(redis.url, (client) => client.ping())).rejects.toThrow()
    await redis.restart()
    await expect(withRedis(redis.url, (client) => client.get('key'))).resolves.toBeNull()
  })

  test('frozen, it answers only once it thaws', async () => {
    redis.freeze()
    const asked = withRedis(redis.url, (client) => client.ping())
    redis.thaw()
    await expect(asked).resolves.toBe('PONG')
  })
})
