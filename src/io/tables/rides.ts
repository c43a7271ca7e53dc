/** Row types of the tables that migration 02 makes. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the rides slices
export interface RideTables {}
