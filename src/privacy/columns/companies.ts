/** What belongs to companies or to nobody. */
import { each, impersonal, keptUnseen, nobodys, type TablePlan } from '../plan.ts'

const COMPANY = 'speaks of a company'
const DEMAND = 'counts by hexagons of 0.7 km² and quarters of an hour, for four weeks'
const PUBLIC = 'public places'
const ROADS =
  'how long ways took, by hexagons of 0.1 km² and the hour, of no ride and no person, for four weeks'

export const COMPANIES: Readonly<Record<string, TablePlan>> = {
  companies: nobodys(
    COMPANY,
    'id slug name host currency time_zone locale phone address tax_number licence_number created_at demo deleted_at licence_check office_set',
  ),
  company_flags: {
    title: null,
    about: null,
    purge: 'leave',
    key: [],
    columns: {
      ...each('company_id flag is_on changed_at', impersonal(COMPANY)),
      changed_by: keptUnseen('the pseudonym of who switched it'),
    },
  },
  regions: nobodys(
    COMPANY,
    'company_id id slug name time_zone center_lat center_lng zoom area circuity speed_mps policy batch_window_ms radius_m candidates offer_ttl_s unfulfilled_after_s swap_gain_s shadow_policy surge idle_hints drive_limit_s rest_s emergency_number book_ahead_days lead_floor_s shared_seats shared_detour_s shared_wait_s shared_discount_basis_points office_set',
  ),
  policy_windows: nobodys(
    COMPANY,
    'company_id region_id position weekdays from_minute until_minute policy batch_window_ms radius_m candidates',
  ),
  zones: nobodys(
    COMPANY,
    'company_id id region_id slug name kind area has_queue hysteresis_m places_most on_decline outside_rides deleted_at',
  ),
  shadow_quarters: nobodys(
    COMPANY,
    'company_id region_id starts_at ticks waiting changed live_rides live_eta_s live_cost_s live_ms shadow_rides shadow_eta_s shadow_cost_s shadow_ms',
  ),
  ride_looks: {
    title: null,
    about: null,
    purge: 'leave',
    key: [],
    columns: {
      ...each('company_id region_id at until_at ticks kind policy radius_m', impersonal(COMPANY)),
      ...each('waiting cars decided_ms gates', impersonal(COMPANY)),
      ...each(
        'ride_id driver_id drivers',
        keptUnseen('where cars were, by their drivers’ ids; gone before a deleted person is purged'),
      ),
    },
  },
  demand_days: nobodys(DEMAND, 'company_id region_id local_day requests learned_at'),
  demand_cells: nobodys(DEMAND, 'company_id region_id local_day cell requests'),
  service_days: nobodys(DEMAND, 'company_id region_id local_day cars asked learned_at'),
  wait_cells: nobodys(DEMAND, 'company_id region_id local_day cell hour counts'),
  surge_minutes: nobodys(
    'counts by hexagons of 0.7 km² where several people asked at once, for four weeks',
    'company_id region_id at asking free cells',
  ),
  road_days: nobodys(ROADS, 'company_id region_id local_day legs learned_at'),
  road_legs: nobodys(
    ROADS,
    'company_id region_id local_day place hour from_cell to_cell distance_m duration_s road_distance_m road_duration_s',
  ),
  region_leases: nobodys('which process runs a region', 'region_id holder epoch expires_at'),
  vehicles: nobodys(
    'a company’s car; who drives it stands in driver_vehicles',
    'company_id id class seats attributes plate make_model colour deleted_at office_set',
  ),
  tariffs: {
    title: null,
    about: null,
    purge: 'leave',
    key: [],
    columns: {
      ...each(
        'company_id id region_id class version effective_from currency base_minor booking_fee_minor per_km_minor per_minute_minor minimum_minor tax_basis_points tax_label cancel_fee_minor cancel_free_s no_show_fee_minor no_show_after_s driver_share_basis_points state rules created_at published_at withdrawn_at revision',
        impersonal(COMPANY),
      ),
      ...each('created_by published_by withdrawn_by', keptUnseen('the pseudonym of who set the prices')),
    },
  },
  promos: {
    title: null,
    about: null,
    purge: 'leave',
    key: [],
    columns: {
      ...each(
        'company_id id code off_minor off_basis_points most_minor currency starts_at ends_at uses uses_most spent_minor budget_minor created_at closed_at',
        impersonal(COMPANY),
      ),
      ...each('created_by closed_by', keptUnseen('the pseudonym of who made the code')),
    },
  },
  outbox: nobodys('ids only, for seconds', 'id news created_at'),
  place_imports: nobodys(PUBLIC, 'dataset digest place_count imported_at'),
  places: nobodys(
    PUBLIC,
    'id dataset name kind lat lng detail source folded name_words detail_words name_vector words letters',
  ),
  place_words: nobodys(PUBLIC, 'dataset word uses'),
  place_import_runs: nobodys(
    PUBLIC,
    'id dataset skip_bad dry_run file file_bytes state share tries claimed_until report asked_at ended_at',
  ),
  geocode_answers: nobodys(
    'public places, by the hash of what somebody asked, for weeks',
    'key geocoder answer fetched_at expires_at',
  ),
  geocode_budgets: nobodys('counts of questions to a geocoder', 'geocoder due_at day day_calls'),
}
