// Runs inside the page, by itself: only its text gets there.

/** Texts that an element around them cuts off: {node, by (ids of layers), text}. What is shortened with an ellipsis, or
 * hidden altogether, is meant so. */
export function clipped() {
  // A shadow of a letter may reach out; half a letter is lost from about here.
  const LEAST = 2;
  const root = document.getElementById("root");
  const nodeOf = (each) => each.closest("[data-node]")?.dataset.node ?? "";
  const isShortened = (style) => style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
  const found = new Map();
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let each = walker.nextNode(); each; each = walker.nextNode()) {
    const own = each.parentElement;
    if (!each.data.trim() || own.closest("svg, [aria-hidden=true], select, textarea")) continue;
    const style = getComputedStyle(own);
    if (style.visibility !== "visible") continue;
    const range = document.createRange();
    range.selectNodeContents(each);
    // A line's box is as high as its font, and its letters are not.
    const slack = Math.max(LEAST, Number.parseFloat(style.fontSize) * 0.3);
    const lines = [...range.getClientRects()].filter((line) => line.width > 0 && line.height > 0);
    for (let around = own; around && around !== root.parentElement; around = around.parentElement) {
      const its = getComputedStyle(around);
      if (isShortened(its)) break;
      const cutsX = ["hidden", "clip"].includes(its.overflowX);
      const cutsY = ["hidden", "clip"].includes(its.overflowY);
      // What can be scrolled to is not lost.
      if (["auto", "scroll"].includes(its.overflowX) || ["auto", "scroll"].includes(its.overflowY)) break;
      if (!cutsX && !cutsY) continue;
      const box = around.getBoundingClientRect();
      // As for readers of screens alone.
      if (box.width <= 1 || box.height <= 1) break;
      const isOut = (line) =>
        line.right <= box.left || line.left >= box.right || line.bottom <= box.top || line.top >= box.bottom;
      const isCut = (line) =>
        (cutsX && (line.left < box.left - LEAST || line.right > box.right + LEAST)) ||
        (cutsY && (line.top < box.top - slack || line.bottom > box.bottom + slack));
      if (lines.some((line) => isCut(line) && !isOut(line)))
        found.set(`${nodeOf(own)} ${nodeOf(around)}`, { node: nodeOf(own), by: nodeOf(around), text: each.data.trim().slice(0, 60) });
    }
  }
  return [...found.values()].slice(0, 20);
}
