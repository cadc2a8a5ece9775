// What is drawn: traces and layout as Plotly takes them, from the curves and the person's choices. Nothing here is kept.

const MAX_POINTS = 5000;
const CURVES = ["practice_loss", "checkup_loss", "checkup_accuracy"];
const BEST = CURVES.length; // index of the marker trace
const SMOOTH = BEST + 1; // index of the smoothed practice loss; the rows of "more curves" come behind it
const FIRST_ROW = SMOOTH + 1;
const WEIGHTS = { off: 0, some: 0.85, strong: 0.97 }; // of what was before, in the moving average

// Heights in pixels: both usual parts, and each row of "more curves" with its title.
const LOSS = 198, GAP = 32, RIGHT = 90, ROW_TITLE = 34, ROW = 62, AROUND = 80;
const USUAL = LOSS + GAP + RIGHT;

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
  const palette = read("--st-chart-categorical-colors", "#1F5EDC,#E07A1F,#12826B,#8A4FD0").split(",").filter(Boolean);
  return {
    practice: palette[0],
    checkup: palette[1],
    accuracy: palette[2],
    more: palette.slice(3),
    text: read("--st-text-color", "#1B2430"),
    grid: read("--st-border-color-light", read("--st-border-color", "#DFE4EC")),
    surface: read("--st-background-color", "#FFFFFF"),
    font: read("--st-font", "sans-serif"),
  };
}

// An exponential moving average that starts at the first value instead of at zero. `state` goes on from earlier values.
function smoothed(values, weight, state = { sum: 0, share: 0 }) {
  return values.map((value) => {
    state.sum = weight * state.sum + (1 - weight) * value;
    state.share = weight * state.share + (1 - weight);
    return state.sum / state.share;
  });
}

function traces(colors, words, curves, best, smooth, rows) {
  const line = (name, color, width, mode) => ({
    type: "scatter", mode, name, hovertemplate: "%{y:.3f}",
    line: { color, width }, marker: { color, size: 7 },
  });
  const raw = smooth ? { ...line(words.practice_loss, colors.practice, 0.9, "lines"), opacity: 0.45, showlegend: false }
    : { ...line(words.practice_loss, colors.practice, 1.2, "lines"), opacity: 0.75 };
  const drawn = [
    raw,
    line(words.checkup_loss, colors.checkup, 2.6, "lines+markers"),
    { ...line(words.checkup_accuracy, colors.accuracy, 2.6, "lines+markers"), yaxis: "y2", hovertemplate: "%{y:.1%}" },
    {
      type: "scatter", mode: "markers", name: words.best, hoverinfo: "skip", ...best,
      marker: { symbol: "star", size: 14, color: colors.checkup, line: { color: colors.text, width: 1.2 } },
    },
    { ...line(words.practice_smoothed, colors.practice, 2.2, "lines"), legendrank: 1, ...(smooth ?? { x: [], y: [], visible: false }) },
  ];
  CURVES.forEach((name, i) => Object.assign(drawn[i], curves[name]));
  rows.forEach(([name, title], i) => {
    const color = colors.more[i % colors.more.length];
    const row = { ...line(title, color, 1.6, "lines"), yaxis: `y${i + 3}`, hovertemplate: "%{y:.3g}", showlegend: false };
    drawn.push({ ...row, ...curves[name] });
  });
  return drawn;
}

function axisOf(colors) {
  return { gridcolor: colors.grid, linecolor: colors.grid, zeroline: false, tickfont: { size: 12 }, automargin: true };
}

function layout(colors, words, run, narrow, scale, rows) {
  const axis = axisOf(colors);
  const whole = USUAL + rows.length * (ROW_TITLE + ROW);
  const domain = (top, height) => [1 - (top + height) / whole, 1 - top / whole];
  const found = {
    uirevision: run,
    height: whole + AROUND,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: colors.font, color: colors.text, size: 13 },
    margin: { l: 52, r: 12, t: 8, b: 44 },
    hovermode: "x unified",
    hoversubplots: "axis",
    hoverlabel: { bgcolor: colors.surface, bordercolor: colors.grid, font: { color: colors.text } },
    dragmode: window.matchMedia("(pointer: coarse)").matches ? false : "zoom",
    legend: { orientation: "h", x: 0, xanchor: "left", y: 1 + 6 / whole, yanchor: "bottom", font: { size: narrow ? 11 : 13 } },
    xaxis: { ...axis, title: { text: words.step, standoff: 8, font: { size: 13 } }, rangemode: "tozero", anchor: `y${rows.length + 2}`, showspikes: false },
    yaxis: { ...axis, title: { text: words.loss, standoff: 10, font: { size: 13 } }, rangemode: "tozero", domain: domain(0, LOSS), type: scale, uirevision: scale, ...(scale === "log" && { dtick: "D2" }) },
    yaxis2: { ...axis, title: { text: words.right, standoff: 10, font: { size: 13 } }, tickformat: ".0%", range: [0, 1.04], domain: domain(LOSS + GAP, RIGHT) },
    annotations: [],
  };
  rows.forEach(([, title], i) => {
    const top = USUAL + i * (ROW_TITLE + ROW) + ROW_TITLE;
    found[`yaxis${i + 3}`] = { ...axis, domain: domain(top, ROW), rangemode: "tozero", nticks: 4, exponentformat: "power" };
    found.annotations.push({
      text: title, showarrow: false, font: { size: 12 },
      xref: "paper", x: 0, xanchor: "left", yref: "paper", y: 1 - (top - 2) / whole, yanchor: "bottom",
    });
  });
  return found;
}

// Of the learning-rate finder: the loss over the rates it tried, with the one that was taken.
function finder(colors, words, curves, rate) {
  const axis = axisOf(colors);
  const [rates, losses] = [curves.finder_rate.y, curves.finder_loss.y];
  const taken = rate ? [{ type: "line", x0: rate, x1: rate, yref: "paper", y0: 0, y1: 1, line: { color: colors.checkup, width: 2, dash: "dot" } }] : [];
  return {
    traces: [{ type: "scatter", mode: "lines", x: rates, y: losses, line: { color: colors.practice, width: 2 }, hovertemplate: "%{x:.2g}: %{y:.3f}<extra></extra>" }],
    layout: {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: colors.font, color: colors.text, size: 13 },
      margin: { l: 52, r: 12, t: 8, b: 44 }, showlegend: false, shapes: taken, dragmode: false,
      xaxis: { ...axis, type: "log", dtick: "D2", exponentformat: "power", title: { text: words.learning_rate, standoff: 8, font: { size: 13 } } },
      yaxis: { ...axis, title: { text: words.loss, font: { size: 13 } } },
    },
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
