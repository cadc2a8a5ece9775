// A live curve that is drawn once and then only extended: zoom, hover and the node itself survive every update.
// It asks the server for new points once a second while the tab is visible and the run goes on.

const POLL_MS = 1000;
const MAX_RETRY_MS = 15000;
const MAX_POINTS = 5000;
const CURVES = ["practice_loss", "checkup_loss", "checkup_accuracy"];
const BEST = CURVES.length; // index of the marker trace

const charts = new WeakMap(); // parentElement -> chart of that instance

function loadPlotly(url) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  window.tunedeskPlotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(url, window.location.href);
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      window.tunedeskPlotly = undefined;
      script.remove();
      reject(new Error("plotly.js did not load"));
    };
    document.head.append(script);
  });
  return window.tunedeskPlotly;
}

function theme(element) {
  const style = getComputedStyle(element);
  const read = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  const palette = read("--st-chart-categorical-colors", "").split(",").filter(Boolean);
  return {
    practice: palette[0] ?? "#1F5EDC",
    checkup: palette[1] ?? "#E07A1F",
    accuracy: palette[2] ?? "#12826B",
    text: read("--st-text-color", "#1B2430"),
    grid: read("--st-border-color-light", read("--st-border-color", "#DFE4EC")),
    surface: read("--st-background-color", "#FFFFFF"),
    font: read("--st-font", "sans-serif"),
  };
}

function traces(colors, words, curves, best) {
  const line = (name, color, width, mode) => ({
    type: "scatter", mode, name, hovertemplate: "%{y:.3f}",
    line: { color, width }, marker: { color, size: 7 },
  });
  const drawn = [
    { ...line(words.practice_loss, colors.practice, 1.2, "lines"), opacity: 0.75 },
    line(words.checkup_loss, colors.checkup, 2.6, "lines+markers"),
    { ...line(words.checkup_accuracy, colors.accuracy, 2.6, "lines+markers"), yaxis: "y2", hovertemplate: "%{y:.1%}" },
    {
      type: "scatter", mode: "markers", name: words.best, hoverinfo: "skip",
      marker: { symbol: "star", size: 14, color: colors.checkup, line: { color: colors.text, width: 1.2 } },
    },
  ];
  CURVES.forEach((name, i) => Object.assign(drawn[i], { x: curves[name].x, y: curves[name].y }));
  return Object.assign(drawn, { [BEST]: { ...drawn[BEST], x: best.x, y: best.y } });
}

function layout(colors, words, run, narrow) {
  const axis = { gridcolor: colors.grid, linecolor: colors.grid, zeroline: false, tickfont: { size: 12 }, automargin: true };
  return {
    uirevision: run,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: colors.font, color: colors.text, size: 13 },
    margin: { l: 52, r: 12, t: 8, b: 44 },
    hovermode: "x unified",
    hoversubplots: "axis",
    hoverlabel: { bgcolor: colors.surface, bordercolor: colors.grid, font: { color: colors.text } },
    dragmode: window.matchMedia("(pointer: coarse)").matches ? false : "zoom",
    legend: { orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom", font: { size: narrow ? 11 : 13 } },
    xaxis: { ...axis, title: { text: words.step, standoff: 8, font: { size: 13 } }, rangemode: "tozero", anchor: "y2", showspikes: false },
    yaxis: { ...axis, title: { text: words.loss, font: { size: 13 } }, rangemode: "tozero", domain: [0.38, 1] },
    yaxis2: { ...axis, title: { text: words.right, font: { size: 13 } }, tickformat: ".0%", range: [0, 1.04], domain: [0, 0.28] },
  };
}

// The lowest and highest point of each of equal slices: peaks and valleys stay.
function thinned({ x, y }) {
  const n = Math.floor(MAX_POINTS / 4);
  const kept = { x: [], y: [] };
  for (let i = 0; i < n; i++) {
    const [from, to] = [Math.floor((i * x.length) / n), Math.floor(((i + 1) * x.length) / n)];
    let [low, high] = [from, from];
    for (let j = from; j < to; j++) {
      if (y[j] < y[low]) low = j;
      if (y[j] > y[high]) high = j;
    }
    for (const j of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
      kept.x.push(x[j]);
      kept.y.push(y[j]);
    }
  }
  return kept;
}

