// The fleet from far away: hexagons of the screen with how many cars are free in them, and of how many.
;(() => {
  const parts = window.HoneycabMapParts
  /** From the middle to a corner, pixels; a hexagon holds two lines of figures. */
  const RADIUS_PX = 24
  const ROW_PX = RADIUS_PX * 1.5
  const COLUMN_PX = RADIUS_PX * Math.sqrt(3)

  /** @typedef {{ x: number, y: number, cars: number, free: number, silent: number }} Cluster */

  /**
   * Hexagons stand still while the map is dragged: their grid begins where the world does, not where the view does.
   * @param {MapSurface} surface @param {Iterable<MapCarAt>} cars @returns {Cluster[]}
   */
  function clustersOf({ scale, originX, originY, width, height }, cars) {
    /** @type {Map<number, Cluster>} */
    const clusters = new Map()
    for (const { to, state } of cars) {
      const [worldX, worldY] = [to.x * scale, to.y * scale]
      const [x, y] = [worldX - originX, worldY - originY]
      if (x < -RADIUS_PX || y < -RADIUS_PX || x > width + RADIUS_PX || y > height + RADIUS_PX) continue
      const [q, r] = cellAt(worldX, worldY)
      // Columns of a whole world at this zoom stay below this.
      const key = r * 1e6 + q
      let cluster = clusters.get(key)
      if (cluster === undefined) {
        cluster = {
          x: COLUMN_PX * (q + r / 2) - originX,
          y: ROW_PX * r - originY,
          ...{ cars: 0, free: 0, silent: 0 },
        }
        clusters.set(key, cluster)
      }
      cluster.cars += 1
      if (state === 'free') cluster.free += 1
      if (state === 'silent') cluster.silent += 1
    }
    return [...clusters.values()]
  }

  /**
   * The hexagon (axial coordinates, corners up and down) that a point lies in: cube rounding, after Red Blob Games,
   * "Hexagonal Grids".
   * @param {number} x @param {number} y @returns {[q: number, r: number]}
   */
  function cellAt(x, y) {
    const r = y / ROW_PX
    const q = x / COLUMN_PX - r / 2
    const s = -q - r
    let [wholeQ, wholeR] = [Math.round(q), Math.round(r)]
    const wholeS = Math.round(s)
    const [offQ, offR, offS] = [Math.abs(wholeQ - q), Math.abs(wholeR - r), Math.abs(wholeS - s)]
    if (offQ > offR && offQ > offS) wholeQ = -wholeR - wholeS
    else if (offR > offS) wholeR = -wholeQ - wholeS
    return [wholeQ, wholeR]
  }

  /** @param {MapSurface} surface @param {Iterable<MapCarAt>} cars */
  function drawCarClusters(surface, cars) {
    const { context, element } = surface
    const use = (/** @type {string} */ name) => parts.colour(element, name)
    const family = getComputedStyle(element).fontFamily
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    context.lineJoin = 'round'
    for (const { x, y, cars: all, free, silent } of clustersOf(surface, cars)) {
      context.beginPath()
      for (let corner = 0; corner < 6; corner++) {
        const angle = (corner * Math.PI) / 3
        context.lineTo(x + (RADIUS_PX - 1.5) * Math.sin(angle), y - (RADIUS_PX - 1.5) * Math.cos(angle))
      }
      context.closePath()
      context.globalAlpha = 0.92
      context.fillStyle = use('--raised')
      context.fill()
      context.globalAlpha = 1
      context.lineWidth = silent > 0 ? 2 : 1.2
      context.strokeStyle = use(silent > 0 ? '--danger' : '--line-strong')
      context.stroke()
      context.font = `700 14px ${family}`
      context.fillStyle = use(free > 0 ? '--ok' : '--ink-faint')
      context.fillText(String(free), x, y - 5)
      context.font = `500 11px ${family}`
      context.fillStyle = use('--ink-muted')
      context.fillText(`of ${all}`, x, y + 9)
    }
  }

  window.HoneycabMapParts = Object.assign(window.HoneycabMapParts ?? {}, { drawCarClusters })
})()
