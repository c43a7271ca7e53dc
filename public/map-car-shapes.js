// How a car looks on the map: a shape, a heading and a colour for each state, and its call sign.
;(() => {
  const parts = window.HoneycabMapParts
  const CAR_PX = 26

  /** @param {MapCarState} state @param {number} angle @param {HTMLElement} element @param {number} ratio */
  function drawSprite(state, angle, element, ratio) {
    const sprite = document.createElement('canvas')
    sprite.width = CAR_PX * ratio
    sprite.height = CAR_PX * ratio
    const context = sprite.getContext('2d')
    if (context === null) return sprite
    const use = (/** @type {string} */ name) => parts.colour(element, name)
    context.scale(ratio, ratio)
    context.translate(CAR_PX / 2, CAR_PX / 2)
    context.lineJoin = 'round'
    context.lineWidth = 1.2
    context.strokeStyle = use('--raised')
    if (state === 'free' || state === 'offered') {
      const isOffered = state === 'offered'
      if (isOffered) {
        context.setLineDash([2.6, 2.2])
        context.lineWidth = 1.8
        context.strokeStyle = use('--brand')
        context.beginPath()
        context.arc(0, 0, 11, 0, 2 * Math.PI)
        context.stroke()
        context.setLineDash([])
        context.lineWidth = 1.4
        context.strokeStyle = use('--on-brand')
      }
      context.rotate(angle)
      hexagonWithBeak(context, 6.2)
      context.fillStyle = use(isOffered ? '--brand' : '--ok')
      context.fill()
      context.stroke()
    } else if (state === 'to_pickup') {
      context.rotate(angle)
      context.beginPath()
      for (const [x, y] of /** @type {[number, number][]} */ ([
        [0, -8],
        [5.4, 6],
        [0, 3.2],
        [-5.4, 6],
      ])) {
        context.lineTo(x, y)
      }
      context.closePath()
      context.fillStyle = use('--info')
      context.fill()
      context.stroke()
    } else if (state === 'waiting') {
      context.fillStyle = use('--violet')
      context.beginPath()
      context.rect(-5, -5, 10, 10)
      context.fill()
      context.stroke()
    } else if (state === 'on_board') {
      context.fillStyle = use('--ink-faint')
      context.beginPath()
      context.arc(0, 0, 4.2, 0, 2 * Math.PI)
      context.fill()
      context.stroke()
    } else if (state === 'break') {
      hexagon(context, 5.6)
      context.fillStyle = use('--raised')
      context.fill()
      context.lineWidth = 1.5
      context.strokeStyle = use('--ink-faint')
      context.stroke()
    } else {
      context.beginPath()
      context.arc(0, 0, 7, 0, 2 * Math.PI)
      context.fillStyle = use('--raised')
      context.fill()
      context.setLineDash([2.4, 2])
      context.lineWidth = 1.7
      context.strokeStyle = use('--danger')
      context.stroke()
      context.fillStyle = use('--danger')
      context.beginPath()
      context.roundRect(-0.9, -4, 1.8, 5, 0.9)
      context.roundRect(-1, 2.2, 2, 2, 1)
      context.fill()
    }
    return sprite
  }

  /** A hexagon, point up. @param {CanvasRenderingContext2D} context @param {number} radius */
  function hexagon(context, radius) {
    context.beginPath()
    for (let corner = 0; corner < 6; corner++) {
      const angle = (corner * Math.PI) / 3
      context.lineTo(radius * Math.sin(angle), -radius * Math.cos(angle))
    }
    context.closePath()
  }

  /** The same with its upper point drawn out in the direction of travel. @param {CanvasRenderingContext2D} context @param {number} radius */
  function hexagonWithBeak(context, radius) {
    context.beginPath()
    for (let corner = 0; corner < 6; corner++) {
      const angle = (corner * Math.PI) / 3
      const reach = corner === 0 ? radius * 1.42 : radius
      context.lineTo(reach * Math.sin(angle), -reach * Math.cos(angle))
    }
    context.closePath()
  }

  /** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {string} fill */
  function drawHalo(context, x, y, fill) {
    context.beginPath()
    context.arc(x, y, 13, 0, 2 * Math.PI)
    context.globalAlpha = 0.45
    context.fillStyle = fill
    context.fill()
    context.globalAlpha = 1
  }

  /** Around a car that was marked: a ring of honey with a dark edge, seen on any ground. @param {CanvasRenderingContext2D} context @param {HTMLElement} element @param {number} x @param {number} y */
  function drawRing(context, element, x, y) {
    context.beginPath()
    context.arc(x, y, 11, 0, 2 * Math.PI)
    context.lineWidth = 4.5
    context.strokeStyle = parts.colour(element, '--on-brand')
    context.stroke()
    context.lineWidth = 2.5
    context.strokeStyle = parts.colour(element, '--brand')
    context.stroke()
  }

  /** @param {CanvasRenderingContext2D} context @param {HTMLElement} element @param {string} text @param {number} x @param {number} y */
  function drawCallSign(context, element, text, x, y) {
    context.font = `600 11px ${getComputedStyle(element).fontFamily}`
    context.textAlign = 'center'
    context.textBaseline = 'top'
    context.lineJoin = 'round'
    context.lineWidth = 3
    context.strokeStyle = parts.colour(element, '--map-land')
    context.strokeText(text, x, y + 10)
    context.fillStyle = parts.colour(element, '--ink')
    context.fillText(text, x, y + 10)
  }

  window.HoneycabMapParts = Object.assign(window.HoneycabMapParts ?? {}, {
    CAR_PX,
    drawSprite,
    drawHalo,
    drawRing,
    drawCallSign,
  })
})()
