/** What Valhalla wants to be told before it builds or reads tiles: its own defaults, for cars alone and without a log. */

const QUIET = { type: '', color: false, file_name: '' }
const CAR = {
  max_distance: 5_000_000,
  max_locations: 20,
  max_matrix_distance: 400_000,
  max_matrix_location_pairs: 2_500,
}
const OTHERS = [
  'bicycle',
  'bus',
  'motor_scooter',
  'motorcycle',
  'multimodal',
  'transit',
  'truck',
  'bikeshare',
]
const HIERARCHY = { max_up_transitions: { '1': 400, '2': 100 } }

/** @param tilesDir where tiles are or shall be, absolute */
export function valhallaConfig(tilesDir: string): object {
  return {
    additional_data: { elevation: '' },
    loki: {
      actions: ['route', 'sources_to_targets', 'trace_attributes'],
      logging: { ...QUIET, long_request: 1_000 },
      service_defaults: {
        ...{ heading_tolerance: 60, minimum_reachability: 50, node_snap_tolerance: 5, radius: 0 },
        ...{ search_cutoff: 35_000, street_side_max_distance: 1_000, street_side_tolerance: 5 },
      },
      use_connectivity: true,
    },
    meili: {
      auto: { search_radius: 50, turn_penalty_factor: 200 },
      customizable: ['search_radius', 'gps_accuracy'],
      default: {
        ...{
          beta: 3,
          breakage_distance: 2_000,
          geometry: false,
          gps_accuracy: 5,
          interpolation_distance: 10,
        },
        ...{ max_route_distance_factor: 5, max_route_time_factor: 5, max_search_radius: 100, route: true },
        ...{ search_radius: 50, sigma_z: 4.07, turn_penalty_factor: 0 },
      },
      grid: { cache_size: 100_240, size: 500 },
      logging: QUIET,
      mode: 'auto',
      verbose: false,
    },
    mjolnir: {
      ...{ tile_dir: tilesDir, logging: QUIET, hierarchy: true, shortcuts: true, reclassify_links: true },
      ...{
        include_driving: true,
        include_bicycle: false,
        include_pedestrian: false,
        include_driveways: true,
      },
      ...{ max_cache_size: 500_000_000, id_table_size: 1_300_000_000, concurrency: 1 },
      data_processing: { infer_internal_intersections: true, infer_turn_channels: true, use_admin_db: false },
    },
    odin: { logging: QUIET, markup_formatter: { markup_enabled: false } },
    service_limits: {
      ...{
        auto: CAR,
        taxi: CAR,
        max_alternates: 0,
        max_exclude_locations: 0,
        max_exclude_polygons_length: 0,
      },
      ...{
        max_radius: 200,
        max_reachability: 100,
        max_timedep_distance: 500_000,
        max_timedep_distance_matrix: 0,
      },
      ...{ max_distance_disable_hierarchy_culling: 0, allow_hard_exclusions: false },
      hierarchy_limits: { allow_modification: false },
      // Asked of nobody; without them the engine does not start.
      isochrone: {
        ...{ max_contours: 1, max_distance: 25_000, max_distance_contour: 1, max_locations: 1 },
        max_time_contour: 1,
      },
      centroid: { max_distance: 200_000, max_locations: 5 },
      ...Object.fromEntries(OTHERS.map((costing) => [costing, CAR])),
      pedestrian: { ...CAR, max_transit_walking_distance: 10_000, min_transit_walking_distance: 1 },
      skadi: { max_shape: 750_000, min_resample: 10 },
      status: { allow_verbose: false },
      trace: {
        ...{ max_alternates: 0, max_alternates_shape: 100, max_distance: 200_000, max_gps_accuracy: 100 },
        ...{ max_search_radius: 100, max_shape: 16_000 },
      },
    },
    thor: {
      bidirectional_astar: {
        ...{ alternative_cost_extend: 1.2, alternative_iterations_delta: 100_000, threshold_delta: 420 },
        hierarchy_limits: { expand_within_distance: { '0': 1e8, '1': 20_000, '2': 5_000 }, ...HIERARCHY },
      },
      costmatrix: {
        ...{ allow_second_pass: false, check_reverse_connection: true, max_iterations: 2_800 },
        ...{ max_reserved_locations: 25, min_iterations: 100, hierarchy_limits: HIERARCHY },
      },
      logging: { ...QUIET, long_request: 1_000 },
      source_to_target_algorithm: 'select_optimal',
      unidirectional_astar: {
        hierarchy_limits: { expand_within_distance: { '0': 1e8, '1': 100_000, '2': 5_000 }, ...HIERARCHY },
      },
    },
  }
}
