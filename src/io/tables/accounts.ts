/** Row types of the tables that migration 01 makes. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the accounts slice
export interface AccountTables {}
