// Drawn as SVG in place: the node stays while the slider moves, so nothing flickers.

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { left: 44, right: 14, top: 22, bottom: 34 };
const TICKS = [0, 25, 50, 75, 100];

const drawings = new WeakMap(); // parentElement -> Drawing

class Drawing {
  constructor(parentElement) {
    this.node = parentElement.querySelector(".promise-curve");
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.node);
  }

  show(data) {
    this.data = data;
    this.draw();
  }

  draw() {
    const width = this.node.clientWidth;
    const height = this.node.clientHeight;
    if (!width || !this.data) return;
    const { points, now, limit, top, words } = this.data;
    const x = (share) => MARGIN.left + (share / 100) * (width - MARGIN.left - MARGIN.right);
    const y = (rate) => height - MARGIN.bottom - (Math.min(rate, top) / top) * (height - MARGIN.top - MARGIN.bottom);
    const path = (corners) => corners.map(([a, b], i) => `${i ? "L" : "M"}${x(a).toFixed(1)},${y(b).toFixed(1)}`).join("");
    const parts = [];
    const add = (name, attributes, text) => {
      const node = document.createElementNS(SVG, name);
      for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
      if (text !== undefined) node.textContent = text;
      parts.push(node);
    };
    for (const share of TICKS) {
      add("line", { class: "grid", x1: x(share), x2: x(share), y1: MARGIN.top, y2: height - MARGIN.bottom });
      add("text", { x: x(share), y: height - MARGIN.bottom + 15, "text-anchor": share === 100 ? "end" : "middle" }, `${share}%`);
    }
    for (const rate of steps(top)) {
      add("line", { class: "grid", x1: x(0), x2: x(100), y1: y(rate), y2: y(rate) });
      add("text", { x: MARGIN.left - 6, y: y(rate) + 4, "text-anchor": "end" }, `${rate}`);
    }
    if (points.length) {
      const lower = points.map(([share, rate]) => [share, rate]);
      const upper = points.map(([share, , most]) => [share, most]);
      add("path", { class: "band", d: `${path([...upper, ...lower.reverse()])}Z` });
      add("path", { class: "line", d: path(points.map(([share, rate]) => [share, rate])) });
    }
    add("line", { class: "limit", x1: x(0), x2: x(100), y1: y(limit), y2: y(limit) });
    add("text", { x: x(0) + 4, y: y(limit) - 5 }, words.limit);
    if (now) {
      add("line", { class: "now", x1: x(now[0]), x2: x(now[0]), y1: y(now[1]), y2: y(now[2]) });
      add("circle", { class: "dot", cx: x(now[0]), cy: y(now[1]), r: 6 });
    }
    add("text", { x: 0, y: 12 }, words.mistakes);
    add("text", { x: x(50), y: height - 4, "text-anchor": "middle" }, words.share);
    this.node.replaceChildren(...parts);
    this.node.setAttribute("aria-label", words.alt);
  }

  close() {
    this.watch.disconnect();
  }
}

// Two to five round numbers up to `top`.
function steps(top) {
  const rough = top / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const found = [];
  for (let i = 0; i * step <= top; i++) found.push(Number((i * step).toPrecision(3)));
  return found;
}

export default function (component) {
  const { parentElement, data } = component;
  if (!drawings.has(parentElement)) drawings.set(parentElement, new Drawing(parentElement));
  drawings.get(parentElement).show(data);
  return () => {
    drawings.get(parentElement)?.close();
    drawings.delete(parentElement);
  };
}