function fill(pattern, values) {
  return pattern.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

class LiveChart {
  constructor(parent, component) {
    this.node = parent.querySelector(".live-chart");
    this.line = parent.querySelector(".live-chart-summary");
    this.forget();
    this.retryMs = POLL_MS;
    this.onVisible = () => document.hidden || this.poll();
    document.addEventListener("visibilitychange", this.onVisible);
    this.update(component);
  }

  forget() {
    this.cursor = 0;
    this.curves = Object.fromEntries(CURVES.map((name) => [name, { x: [], y: [] }]));
    this.bestStep = null;
  }

  // Runs at mount and again whenever the page's data (language, state) or the theme changes.
  update(component) {
    const resumed = component.data.active && this.data && !this.data.active;
    this.data = component.data;
    this.tellEnded = () => component.setTriggerValue("ended", true);
    if (resumed) this.forget(); // what a cancelled run had measured was thrown away
    this.describe();
    this.paint();
    if (resumed || this.ended === undefined) {
      this.ended = false;
      this.poll();
    }
  }

  async paint() {
    try {
      const Plotly = await loadPlotly(this.data.plotly_url);
      if (this.closed || (this.empty() && !this.drawn)) return;
      this.node.style.display = this.empty() ? "none" : "";
      const colors = theme(this.node);
      const narrow = this.node.clientWidth < 480;
      const look = layout(colors, this.data.words, this.data.run, narrow);
      const shown = traces(colors, this.data.words, this.curves, this.best());
      const draw = this.drawn ? Plotly.react : Plotly.newPlot;
      this.drawn = true; // from here on `take` extends what is on its way to the screen
      await draw(this.node, shown, look, { displayModeBar: false, responsive: true });
      this.describe();
    } catch (error) {
      this.line.textContent = this.data.words.lost;
      console.warn(error);
    }
  }

  async poll() {
    clearTimeout(this.timer);
    if (this.closed || this.ended || this.asking || document.hidden) return;
    this.asking = true;
    try {
      const url = new URL(`/api/runs/${this.data.run}/points?after=${this.cursor}`, window.location.href);
      const response = await fetch(url);
      if (!response.ok) throw new Error(`points: HTTP ${response.status}`);
      const answer = await response.json();
      if (this.closed) return;
      this.retryMs = POLL_MS;
      await this.take(answer);
      if (answer.ended) {
        this.ended = true;
        this.describe();
        if (this.data.active) this.tellEnded();
      }
    } catch (error) {
      this.retryMs = Math.min(this.retryMs * 2, MAX_RETRY_MS);
      if (!this.closed) this.line.textContent = this.data.words.lost;
      console.warn(error);
    } finally {
      this.asking = false;
      if (!this.closed && !this.ended) this.timer = setTimeout(() => this.poll(), this.retryMs);
    }
  }

  // Draw what is new. Steps at or before the last drawn one were reported again by a resumed run: they are known.
  async take(answer) {
    this.cursor = answer.cursor;
    this.bestStep = answer.best_step;
    const more = { x: [], y: [], at: [] };
    let long = false;
    CURVES.forEach((name, i) => {
      const curve = this.curves[name];
      const last = curve.x.length ? curve.x[curve.x.length - 1] : -1;
      const fresh = (answer.points[name] ?? []).filter(([step]) => step > last);
      if (!fresh.length) return;
      more.x.push(fresh.map((p) => p[0]));
      more.y.push(fresh.map((p) => p[1]));
      more.at.push(i);
      // extendTraces appends to the arrays the chart was given, so the same points are kept apart here.
      this.curves[name] = { x: curve.x.concat(more.x.at(-1)), y: curve.y.concat(more.y.at(-1)) };
      if (this.curves[name].x.length > MAX_POINTS) {
        this.curves[name] = thinned(this.curves[name]);
        long = true;
      }
    });
    if ((this.drawn && long) || (!this.drawn && more.at.length)) await this.paint();
    else if (this.drawn && more.at.length) {
      await window.Plotly.extendTraces(this.node, { x: more.x, y: more.y }, more.at);
    }
    if (this.drawn) {
      const best = this.best();
      if (String(best.x) !== String(this.node.data[BEST].x)) {
        await window.Plotly.restyle(this.node, { x: [best.x], y: [best.y] }, [BEST]);
      }
    }
    this.describe();
  }

  // The step the run keeps; while it has not said so, by the loop's own rule: most right, then lowest loss, then first.
  best() {
    const { x, y } = this.curves.checkup_loss;
    const right = new Map(this.curves.checkup_accuracy.x.map((step, i) => [step, this.curves.checkup_accuracy.y[i]]));
    let at = this.bestStep === null ? -1 : x.indexOf(this.bestStep);
    if (at < 0) {
      for (let i = 0; i < x.length; i++) {
        const gain = at < 0 ? 1 : (right.get(x[i]) ?? 0) - (right.get(x[at]) ?? 0);
        if (gain > 0 || (gain === 0 && y[i] < y[at])) at = i;
      }
    }
    return at < 0 ? { x: [], y: [] } : { x: [x[at]], y: [y[at]] };
  }

  empty() {
    return CURVES.every((name) => !this.curves[name].x.length);
  }

  describe() {
    if (!this.drawn && this.empty()) this.node.style.display = "none"; // no hole in the page before the first step
    const { words } = this.data;
    const last = (name) => this.curves[name].y.at(-1);
    const steps = CURVES.flatMap((name) => this.curves[name].x.slice(-1));
    const number = new Intl.NumberFormat(words.locale, { maximumFractionDigits: 3 });
    const percent = new Intl.NumberFormat(words.locale, { style: "percent", maximumFractionDigits: 1 });
    const best = this.best().x[0];
    const values = {
      step: number.format(Math.max(0, ...steps)),
      practice: number.format(last("practice_loss") ?? 0),
      checkup: number.format(last("checkup_loss") ?? 0),
      accuracy: percent.format(last("checkup_accuracy") ?? 0),
      best: number.format(best ?? 0),
    };
    const pattern = !steps.length ? words.waiting : best === undefined ? words.early : this.ended ? words.ended : words.summary;
    this.line.textContent = fill(pattern, values);
    this.node.setAttribute("aria-label", `${words.alt} ${this.line.textContent}`);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.onVisible);
    if (this.drawn) window.Plotly.purge(this.node);
  }
}

export default function (component) {
  const { parentElement } = component;
  const known = charts.get(parentElement);
  if (known && known.data.run === component.data.run) known.update(component);
  else {
    known?.close();
    charts.set(parentElement, new LiveChart(parentElement, component));
  }
  return () => {
    charts.get(parentElement)?.close();
    charts.delete(parentElement);
  };
}
