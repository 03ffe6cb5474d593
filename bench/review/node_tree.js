/* Draws the page that is open as a tree of Figma nodes, in the shape of the REST API's answers.

   Evaluates to {document, labels, isInView}: `labels` is a Map from an element to {box, texts}, the
   ids of the node that has its box and of the texts that stand directly in it. `isInView(element)`:
   it is on the page as it is now, neither waiting outside nor cut off by what it scrolls in.

   It draws what is seen: an element that draws nothing and does nothing has no node. A control gets
   the name that a designer would give it, and a prototype link if it leads somewhere; nothing else
   in a name tells what the element is.
   What a node tree cannot say is left out: filters, clipping paths, text in pseudo-elements. */
() => {
  const SKIPPED = new Set(['SCRIPT', 'STYLE', 'NOSCRIPT', 'TEMPLATE', 'HEAD', 'LINK', 'META', 'BR',
    'OPTION', 'OPTGROUP', 'DATALIST', 'SOURCE', 'TRACK', 'PARAM', 'AREA', 'MAP'])
  const PICTURES = new Set(['IMG', 'VIDEO', 'CANVAS', 'IFRAME', 'OBJECT', 'EMBED', 'PICTURE'])
  const ROLES = {
    button: 'Button', link: 'Link', checkbox: 'Checkbox', radio: 'Radio', switch: 'Switch',
    tab: 'Tab', menuitem: 'Menu item', menuitemcheckbox: 'Menu item', menuitemradio: 'Menu item',
    slider: 'Slider', combobox: 'Dropdown', textbox: 'Input', searchbox: 'Input',
    spinbutton: 'Stepper', option: 'Option', treeitem: 'Option',
  }
  const LEADS = new Set(['Button', 'Link', 'Tab', 'Menu item', 'Option', 'Accordion'])
  const NOT_TYPED = { checkbox: 'Checkbox', radio: 'Radio', range: 'Slider', submit: 'Button',
    button: 'Button', reset: 'Button', image: 'Button', color: 'Button', file: 'Button' }

  const labels = new Map()
  let count = 0
  const newId = () => `1:${++count}`
  const round = (value) => Math.round(value * 100) / 100

  // ---- Colours and paints -----------------------------------------------------------------------
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const colourOf = (text) => {
    const plain = text.match(/^rgba?\(([^)]*)\)$/)
    if (plain) {
      const [r, g, b, a = 1] = plain[1].split(/[\s,/]+/).map(Number)
      return { r: r / 255, g: g / 255, b: b / 255, a }
    }
    // Another colour space: let the browser paint it.
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = '#000'
    canvas.fillStyle = text
    canvas.fillRect(0, 0, 1, 1)
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data
    return { r: r / 255, g: g / 255, b: b / 255, a: a / 255 }
  }
  const solid = (text) => {
    const { a, ...color } = colourOf(text)
    return { type: 'SOLID', color: { ...color, a: 1 }, ...(a < 1 && { opacity: a }) }
  }
  const isSeen = (paint) => paint.opacity === undefined || paint.opacity > 0
  // The parts of a CSS list; commas within brackets do not part it.
  const partsOf = (text) => {
    const parts = []
    let depth = 0
    let part = ''
    for (const letter of text) {
      depth += (letter === '(') - (letter === ')')
      if (letter === ',' && depth === 0) {
        parts.push(part.trim())
        part = ''
      } else part += letter
    }
    return part.trim() ? [...parts, part.trim()] : parts
  }
  const gradient = (text) => {
    const [, kind, inner] = text.match(/^(?:repeating-)?(linear|radial|conic)-gradient\((.*)\)$/s)
    const stops = []
    for (const part of partsOf(inner)) {
      const colour = part.match(/^(?:\w+\([^)]*\)|transparent|#\w+|[a-z]+$)/)
      if (!colour || /^(to|from|at|circle|ellipse|closest|farthest)\b/.test(part)) continue
      const places = part.slice(colour[0].length).match(/-?[\d.]+%/g) || [undefined]
      for (const place of places) {
        stops.push({ color: colourOf(colour[0]), position: place && parseFloat(place) / 100 })
      }
    }
    if (!stops.length) return null
    stops[0].position ??= 0
    stops.at(-1).position ??= 1
    stops.forEach((stop, at) => {
      if (stop.position !== undefined) return
      let next = at
      while (stops[next].position === undefined) next += 1
      const before = stops[at - 1].position
      stop.position = before + (stops[next].position - before) / (next - at + 1)
    })
    const type = { linear: 'GRADIENT_LINEAR', radial: 'GRADIENT_RADIAL', conic: 'GRADIENT_ANGULAR' }
    return { type: type[kind], gradientStops: stops }
  }
  const imageFill = () => ({ type: 'IMAGE', scaleMode: 'FILL' })
  const lengthOf = (text, whole) =>
    text.endsWith('%') ? (parseFloat(text) / 100) * whole : parseFloat(text)

  // What the background draws: {fills} over the whole box, and {parts} that cover some of it.
  const backgroundOf = (style, box) => {
    const fills = []
    const parts = []
    if (style.backgroundClip === 'text') return { fills, parts }
    const colour = solid(style.backgroundColor)
    if (isSeen(colour)) fills.push(colour)
    const images = style.backgroundImage === 'none' ? [] : partsOf(style.backgroundImage)
    const list = (key, at) => {
      const values = partsOf(style[key])
      return values[at % values.length]
    }
    images.forEach((image, at) => {
      if (image === 'none') return
      const paint = image.includes('gradient(') ? gradient(image) : imageFill()
      if (!paint) return
      const place = placeOf(list('backgroundSize', at), list('backgroundPosition', at),
        list('backgroundRepeat', at), paint, box)
      if (place === 'whole') fills.splice(isSeen(colour) ? 1 : 0, 0, paint)
      else if (place && place.width > 0 && place.height > 0) parts.unshift({ paint, box: place })
    })
    return { fills, parts }
  }
  const placeOf = (size, position, repeat, paint, box) => {
    if (['cover', 'contain'].includes(size) || !/^no-repeat/.test(repeat)) {
      const zero = size.split(' ').some((each) => parseFloat(each) === 0)
      return zero ? null : 'whole'
    }
    let [width, height = 'auto'] = size.split(' ')
    if (paint.type !== 'IMAGE') {
      if (width === 'auto') width = '100%'
      if (height === 'auto') height = '100%'
    }
    // How large a picture is by itself is not known here.
    if (width === 'auto' || height === 'auto') return 'whole'
    const inner = { width: lengthOf(width, box.width), height: lengthOf(height, box.height) }
    const [across, down] = position.match(/calc\([^)]*\)|\S+/g) || ['0%', '0%']
    const offset = (text, room) => {
      const calc = text.match(/calc\(([-\d.]+)% ([+-]) ([\d.]+)px\)/)
      if (calc) return (calc[1] / 100) * room + Number(calc[2] + calc[3])
      return lengthOf(text, room)
    }
    const place = {
      x: box.x + offset(across, box.width - inner.width),
      y: box.y + offset(down, box.height - inner.height), ...inner,
    }
    const isWhole = place.x <= box.x + 0.5 && place.y <= box.y + 0.5
      && place.x + place.width >= box.x + box.width - 0.5
      && place.y + place.height >= box.y + box.height - 0.5
    return isWhole ? 'whole' : place
  }

  // ---- Shapes -----------------------------------------------------------------------------------
  const boxOf = (rect) => ({
    x: round(rect.left + scrollX), y: round(rect.top + scrollY),
    width: round(rect.width), height: round(rect.height),
  })
  const joined = (rects) => {
    const left = Math.min(...rects.map((each) => each.left))
    const top = Math.min(...rects.map((each) => each.top))
    const right = Math.max(...rects.map((each) => each.right))
    const bottom = Math.max(...rects.map((each) => each.bottom))
    return { left, top, width: right - left, height: bottom - top }
  }
  const SIDES = ['Top', 'Right', 'Bottom', 'Left']
  // The border: one stroke, or a thin rectangle a side if the sides differ in colour.
  const borderOf = (style, box) => {
    const sides = SIDES.map((side) => ({
      side,
      width: ['none', 'hidden'].includes(style[`border${side}Style`])
        ? 0 : parseFloat(style[`border${side}Width`]),
      colour: style[`border${side}Color`],
    })).filter((each) => each.width > 0 && isSeen(solid(each.colour)))
    if (!sides.length) return { look: {}, parts: [] }
    if (sides.every((each) => each.colour === sides[0].colour)) {
      const look = {
        strokes: [solid(sides[0].colour)], strokeAlign: 'INSIDE',
        strokeWeight: Math.max(...sides.map((each) => each.width)),
      }
      if (sides.length < 4 || sides.some((each) => each.width !== sides[0].width)) {
        const widths = Object.fromEntries(sides.map((each) => [each.side, each.width]))
        look.individualStrokeWeights = { top: widths.Top || 0, right: widths.Right || 0,
          bottom: widths.Bottom || 0, left: widths.Left || 0 }
      }
      return { look, parts: [] }
    }
    const parts = sides.map(({ side, width, colour }) => {
      const line = { ...box }
      if (side === 'Top' || side === 'Bottom') line.height = width
      else line.width = width
      if (side === 'Bottom') line.y = box.y + box.height - width
      if (side === 'Right') line.x = box.x + box.width - width
      return { paint: solid(colour), box: line }
    })
    return { look: {}, parts }
  }
  const cornersOf = (style, box) => {
    const corners = ['TopLeft', 'TopRight', 'BottomRight', 'BottomLeft'].map((corner) => {
      const [across] = style[`border${corner}Radius`].split(' ')
      return Math.min(lengthOf(across, box.width), Math.min(box.width, box.height) / 2)
    })
    if (corners.every((each) => !(each > 0))) return {}
    return corners.every((each) => each === corners[0])
      ? { cornerRadius: round(corners[0]) } : { rectangleCornerRadii: corners.map(round) }
  }
  const shadowsOf = (text, isText) =>
    (text === 'none' ? [] : partsOf(text)).flatMap((part) => {
      const colour = part.match(/\w+\([^)]*\)/)
      if (!colour) return []
      const [x, y, radius = 0, spread = 0] = part.match(/-?[\d.]+px/g).map(parseFloat)
      const color = colourOf(colour[0])
      if (!color.a || !(x || y || radius || spread)) return []
      const type = !isText && /\binset\b/.test(part) ? 'INNER_SHADOW' : 'DROP_SHADOW'
      return [{ type, visible: true, color, offset: { x, y }, radius, spread, blendMode: 'NORMAL' }]
    })
  // A sharp inner shadow that reaches the middle is a coat of colour: tables are striped by it.
  const isCoat = (effect, box) => effect.type === 'INNER_SHADOW' && effect.radius === 0
    && effect.spread >= Math.min(box.width, box.height) / 2
  const effectsOf = (style) => {
    const effects = []
    const blur = style.filter.match(/blur\(([\d.]+)px\)/)
    if (blur && Number(blur[1])) effects.push({ type: 'LAYER_BLUR', visible: true, radius: +blur[1] })
    const behind = (style.backdropFilter || '').match(/blur\(([\d.]+)px\)/)
    if (behind && Number(behind[1])) {
      effects.push({ type: 'BACKGROUND_BLUR', visible: true, radius: +behind[1] })
    }
    return effects
  }
  const turnOf = (style) => {
    const matrix = style.transform.match(/^matrix\(([^)]*)\)$/)
    const turned = style.rotate && style.rotate !== 'none' ? parseFloat(style.rotate) * Math.PI / 180 : 0
    if (!matrix) return turned
    const [a, b] = matrix[1].split(',').map(Number)
    return turned + Math.atan2(b, a)
  }
  const lookOf = (style, box) => {
    const { fills, parts } = backgroundOf(style, box)
    const border = borderOf(style, box)
    const shadows = shadowsOf(style.boxShadow)
    const coats = shadows.filter((each) => isCoat(each, box))
    fills.push(...coats.map(({ color: { a, ...rest } }) => (
      { type: 'SOLID', color: { ...rest, a: 1 }, opacity: a })))
    const effects = [...shadows.filter((each) => !coats.includes(each)), ...effectsOf(style)]
    return {
      look: { fills, ...border.look, ...cornersOf(style, box), ...(effects.length && { effects }) },
      parts: [...parts, ...border.parts],
    }
  }
  const drawsSomething = (look) => Boolean(look.fills.length || look.strokes || look.effects)
  const rectangle = ({ paint, box }, name = 'Rectangle') => ({
    id: newId(), name, type: 'RECTANGLE', absoluteBoundingBox: box, fills: [paint],
  })

  // ---- Text -------------------------------------------------------------------------------------
  const isBlock = (element) => !/^(inline$|contents)/.test(getComputedStyle(element).display)
  const blockOf = (element) => {
    let block = element
    while (!isBlock(block) && block.parentElement) block = block.parentElement
    return block
  }
  const scaleOf = (element) => {
    const block = element instanceof HTMLElement ? element : element.closest('svg')?.parentElement
    if (!block?.offsetHeight || turnOf(getComputedStyle(block))) return 1
    const scale = block.getBoundingClientRect().height / block.offsetHeight
    return isBlock(block) && Math.abs(scale - 1) > 0.02 ? scale : 1
  }
  // The first font of the list that is there: another one than asked for has other letters, and a
  // font of icons that is missing shows their names. A font that is there changes some width.
  const fonts = new Map()
  // A browser draws these somehow, also where it has no font of its own for one.
  const GENERIC = /^(serif|sans-serif|monospace|cursive|fantasy|system-ui|ui-[a-z-]+|math|emoji)$/
  const isThere = (family) => {
    if (GENERIC.test(family)) return true
    const width = (font) => {
      canvas.font = font
      return canvas.measureText('mmwwiilMW schedule 0123').width
    }
    return ['monospace', 'serif', 'sans-serif'].some((other) =>
      width(`40px ${family}, ${other}`) !== width(`40px ${other}`))
  }
  const fontOf = (list) => {
    if (!fonts.has(list)) {
      const found = partsOf(list).find(isThere) || 'serif'
      fonts.set(list, found.replace(/["']/g, ''))
    }
    return fonts.get(list)
  }
  const textFills = (element, style) => {
    const fill = solid(style.webkitTextFillColor || style.color)
    const fills = isSeen(fill) ? [fill] : []
    // A background that shows through the letters only.
    if (style.backgroundClip === 'text' && (fill.opacity ?? 1) < 1) {
      const painted = partsOf(style.backgroundImage).map((image) =>
        image === 'none' ? null : image.includes('gradient(') ? gradient(image) : imageFill())
      const colour = solid(style.backgroundColor)
      fills.unshift(...[...(isSeen(colour) ? [colour] : []), ...painted.filter(Boolean).reverse()])
    }
    return fills
  }
  const textNode = (element, characters, box, style, fills, isWrapped = false) => {
    const size = parseFloat(style.fontSize) * scaleOf(element)
    const lineHeight = parseFloat(style.lineHeight)
    const effects = shadowsOf(style.textShadow, true)
    const stroke = parseFloat(style.webkitTextStrokeWidth)
    const node = {
      id: newId(), name: characters.slice(0, 60), type: 'TEXT', characters,
      absoluteBoundingBox: box, fills,
      style: {
        fontFamily: fontOf(style.fontFamily),
        fontSize: round(size), fontWeight: Number(style.fontWeight),
        lineHeightPx: round(Number.isFinite(lineHeight) ? lineHeight : size * 1.2),
        textAutoResize: isWrapped ? 'HEIGHT' : 'WIDTH_AND_HEIGHT',
      },
      ...(effects.length && { effects }),
      ...(stroke && { strokes: [solid(style.webkitTextStrokeColor)], strokeWeight: stroke }),
    }
    labels.get(element).texts.push(node.id)
    return node
  }
  const textsOf = (element, text, style) => {
    const characters = text.nodeValue.replace(/\s+/g, ' ').trim()
    if (!characters || style.visibility !== 'visible') return []
    const range = document.createRange()
    range.selectNodeContents(text)
    const rects = [...range.getClientRects()].filter((each) => each.width > 0 && each.height > 0)
    if (!rects.length) return []
    const fills = textFills(element, style)
    const isAlone = [...blockOf(element).childNodes].every((each) =>
      each === text || each.nodeType === Node.COMMENT_NODE || !each.textContent.trim())
    // In a paragraph of several parts a text bends round its neighbours: each line has a node.
    const pieces = isAlone || rects.length === 1 ? [joined(rects)] : rects
    return pieces.map((each) =>
      textNode(element, characters, boxOf(each), style, fills, isAlone && rects.length > 1))
  }
  // What a field shows: its value, else its placeholder, which axe does not look at.
  const fieldText = (element, style) => {
    if (element.matches('[type=checkbox], [type=radio], [type=range], [type=color], [type=image]')) {
      return []
    }
    let shown = element.tagName === 'SELECT'
      ? element.selectedOptions[0]?.text || '' : element.value || ''
    if (element.type === 'password') shown = '•'.repeat(shown.length)
    const isPlaceholder = !shown && Boolean(element.placeholder)
    const characters = (shown || element.placeholder || '').trim()
    if (!characters || style.visibility !== 'visible') return []
    const look = isPlaceholder ? getComputedStyle(element, '::placeholder') : style
    canvas.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
    const rect = element.getBoundingClientRect()
    const edge = (side) =>
      parseFloat(style[`padding${side}`]) + parseFloat(style[`border${side}Width`])
    const room = { width: rect.width - edge('Left') - edge('Right'),
      height: rect.height - edge('Top') - edge('Bottom') }
    const width = Math.min(canvas.measureText(characters).width, room.width)
    const height = Math.min(parseFloat(style.fontSize) * 1.2, Math.max(room.height, 1))
    if (!(width > 0)) return []
    const isCentred = element.matches('[type=submit], [type=button], [type=reset]')
    const isAbove = element.tagName === 'TEXTAREA'
    const box = boxOf({
      left: rect.left + edge('Left') + (isCentred ? (room.width - width) / 2 : 0),
      top: rect.top + edge('Top') + (isAbove ? 0 : (room.height - height) / 2), width, height,
    })
    const fill = solid(look.webkitTextFillColor || look.color)
    const opacity = Number(look.opacity)
    if (isPlaceholder && opacity < 1) fill.opacity = (fill.opacity ?? 1) * opacity
    const node = textNode(element, characters, box, style, [fill])
    if (isPlaceholder) labels.get(element).texts.pop()
    return [node]
  }

  // ---- Elements ---------------------------------------------------------------------------------
  const controlOf = (element) => {
    const role = (element.getAttribute('role') || '').trim().split(/\s+/)[0]
    if (ROLES[role]) return ROLES[role]
    switch (element.tagName) {
      case 'A': return element.hasAttribute('href') ? 'Link' : ''
      case 'BUTTON': return 'Button'
      case 'SUMMARY': return 'Accordion'
      case 'TEXTAREA': return 'Input'
      case 'SELECT': return 'Select'
      case 'INPUT': return element.type === 'hidden' ? '' : NOT_TYPED[element.type] || 'Input'
    }
    return ''
  }
  // A link in a sentence is a part of its text, and drawn as that.
  const isInSentence = (element) => {
    if (!/^inline/.test(getComputedStyle(element).display)) return false
    const block = blockOf(element.parentElement)
    const other = document.createTreeWalker(block, NodeFilter.SHOW_TEXT)
    while (other.nextNode()) {
      const text = other.currentNode
      if (!text.nodeValue.trim() || text.parentElement.closest('a, button, select')) continue
      if (blockOf(text.parentElement) === block && text.parentElement.getClientRects().length) {
        return true
      }
    }
    return false
  }
  const isDisabled = (element) =>
    element.matches(':disabled') || element.getAttribute('aria-disabled') === 'true'

  // Where it is drawn among what lies in the same stacking context: https://www.w3.org/TR/CSS22/zindex.html
  const levelOf = (style, parentStyle) => {
    const isItem = /flex|grid/.test(parentStyle?.display || '')
    const index = style.zIndex === 'auto' || (style.position === 'static' && !isItem)
      ? 0 : Number(style.zIndex)
    if (index) return index
    return style.position !== 'static' || isContext(style) ? 0.5 : 0
  }
  const isContext = (style) =>
    Number(style.opacity) < 1 || style.transform !== 'none' || style.filter !== 'none'
    || style.mixBlendMode !== 'normal' || style.isolation === 'isolate'
    || (style.zIndex !== 'auto' && style.position !== 'static')
    || ['fixed', 'sticky'].includes(style.position)
  const holdsAbsolute = (style) => style.position !== 'static' || style.transform !== 'none'
  const isHiddenBox = (style, rect) =>
    /rect\(0(px)?,? 0(px)?,? 0(px)?,? 0(px)?\)/.test(style.clip)
    || /inset\((50|100)%/.test(style.clipPath)
    || (style.overflow !== 'visible' && (rect.width < 1.5 || rect.height < 1.5))

  // A drawer that waits beside the page: nobody can scroll to it.
  const isOut = (style, rect) => style.position === 'fixed' && rect.width * rect.height > 0
    && (rect.right <= 0 || rect.bottom <= 0 || rect.left >= innerWidth || rect.top >= innerHeight)

  const isInView = (element) => {
    const rect = element.getBoundingClientRect()
    for (let around = element; around && around !== document.body; around = around.parentElement) {
      const style = getComputedStyle(around)
      const frame = around.getBoundingClientRect()
      if (isOut(style, frame)) return false
      if (around !== element && style.overflow !== 'visible'
        && (rect.right <= frame.left || rect.left >= frame.right
          || rect.bottom <= frame.top || rect.top >= frame.bottom)) return false
      if (style.position === 'fixed') break
    }
    return true
  }

  const pseudoOf = (element, which, style) => {
    const look = getComputedStyle(element, which)
    if (['none', 'normal'].includes(look.content) || look.display === 'none') return []
    if (!['absolute', 'fixed'].includes(look.position) || look.visibility !== 'visible') return []
    let holder = element
    while (holder.parentElement && !holdsAbsolute(getComputedStyle(holder))) holder = holder.parentElement
    const around = holder.getBoundingClientRect()
    const values = ['left', 'top', 'width', 'height'].map((key) => parseFloat(look[key]))
    if (values.some((each) => !Number.isFinite(each)) || look.transform.startsWith('matrix3d')) return []
    const [left, top, width, height] = values
    const extra = look.boxSizing === 'border-box' ? [0, 0] : [
      ['paddingLeft', 'paddingRight', 'borderLeftWidth', 'borderRightWidth'],
      ['paddingTop', 'paddingBottom', 'borderTopWidth', 'borderBottomWidth'],
    ].map((keys) => keys.reduce((sum, key) => sum + (parseFloat(look[key]) || 0), 0))
    const holderStyle = getComputedStyle(holder)
    const box = boxOf({
      left: around.left + parseFloat(holderStyle.borderLeftWidth) + left + parseFloat(look.marginLeft),
      top: around.top + parseFloat(holderStyle.borderTopWidth) + top + parseFloat(look.marginTop),
      width: width + extra[0], height: height + extra[1],
    })
    const { look: drawn, parts } = lookOf(look, box)
    if (!drawsSomething(drawn) || !(box.width * box.height) || look.opacity === '0') return []
    const matrix = look.transform.match(/^matrix\(([^)]*)\)$/)
    if (matrix) {
      const [a, b, c, d, e, f] = matrix[1].split(',').map(Number)
      if (Math.abs(a - 1) + Math.abs(b) + Math.abs(c) + Math.abs(d - 1) > 0.01) return []
      box.x += e
      box.y += f
    }
    return [{
      level: levelOf(look, style), position: look.position,
      node: { id: newId(), name: 'Rectangle', type: 'FRAME', absoluteBoundingBox: box, ...drawn,
        ...(Number(look.opacity) < 1 && { opacity: Number(look.opacity) }),
        children: parts.map((part) => rectangle(part)) },
    }]
  }

  // The children of an element in drawing order. What is level 0 is drawn in the flow.
  const contentOf = (element, style) => {
    const items = [...pseudoOf(element, '::before', style)]
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName)) {
      items.push(...fieldText(element, style).map((node) => ({ level: 0, node })))
    } else {
      for (const each of element.childNodes) {
        if (each.nodeType === Node.TEXT_NODE) {
          items.push(...textsOf(element, each, style).map((node) => ({ level: 0.1, node })))
        } else if (each.nodeType === Node.ELEMENT_NODE) items.push(...visit(each, style))
      }
    }
    items.push(...pseudoOf(element, '::after', style))
    return items
  }
  const inOrder = (items) =>
    items.map((each, at) => [each, at])
      .sort(([one, first], [other, second]) => one.level - other.level || first - second)
      .map(([each]) => each.node)

  // The items that an element draws: mostly one, or those in it if it draws nothing itself.
  const visit = (element, parentStyle) => {
    if (SKIPPED.has(element.tagName)) return []
    const style = getComputedStyle(element)
    if (style.display === 'none') return []
    labels.set(element, { box: null, texts: [] })
    if (style.display === 'contents') return contentOf(element, style)
    const rect = element.getBoundingClientRect()
    if (isHiddenBox(style, rect) || !element.checkVisibility() || isOut(style, rect)) return []
    const box = boxOf(rect)
    const level = levelOf(style, parentStyle)
    const item = (node) => ({ level, node, position: style.position })
    const opacity = Number(style.opacity)
    const shared = {
      ...(opacity < 1 && { opacity }),
      ...(turnOf(style) && { rotation: turnOf(style) }),
      ...(style.mixBlendMode !== 'normal'
        && { blendMode: style.mixBlendMode.toUpperCase().replace('-', '_') }),
    }
    const isShown = style.visibility === 'visible'
    if (element.tagName === 'svg') return isShown ? [item(drawingOf(element, box, style, shared))] : []

    const { look, parts } = isShown ? lookOf(style, box) : { look: { fills: [] }, parts: [] }
    if (PICTURES.has(element.tagName) && element.tagName !== 'PICTURE') {
      if (!isShown || !(box.width * box.height)) return []
      const id = newId()
      labels.get(element).box = id
      return [item({ id, name: 'Image', type: 'RECTANGLE', absoluteBoundingBox: box, ...look,
        fills: [...look.fills, imageFill()], ...shared })]
    }
    let control = isShown ? controlOf(element) : ''
    const isSentence = control === 'Link' && isInSentence(element)
    if (isSentence) control = ''
    const clips = style.overflowX !== 'visible' && element !== document.body
    const content = contentOf(element, style)
    const painted = drawsSomething(look) || parts.length > 0
    const isPlain = !control && !painted && !clips && !Object.keys(shared).length
      && !(look.effects || []).length
    if (isPlain) {
      // Within a stacking context of its own nothing gets between other layers.
      if (!isContext(style)) {
        return content.map((each) => each.level === 0 || each.level === 0.1
          ? { ...each, level: level || each.level } : each)
      }
      if (content.length < 2) return content.map((each) => ({ ...each, level }))
    }
    const stays = (each) => isContext(style) || control
      || (clips && !(each.position === 'fixed' || (each.position === 'absolute' && !holdsAbsolute(style))))
      || (each.level >= 0 && each.level < 1)
    const id = newId()
    labels.get(element).box = id
    const rects = style.display === 'inline' ? [...element.getClientRects()] : []
    const isBroken = rects.length > 1 && painted
    const own = isBroken
      ? rects.map((each) => ({ id: newId(), name: 'Rectangle', type: 'RECTANGLE',
          absoluteBoundingBox: boxOf(each), ...look }))
      : parts.map((part) => rectangle(part))
    const node = {
      id, name: control ? (isDisabled(element) ? `${control} disabled` : control) : 'Frame',
      type: control || painted || clips || shared.opacity !== undefined ? 'FRAME' : 'GROUP',
      absoluteBoundingBox: box, ...(isBroken ? { fills: [] } : look), ...shared,
      ...(clips && { clipsContent: true }),
      ...(/auto|scroll/.test(style.overflowX + style.overflowY)
        && (element.scrollHeight > element.clientHeight + 1
          || element.scrollWidth > element.clientWidth + 1)
        && { overflowDirection: 'HORIZONTAL_AND_VERTICAL_SCROLLING' }),
      ...(LEADS.has(control) && { interactions: [{ trigger: { type: 'ON_CLICK' },
        actions: [{ type: 'NODE', destinationId: '0:1', navigation: 'NAVIGATE' }] }] }),
      children: [...own, ...inOrder(content.filter(stays))],
    }
    return [item(node), ...content.filter((each) => !stays(each))]
  }

  // A drawing is one vector, and the texts in it.
  const drawingOf = (element, box, style, shared) => {
    const { look } = lookOf(style, box)
    const id = newId()
    labels.get(element).box = id
    const children = [{ id: newId(), name: 'Vector', type: 'VECTOR', absoluteBoundingBox: box,
      fills: [solid(style.fill === 'none' ? style.color : colourOrBlack(style.fill))] }]
    for (const text of element.querySelectorAll('text, tspan')) {
      const textStyle = getComputedStyle(text)
      labels.set(text, { box: null, texts: [] })
      if (!text.checkVisibility() || textStyle.fill === 'none') continue
      for (const each of text.childNodes) {
        if (each.nodeType !== Node.TEXT_NODE || !each.nodeValue.trim()) continue
        const range = document.createRange()
        range.selectNodeContents(each)
        children.push(textNode(text, each.nodeValue.trim(), boxOf(range.getBoundingClientRect()),
          textStyle, [solid(colourOrBlack(textStyle.fill))]))
      }
    }
    return { id, name: 'Vector', type: 'FRAME', absoluteBoundingBox: box, ...look, ...shared,
      ...(style.overflow !== 'visible' && { clipsContent: true }), children }
  }
  const colourOrBlack = (text) => (text.startsWith('url(') ? 'rgb(0, 0, 0)' : text)

  const root = document.documentElement
  const page = { x: 0, y: 0, width: Math.max(root.scrollWidth, innerWidth),
    height: Math.max(root.scrollHeight, innerHeight) }
  const grounds = [root, document.body].map((each) => backgroundOf(getComputedStyle(each), page))
  // The body's background is the page's if the root has none.
  const ground = grounds.find(({ fills, parts }) => fills.length || parts.length) || grounds[0]
  const bodyStyle = getComputedStyle(document.body)
  labels.set(document.body, { box: null, texts: [] })
  const tree = {
    id: '0:1', name: document.title || 'Page', type: 'FRAME', absoluteBoundingBox: page,
    clipsContent: true, fills: [solid('rgb(255, 255, 255)'), ...ground.fills],
    children: [...ground.parts.map((part) => rectangle(part)),
      ...inOrder(contentOf(document.body, bodyStyle))],
  }
  return { document: tree, labels, isInView }
}
