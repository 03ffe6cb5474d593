// Functions that run inside the page. Each stands alone: only its text gets there.

/** Box and text of each layer. */
export function read() {
  const layers = {};
  for (const each of document.querySelectorAll("[data-node]")) {
    const box = each.getBoundingClientRect();
    const clone = each.cloneNode(true);
    // A list item is a line of its own.
    [...clone.querySelectorAll("li")].slice(1).forEach((item) => item.prepend("\n"));
    layers[each.dataset.node] = {
      box: [box.x, box.y + scrollY, box.width, box.height].map((side) => Math.round(side * 100) / 100),
      text: each.localName === "input" ? each.value || each.placeholder : clone.textContent,
    };
  }
  return layers;
}

/** What is computed for the wanted properties. */
export function values(wanted) {
  return wanted.map(([id, name]) => {
    const each = document.querySelector(`[data-node="${CSS.escape(id)}"]`);
    return each ? getComputedStyle(each).getPropertyValue(name) : null;
  });
}

/** Everything that is computed for all elements, as a number that stands for it. */
export function fingerprint() {
  let hash = 5381;
  const add = (text) => {
    for (let at = 0; at < text.length; at++) hash = ((hash * 33) ^ text.charCodeAt(at)) >>> 0;
  };
  for (const each of document.querySelectorAll("#root *")) {
    for (const pseudo of [null, "::before", "::placeholder"]) {
      const style = getComputedStyle(each, pseudo);
      if (pseudo === "::before" && style.content === "none") continue;
      if (pseudo === "::placeholder" && each.localName !== "input") continue;
      for (let at = 0; at < style.length; at++) if (!style[at].startsWith("--")) add(`${style[at]}:${style.getPropertyValue(style[at])};`);
    }
  }
  return hash;
}

/** How the page is made: counts for the shares, see quality.py. */
export function shares() {
  const all = [...document.querySelectorAll("#root *")].filter((each) => !each.parentElement.closest("svg"));
  const positions = all.map((each) => getComputedStyle(each).position);
  const classes = all.flatMap((each) => (each.getAttribute("class") ?? "").split(/\s+/)).filter(Boolean);
  const measured = /^((min-|max-)?(width|height|inline-size|block-size)|top|right|bottom|left|inset.*|margin.*|padding.*|(row-|column-)?gap|flex-basis)$/;
  const root = getComputedStyle(document.documentElement);
  let lengths = 0;
  let relative = 0;
  const count = (rules, isUtility) => {
    for (const rule of rules) {
      const inner = isUtility || rule.name === "utilities";
      if (inner && rule.style) {
        // Of a shorthand with a variable, only the text tells the value.
        for (const [, name, told] of rule.style.cssText.matchAll(/([\w-]+):\s*([^;]+)/g)) {
          if (!measured.test(name)) continue;
          const value = told.replace(/var\((--[\w-]+)\)/g, (_, token) => root.getPropertyValue(token));
          if (!/\d(px|rem|em|%|v[wh]|fr|ch|cq\w+|[sdl]v[wh])|\d\s*\//.test(value)) continue;
          lengths += 1;
          if (/\d(rem|em|%|[sdl]?v[wh]|fr|ch|cq\w+)/.test(value)) relative += 1;
        }
      }
      if (rule.cssRules) count(rule.cssRules, inner);
    }
  };
  for (const sheet of document.styleSheets) count(sheet.cssRules, false);
  return {
    elements: all.length,
    absolute: positions.filter((each) => each === "absolute" || each === "fixed").length,
    telling: all.filter((each) => !["div", "span", "svg"].includes(each.localName)).length,
    classes: classes.length,
    arbitrary: classes.filter((each) => each.includes("[")).length,
    lengths,
    relative,
  };
}

/** Mean absolute difference and structural similarity of two PNGs in the design's size. */
export async function compare({ design, shown, width, height }) {
  const pixels = async (data, isFitted) => {
    const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = "high";
    if (isFitted) context.drawImage(image, 0, 0, width, (image.height * width) / image.width);
    else context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, width, height).data;
  };
  const one = await pixels(design, true);
  const other = await pixels(shown, false);
  let sum = 0;
  const light = [new Float32Array(width * height), new Float32Array(width * height)];
  for (let at = 0, pixel = 0; at < one.length; at += 4, pixel++) {
    sum += Math.abs(one[at] - other[at]) + Math.abs(one[at + 1] - other[at + 1]) + Math.abs(one[at + 2] - other[at + 2]);
    light[0][pixel] = 0.299 * one[at] + 0.587 * one[at + 1] + 0.114 * one[at + 2];
    light[1][pixel] = 0.299 * other[at] + 0.587 * other[at + 1] + 0.114 * other[at + 2];
  }
  const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  let total = 0;
  let windows = 0;
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      let [n, a, b, aa, bb, ab] = [0, 0, 0, 0, 0, 0];
      for (let y = top; y < Math.min(top + 8, height); y++) {
        for (let x = left; x < Math.min(left + 8, width); x++) {
          const [p, q] = [light[0][y * width + x], light[1][y * width + x]];
          n++; a += p; b += q; aa += p * p; bb += q * q; ab += p * q;
        }
      }
      const [ma, mb] = [a / n, b / n];
      const [va, vb, cov] = [aa / n - ma * ma, bb / n - mb * mb, ab / n - ma * mb];
      total += ((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
      windows++;
    }
  }
  return { mae: sum / (width * height * 3 * 255), ssim: total / windows };
}
