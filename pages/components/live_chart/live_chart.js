// A live curve that is drawn once and then only extended: zoom, hover and the node itself survive every update.
// It asks the server for new points once a second while the tab is visible and the run goes on.

const POLL_MS = 1000;
const MAX_RETRY_MS = 15000;
const FINDER = ["finder_rate", "finder_loss"];

const charts = new WeakMap(); // parentElement -> chart of that instance

class LiveChart {
  constructor(parent, component) {
    this.node = parent.querySelector(".live-chart");
    this.line = parent.querySelector(".live-chart-summary");
    this.finderNode = parent.querySelector(".live-chart-finder");
    this.finderTitle = parent.querySelector(".live-chart-finder-title");
    this.controls = new Controls(parent.querySelector(".live-chart-controls"), () => this.choose());
    this.detailed = this.controls.chosen.more; // whether the server is asked for more than the usual curves
    this.retryMs = POLL_MS;
    this.onVisible = () => document.hidden || this.poll();
    document.addEventListener("visibilitychange", this.onVisible);
    this.update(component);
  }

  forget() {
    this.cursor = 0;
    const names = [...CURVES, ...FINDER, ...this.data.more.map(([name]) => name)];
    this.curves = Object.fromEntries(names.map((name) => [name, { x: [], y: [] }]));
    this.bestStep = null;
  }

  // Runs at mount and again whenever the page's data (language, state) or the theme changes.
  update(component) {
    const resumed = component.data.active && this.data && !this.data.active;
    this.data = component.data;
    this.tellEnded = () => component.setTriggerValue("ended", true);
    if (resumed || !this.curves) this.forget(); // what a cancelled run had measured was thrown away
    this.describe();
    this.paint();
    if (resumed || this.ended === undefined) {
      this.ended = false;
      this.poll();
    }
  }

  // A choice was changed: draw anew, and fetch what was never asked for.
  choose() {
    if (this.controls.chosen.more && !this.detailed) {
      this.detailed = true;
      this.cursor = 0; // points that are known are passed over
      this.ended = false;
      this.poll();
    }
    this.paint();
  }

  // The rows of "more curves" that have something to show.
  rows() {
    return this.controls.chosen.more ? this.data.more.filter(([name]) => this.curves[name].x.length) : [];
  }

  smooth() {
    const weight = WEIGHTS[this.controls.chosen.smoothing];
    if (!weight) return null;
    const { x, y } = this.curves.practice_loss;
    this.average = { sum: 0, share: 0 };
    return { x: [...x], y: smoothed(y, weight, this.average) };
  }

  async paint() {
    try {
      const Plotly = await loadPlotly(this.data.plotly_url);
      if (this.closed || (this.empty() && !this.drawn)) return;
      this.node.style.display = this.empty() ? "none" : "";
      this.controls.show(this.data.words);
      const colors = theme(this.node);
      const narrow = this.node.clientWidth < 480;
      this.painted = this.rows();
      const look = layout(colors, this.data.words, this.data.run, narrow, this.controls.chosen.scale, this.painted);
      const shown = traces(colors, this.data.words, this.curves, this.best(), this.smooth(), this.painted);
      const draw = this.drawn ? Plotly.react : Plotly.newPlot;
      this.drawn = true; // from here on `take` extends what is on its way to the screen
      this.node.style.height = `${look.height}px`;
      await draw(this.node, shown, look, { displayModeBar: false, responsive: true });
      await this.paintFinder(Plotly, colors);
      this.describe();
    } catch (error) {
      this.line.textContent = this.data.words.lost;
      console.warn(error);
    }
  }

  async paintFinder(Plotly, colors) {
    const shown = this.controls.chosen.more && this.curves.finder_rate.x.length > 1;
    this.finderNode.hidden = this.finderTitle.hidden = !shown;
    if (!shown) return;
    const { traces, layout } = finder(colors, this.data.words, this.curves, this.data.found_rate);
    this.finderTitle.textContent = this.data.words.finder;
    this.finderNode.setAttribute("aria-label", this.data.words.finder);
    await Plotly.react(this.finderNode, traces, layout, { displayModeBar: false, responsive: true });
  }

  async poll() {
    clearTimeout(this.timer);
    if (this.closed || this.ended || this.asking || document.hidden) return;
    this.asking = true;
    try {
      const detailed = this.detailed;
      const more = detailed ? "&more=1" : "";
      const url = new URL(`/api/runs/${this.data.run}/points?after=${this.cursor}${more}`, window.location.href);
      const response = await fetch(url);
      if (!response.ok) throw new Error(`points: HTTP ${response.status}`);
      const answer = await response.json();
      if (this.closed || detailed !== this.detailed) return; // asked before more was wanted
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
    const rows = (this.painted ?? []).map(([name]) => name);
    let whole = !this.drawn; // whether everything is drawn anew
    for (const [name, curve] of Object.entries(this.curves)) {
      const last = curve.x.length ? curve.x.at(-1) : -1;
      const fresh = (answer.points[name] ?? []).filter(([step]) => step > last);
      if (!fresh.length) continue;
      const [x, y] = [fresh.map((p) => p[0]), fresh.map((p) => p[1])];
      // extendTraces appends to the arrays the chart was given, so the same points are kept apart here.
      this.curves[name] = { x: curve.x.concat(x), y: curve.y.concat(y) };
      if (this.curves[name].x.length > MAX_POINTS) {
        this.curves[name] = thinned(this.curves[name]);
        whole = true;
      }
      const place = CURVES.includes(name) ? CURVES.indexOf(name) : rows.includes(name) ? FIRST_ROW + rows.indexOf(name) : -1;
      if (place < 0) whole ||= this.controls.chosen.more;
      else {
        more.x.push(x);
        more.y.push(y);
        more.at.push(place);
      }
      const weight = WEIGHTS[this.controls.chosen.smoothing];
      if (name === "practice_loss" && weight && !whole) {
        more.x.push(x);
        more.y.push(smoothed(y, weight, this.average));
        more.at.push(SMOOTH);
      }
    }
    if (whole) {
      if (!this.empty()) await this.paint();
    } else if (more.at.length) {
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
    for (const node of [this.node, this.finderNode]) if (node.data) window.Plotly.purge(node);
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
