// The fleet from far away: hexagons of the screen with how many cars are free in them, and of how many.
;(() => {
  const parts = window.HoneycabMapParts
  /** From the middle to a corner, pixels, as the server counts (`src/board/car-counts.ts`): room for two lines of figures. */
  const RADIUS_PX = 24
  const ROW_PX = RADIUS_PX * 1.5
  const COLUMN_PX = RADIUS_PX * Math.sqrt(3)
  /** Once round at zoom 0. */
  const WORLD_PX = 256

  /**
   * For pages whose cars no server counts. Hexagons stand still while the map is dragged: their grid begins where the
   * world does, not where the view does.
   * @param {MapSurface} surface @param {Iterable<MapCarAt>} cars @returns {MapCounts}
   */
  function countCars({ scale, map }, cars) {
    /** @type {Map<string, MapCount>} */
    const counts = new Map()
    for (const { to, state } of cars) {
      const [q, r] = cellAt(to.x * scale, to.y * scale)
      const count = counts.get(`${q} ${r}`) ?? { q, r, cars: 0, free: 0, silent: 0 }
      counts.set(`${q} ${r}`, count)
      count.cars += 1
      if (state === 'free') count.free += 1
      if (state === 'silent') count.silent += 1
    }
    return { zoom: map.getZoom(), counts: [...counts.values()] }
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

  /**
   * Counts of another zoom are drawn where their hexagons lie, until those of this one have come.
   * @param {MapSurface} surface @param {MapCounts} counted
   */
  function drawCounts({ context, element, scale, originX, originY, width, height }, { zoom, counts }) {
    const use = (/** @type {string} */ name) => parts.colour(element, name)
    const family = getComputedStyle(element).fontFamily
    const stretch = scale / 2 ** zoom
    const radius = (RADIUS_PX - 1.5) * Math.min(1, stretch)
    const worldPx = WORLD_PX * scale
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    context.lineJoin = 'round'
    for (const { q, r, cars: all, free, silent } of counts) {
      const flatX = COLUMN_PX * (q + r / 2) * stretch - originX
      // The world goes round: the turn of it that lies nearest the middle of the view.
      const x = flatX - Math.round((flatX - width / 2) / worldPx) * worldPx
      const y = ROW_PX * r * stretch - originY
      if (x < -RADIUS_PX || y < -RADIUS_PX || x > width + RADIUS_PX || y > height + RADIUS_PX) continue
      context.beginPath()
      for (let corner = 0; corner < 6; corner++) {
        const angle = (corner * Math.PI) / 3
        context.lineTo(x + radius * Math.sin(angle), y - radius * Math.cos(angle))
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

  window.HoneycabMapParts = Object.assign(window.HoneycabMapParts ?? {}, { countCars, drawCounts })
})()
