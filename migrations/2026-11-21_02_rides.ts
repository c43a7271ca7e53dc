import { type Kysely, sql } from 'kysely'

/**
 * Regions, fleets, prices, rides, offers, money. The database itself refuses what must never be: a driver with two
 * open runs or two live offers, a ride with two accepted offers or two captures, books that do not sum to zero.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE regions (
      company_id uuid NOT NULL REFERENCES companies (id),
      id uuid NOT NULL PRIMARY KEY,
      slug text NOT NULL CHECK (slug ~ '^[a-z0-9-]{1,40}$'),
      name text NOT NULL,
      time_zone text NOT NULL,
      center_lat double precision NOT NULL CHECK (center_lat BETWEEN -90 AND 90),
      center_lng double precision NOT NULL CHECK (center_lng >= -180 AND center_lng < 180),
      zoom smallint NOT NULL DEFAULT 13,
      area jsonb NOT NULL,
      circuity double precision NOT NULL CHECK (circuity >= 1),
      speed_mps double precision NOT NULL CHECK (speed_mps > 0),
      policy text NOT NULL CHECK (policy IN ('nearest', 'batch')),
      batch_window_ms integer NOT NULL CHECK (batch_window_ms BETWEEN 0 AND 60000),
      radius_m integer NOT NULL CHECK (radius_m > 0),
      candidates integer NOT NULL CHECK (candidates BETWEEN 1 AND 64),
      offer_ttl_s integer NOT NULL CHECK (offer_ttl_s BETWEEN 5 AND 600),
      unfulfilled_after_s integer NOT NULL CHECK (unfulfilled_after_s BETWEEN 30 AND 86400),
      UNIQUE (company_id, id),
      UNIQUE (company_id, slug)
    )`.execute(db)

  await sql`
    CREATE TABLE region_leases (
      region_id uuid PRIMARY KEY REFERENCES regions (id),
      holder text NOT NULL,
      epoch bigint NOT NULL CHECK (epoch > 0),
      expires_at timestamptz NOT NULL
    )`.execute(db)

  await sql`
    CREATE TABLE drivers (
      company_id uuid NOT NULL REFERENCES companies (id),
      id uuid NOT NULL PRIMARY KEY,
      identity_id uuid NOT NULL REFERENCES identities (id),
      name text NOT NULL,
      call_sign text NOT NULL CHECK (call_sign ~ '^[0-9A-Za-z-]{1,12}$'),
      lapsed_in_a_row smallint NOT NULL DEFAULT 0 CHECK (lapsed_in_a_row >= 0),
      paused_until timestamptz,
      UNIQUE (company_id, id),
      UNIQUE (company_id, call_sign),
      UNIQUE (company_id, identity_id)
    )`.execute(db)

  await sql`
    CREATE TABLE vehicles (
      company_id uuid NOT NULL REFERENCES companies (id),
      id uuid NOT NULL PRIMARY KEY,
      class text NOT NULL CHECK (class IN ('standard', 'accessible', 'black')),
      seats smallint NOT NULL CHECK (seats BETWEEN 1 AND 16),
      attributes integer NOT NULL DEFAULT 0 CHECK (attributes >= 0),
      plate text NOT NULL,
      make_model text NOT NULL,
      colour text NOT NULL,
      UNIQUE (company_id, id),
      UNIQUE (company_id, plate)
    )`.execute(db)

  await sql`
    CREATE TABLE driver_vehicles (
      company_id uuid NOT NULL,
      driver_id uuid NOT NULL,
      vehicle_id uuid NOT NULL,
      PRIMARY KEY (driver_id, vehicle_id),
      FOREIGN KEY (company_id, driver_id) REFERENCES drivers (company_id, id),
      FOREIGN KEY (company_id, vehicle_id) REFERENCES vehicles (company_id, id)
    )`.execute(db)

  await sql`
    CREATE TABLE shifts (
      company_id uuid NOT NULL,
      id uuid NOT NULL PRIMARY KEY,
      region_id uuid NOT NULL,
      driver_id uuid NOT NULL,
      vehicle_id uuid NOT NULL,
      started_at timestamptz NOT NULL,
      ended_at timestamptz CHECK (ended_at >= started_at),
      end_reason text,
      FOREIGN KEY (company_id, region_id) REFERENCES regions (company_id, id),
      FOREIGN KEY (company_id, driver_id) REFERENCES drivers (company_id, id),
      FOREIGN KEY (company_id, vehicle_id) REFERENCES vehicles (company_id, id)
    )`.execute(db)
  await sql`CREATE UNIQUE INDEX shifts_one_open_a_driver ON shifts (driver_id) WHERE ended_at IS NULL`.execute(
    db,
  )
  await sql`CREATE UNIQUE INDEX shifts_one_open_a_vehicle ON shifts (vehicle_id) WHERE ended_at IS NULL`.execute(
    db,
  )
  await sql`CREATE INDEX shifts_open_in_region ON shifts (region_id) WHERE ended_at IS NULL`.execute(db)
  await sql`CREATE INDEX shifts_of_driver ON shifts (driver_id, started_at DESC)`.execute(db)

  await sql`
    CREATE TABLE tariffs (
      company_id uuid NOT NULL,
      id uuid NOT NULL PRIMARY KEY,
      region_id uuid NOT NULL,
      class text NOT NULL CHECK (class IN ('standard', 'accessible', 'black')),
      version integer NOT NULL CHECK (version > 0),
      effective_from timestamptz NOT NULL,
      currency char(3) NOT NULL,
      base_minor integer NOT NULL CHECK (base_minor >= 0),
      booking_fee_minor integer NOT NULL CHECK (booking_fee_minor >= 0),
      per_km_minor integer NOT NULL CHECK (per_km_minor >= 0),
      per_minute_minor integer NOT NULL CHECK (per_minute_minor >= 0),
      minimum_minor integer NOT NULL CHECK (minimum_minor >= 0),
      tax_basis_points integer NOT NULL CHECK (tax_basis_points BETWEEN 0 AND 10000),
      tax_label text NOT NULL,
      cancel_fee_minor integer NOT NULL CHECK (cancel_fee_minor >= 0),
      cancel_free_s integer NOT NULL CHECK (cancel_free_s >= 0),
      no_show_fee_minor integer NOT NULL CHECK (no_show_fee_minor >= 0),
      no_show_after_s integer NOT NULL CHECK (no_show_after_s >= 0),
      driver_share_basis_points integer NOT NULL CHECK (driver_share_basis_points BETWEEN 0 AND 10000),
      UNIQUE (company_id, id),
      UNIQUE (region_id, class, version),
      FOREIGN KEY (company_id, region_id) REFERENCES regions (company_id, id)
    )`.execute(db)

  await sql`
    CREATE TABLE quotes (
      company_id uuid NOT NULL,
      id uuid NOT NULL PRIMARY KEY,
      set_id uuid NOT NULL,
      region_id uuid NOT NULL,
      rider_id uuid REFERENCES identities (id),
      tariff_id uuid NOT NULL,
      class text NOT NULL CHECK (class IN ('standard', 'accessible', 'black')),
      seats smallint NOT NULL CHECK (seats BETWEEN 1 AND 16),
      pickup_lat double precision NOT NULL,
      pickup_lng double precision NOT NULL,
      pickup_label text NOT NULL,
      dropoff_lat double precision NOT NULL,
      dropoff_lng double precision NOT NULL,
      dropoff_label text NOT NULL,
      distance_m double precision NOT NULL CHECK (distance_m >= 0),
      duration_s double precision NOT NULL CHECK (duration_s >= 0),
      fare_minor integer NOT NULL CHECK (fare_minor >= 0),
      driver_minor integer NOT NULL CHECK (driver_minor BETWEEN 0 AND fare_minor),
      currency char(3) NOT NULL,
      lines jsonb NOT NULL,
      pickup_eta_s integer CHECK (pickup_eta_s >= 0),
      signature text NOT NULL,
      created_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
      UNIQUE (company_id, id),
      UNIQUE (set_id, class),
      FOREIGN KEY (company_id, region_id) REFERENCES regions (company_id, id),
      FOREIGN KEY (company_id, tariff_id) REFERENCES tariffs (company_id, id)
    )`.execute(db)
  await sql`CREATE INDEX quotes_by_expiry ON quotes (expires_at)`.execute(db)

  await sql`
    CREATE TABLE rides (
      company_id uuid NOT NULL,
      id uuid NOT NULL PRIMARY KEY,
      number bigint GENERATED ALWAYS AS IDENTITY (START WITH 20001) UNIQUE,
      region_id uuid NOT NULL,
      rider_id uuid NOT NULL REFERENCES identities (id),
      quote_id uuid NOT NULL UNIQUE,
      tariff_id uuid NOT NULL,
      state text NOT NULL CHECK (state IN ('requested', 'assigned', 'en_route', 'arrived', 'in_progress',
        'completed', 'cancelled', 'no_show', 'unfulfilled')),
      version integer NOT NULL CHECK (version > 0),
      class text NOT NULL CHECK (class IN ('standard', 'accessible', 'black')),
      seats smallint NOT NULL CHECK (seats BETWEEN 1 AND 16),
      attributes integer NOT NULL DEFAULT 0 CHECK (attributes >= 0),
      payment_method text NOT NULL CHECK (payment_method IN ('cash', 'account')),
      note text NOT NULL DEFAULT '' CHECK (length(note) <= 140),
      rider_name text NOT NULL,
      pickup_lat double precision NOT NULL CHECK (pickup_lat BETWEEN -90 AND 90),
      pickup_lng double precision NOT NULL CHECK (pickup_lng >= -180 AND pickup_lng < 180),
      pickup_label text NOT NULL,
      dropoff_lat double precision NOT NULL CHECK (dropoff_lat BETWEEN -90 AND 90),
      dropoff_lng double precision NOT NULL CHECK (dropoff_lng >= -180 AND dropoff_lng < 180),
      dropoff_label text NOT NULL,
      distance_m double precision NOT NULL CHECK (distance_m >= 0),
      duration_s double precision NOT NULL CHECK (duration_s >= 0),
      fare_minor integer NOT NULL CHECK (fare_minor >= 0),
      driver_minor integer NOT NULL CHECK (driver_minor BETWEEN 0 AND fare_minor),
      currency char(3) NOT NULL,
      driver_id uuid,
      vehicle_id uuid,
      pickup_eta_s integer CHECK (pickup_eta_s >= 0),
      misses smallint NOT NULL DEFAULT 0 CHECK (misses >= 0),
      requested_at timestamptz NOT NULL,
      deadline_at timestamptz NOT NULL,
      assigned_at timestamptz,
      set_off_at timestamptz,
      arrived_at timestamptz,
      boarded_at timestamptz,
      ended_at timestamptz,
      end_reason text,
      ended_by text CHECK (ended_by IN ('rider', 'driver', 'dispatcher', 'system')),
      changed_at timestamptz NOT NULL,
      UNIQUE (company_id, id),
      CHECK (driver_id IS NOT NULL OR state IN ('requested', 'cancelled', 'unfulfilled')),
      CHECK (driver_id IS NULL OR state <> 'requested'),
      CHECK ((ended_at IS NULL) = (state IN ('requested', 'assigned', 'en_route', 'arrived', 'in_progress'))),
      FOREIGN KEY (company_id, region_id) REFERENCES regions (company_id, id),
      FOREIGN KEY (company_id, quote_id) REFERENCES quotes (company_id, id),
      FOREIGN KEY (company_id, tariff_id) REFERENCES tariffs (company_id, id),
      FOREIGN KEY (company_id, driver_id) REFERENCES drivers (company_id, id),
      FOREIGN KEY (company_id, vehicle_id) REFERENCES vehicles (company_id, id)
    )`.execute(db)
  await sql`
    CREATE UNIQUE INDEX rides_one_open_a_driver ON rides (driver_id)
      WHERE state IN ('assigned', 'en_route', 'arrived', 'in_progress')`.execute(db)
  await sql`CREATE INDEX rides_waiting ON rides (region_id, requested_at) WHERE state = 'requested'`.execute(
    db,
  )
  await sql`CREATE INDEX rides_open ON rides (company_id, requested_at) WHERE ended_at IS NULL`.execute(db)
  await sql`CREATE INDEX rides_ended ON rides (company_id, ended_at DESC) WHERE ended_at IS NOT NULL`.execute(
    db,
  )
  await sql`CREATE INDEX rides_of_rider ON rides (rider_id, requested_at DESC)`.execute(db)
  await sql`CREATE INDEX rides_of_driver ON rides (driver_id, ended_at DESC)`.execute(db)

  await sql`
    CREATE TABLE ride_events (
      company_id uuid NOT NULL,
      ride_id uuid NOT NULL,
      version integer NOT NULL CHECK (version > 0),
      type text NOT NULL,
      from_state text,
      to_state text NOT NULL,
      at timestamptz NOT NULL,
      actor_kind text NOT NULL CHECK (actor_kind IN ('rider', 'driver', 'dispatcher', 'system')),
      actor_id uuid,
      driver_id uuid,
      reason text,
      PRIMARY KEY (ride_id, version),
      FOREIGN KEY (company_id, ride_id) REFERENCES rides (company_id, id)
    )`.execute(db)

  await sql`
    CREATE TABLE runs (
      company_id uuid NOT NULL,
      id uuid NOT NULL PRIMARY KEY,
      driver_id uuid NOT NULL,
      ride_id uuid NOT NULL,
      opened_at timestamptz NOT NULL,
      closed_at timestamptz CHECK (closed_at >= opened_at),
      FOREIGN KEY (company_id, driver_id) REFERENCES drivers (company_id, id),
      FOREIGN KEY (company_id, ride_id) REFERENCES rides (company_id, id)
    )`.execute(db)
  await sql`CREATE UNIQUE INDEX runs_one_open_a_driver ON runs (driver_id) WHERE closed_at IS NULL`.execute(
    db,
  )
  await sql`CREATE UNIQUE INDEX runs_one_open_a_ride ON runs (ride_id) WHERE closed_at IS NULL`.execute(db)

  await sql`
    CREATE TABLE offers (
      company_id uuid NOT NULL,
      id uuid NOT NULL PRIMARY KEY,
      region_id uuid NOT NULL,
      ride_id uuid NOT NULL,
      driver_id uuid NOT NULL,
      state text NOT NULL CHECK (state IN ('pending', 'accepted', 'declined', 'expired', 'withdrawn')),
      pickup_distance_m double precision NOT NULL CHECK (pickup_distance_m >= 0),
      pickup_eta_s integer NOT NULL CHECK (pickup_eta_s >= 0),
      offered_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL CHECK (expires_at > offered_at),
      ended_at timestamptz,
      released_at timestamptz,
      reason text,
      CHECK ((ended_at IS NULL) = (state = 'pending')),
      CHECK (released_at IS NULL OR state = 'accepted'),
      FOREIGN KEY (company_id, region_id) REFERENCES regions (company_id, id),
      FOREIGN KEY (company_id, ride_id) REFERENCES rides (company_id, id),
      FOREIGN KEY (company_id, driver_id) REFERENCES drivers (company_id, id)
    )`.execute(db)
  await sql`CREATE UNIQUE INDEX offers_one_live_a_driver ON offers (driver_id) WHERE state = 'pending'`.execute(
    db,
  )
  await sql`CREATE UNIQUE INDEX offers_one_live_a_ride ON offers (ride_id) WHERE state = 'pending'`.execute(
    db,
  )
  await sql`
    CREATE UNIQUE INDEX offers_one_accepted_a_ride ON offers (ride_id)
      WHERE state = 'accepted' AND released_at IS NULL`.execute(db)
  await sql`CREATE INDEX offers_live_by_expiry ON offers (region_id, expires_at) WHERE state = 'pending'`.execute(
    db,
  )
  await sql`CREATE INDEX offers_of_ride ON offers (ride_id, offered_at)`.execute(db)

  await sql`
    CREATE TABLE ride_trails (
      company_id uuid NOT NULL,
      ride_id uuid NOT NULL,
      at timestamptz NOT NULL,
      lat double precision NOT NULL,
      lng double precision NOT NULL,
      accuracy_m real,
      PRIMARY KEY (ride_id, at),
      FOREIGN KEY (company_id, ride_id) REFERENCES rides (company_id, id)
    )`.execute(db)

  await sql`
    CREATE TABLE payments (
      company_id uuid NOT NULL,
      id uuid NOT NULL PRIMARY KEY,
      ride_id uuid NOT NULL,
      kind text NOT NULL CHECK (kind IN ('fare', 'cancellation', 'no_show')),
      method text NOT NULL CHECK (method IN ('cash', 'account')),
      state text NOT NULL CHECK (state IN ('captured')),
      amount_minor integer NOT NULL CHECK (amount_minor > 0 AND amount_minor <= 1000000000),
      currency char(3) NOT NULL,
      captured_at timestamptz NOT NULL,
      UNIQUE (company_id, id),
      FOREIGN KEY (company_id, ride_id) REFERENCES rides (company_id, id)
    )`.execute(db)
  await sql`CREATE UNIQUE INDEX payments_one_capture_a_ride ON payments (ride_id) WHERE state = 'captured'`.execute(
    db,
  )
  await sql`CREATE INDEX payments_by_capture ON payments (captured_at)`.execute(db)

  await sql`
    CREATE TABLE ledger_transactions (
      company_id uuid NOT NULL,
      id uuid NOT NULL PRIMARY KEY,
      payment_id uuid NOT NULL UNIQUE,
      at timestamptz NOT NULL,
      UNIQUE (company_id, id),
      FOREIGN KEY (company_id, payment_id) REFERENCES payments (company_id, id)
    )`.execute(db)
  await sql`CREATE INDEX ledger_transactions_by_time ON ledger_transactions (at)`.execute(db)
  await sql`
    CREATE TABLE ledger_entries (
      company_id uuid NOT NULL,
      transaction_id uuid NOT NULL,
      seq smallint NOT NULL CHECK (seq > 0),
      account text NOT NULL,
      amount_minor integer NOT NULL CHECK (amount_minor <> 0),
      currency char(3) NOT NULL,
      PRIMARY KEY (transaction_id, seq),
      FOREIGN KEY (company_id, transaction_id) REFERENCES ledger_transactions (company_id, id)
    )`.execute(db)
  await sql`CREATE INDEX ledger_entries_of_account ON ledger_entries (company_id, account)`.execute(db)
  await sql`
    CREATE FUNCTION ledger_sums_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (
        SELECT 1 FROM ledger_entries WHERE transaction_id = NEW.transaction_id
        GROUP BY currency HAVING sum(amount_minor) <> 0
      ) THEN
        RAISE EXCEPTION 'ledger transaction % does not sum to zero', NEW.transaction_id
          USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_sums_to_zero';
      END IF;
      RETURN NULL;
    END $$`.execute(db)
  await sql`
    CREATE CONSTRAINT TRIGGER ledger_sums_to_zero AFTER INSERT ON ledger_entries
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_sums_to_zero()`.execute(db)

  await sql`
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'append_only';
    END $$`.execute(db)
  await sql`
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ride_events
      FOR EACH ROW EXECUTE FUNCTION refuse_change()`.execute(db)
  await sql`
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_transactions
      FOR EACH ROW EXECUTE FUNCTION refuse_change()`.execute(db)
  await sql`
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_entries
      FOR EACH ROW EXECUTE FUNCTION refuse_change()`.execute(db)

  for (const table of ['ride_events', 'ledger_transactions', 'ledger_entries'])
    await sql`
      CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON ${sql.table(table)}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`.execute(db)

  await sql`
    CREATE TABLE outbox (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      news jsonb NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    )`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`
    DROP TABLE outbox, ledger_entries, ledger_transactions, payments, ride_trails, offers, runs, ride_events, rides,
      quotes, tariffs, shifts, driver_vehicles, vehicles, drivers, region_leases, regions`.execute(db)
  await sql`DROP FUNCTION ledger_sums_to_zero()`.execute(db)
  await sql`DROP FUNCTION refuse_change()`.execute(db)
}
