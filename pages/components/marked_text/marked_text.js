// The words of a text, tinted by what they did to the answer. Everything is a text node: no HTML is read from the data.

const DEEPEST = 62; // percent of the colour behind the strongest word
const UNSEEN = 0.06; // a smaller tint is none

function colours(element) {
  const palette = getComputedStyle(element).getPropertyValue("--st-chart-categorical-colors").split(",").filter(Boolean);
  return [palette[0]?.trim() ?? "#1F5EDC", palette[1]?.trim() ?? "#E07A1F"];
}

function swatch(colour, words) {
  const item = document.createElement("span");
  const square = document.createElement("i");
  square.style.background = `color-mix(in srgb, ${colour} ${DEEPEST}%, transparent)`;
  item.append(square, words);
  return item;
}

function heading(text) {
  const element = document.createElement("div");
  element.className = "marked-text-heading";
  element.textContent = text;
  return element;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".marked-text");
  const [forIt, against] = colours(box);
  const leftOut = new Set(data.left_out);
  box.setAttribute("aria-label", data.words.alt);
  box.replaceChildren(...data.pieces.map((piece) => {
    if (piece.heading) return heading(piece.text);
    if (piece.place === undefined) return document.createTextNode(piece.text);
    const word = document.createElement("button");
    word.type = "button";
    word.textContent = piece.text;
    word.setAttribute("aria-pressed", String(leftOut.has(piece.place)));
    const depth = Math.abs(piece.tint);
    if (depth >= UNSEEN) {
      const colour = piece.tint > 0 ? forIt : against;
      word.style.background = `color-mix(in srgb, ${colour} ${Math.round(DEEPEST * depth)}%, transparent)`;
      word.style.borderBottomColor = piece.tint > 0 ? "transparent" : colour;
      word.title = piece.tint > 0 ? data.words.for : data.words.against;
    }
    word.onclick = () => setTriggerValue("word", piece.place);
    return word;
  }));
  parentElement.querySelector(".marked-text-legend").replaceChildren(
    swatch(forIt, data.words.for), swatch(against, data.words.against), data.words.click,
  );
}
