/**
 * An address where a desk reads many: "near 6th Avenue & West 30th Street" begins with what tells it from the others.
 * The chosen ride's pane keeps the whole words.
 */
export function shortPlace(label: string): string {
  return label.startsWith(NEAR) ? label.slice(NEAR.length) : label
}

const NEAR = 'near '
