// The choices above a chart. They belong to the person, not to the run: this browser remembers them.

const REMEMBERED = "tunedesk.curves";
const USUAL_CHOICES = { smoothing: "some", scale: "linear", more: false };

class Controls {
  constructor(node, changed) {
    this.node = node;
    this.chosen = { ...USUAL_CHOICES, ...this.remembered() };
    const group = Math.random().toString(36).slice(2); // radio buttons of two charts must not answer for one another
    for (const input of node.querySelectorAll("input")) {
      const choice = input.closest("[data-choice]").dataset.choice;
      if (input.type === "radio") input.name = `${choice}-${group}`;
      input.checked = input.type === "radio" ? input.value === this.chosen[choice] : this.chosen[choice];
      input.onchange = () => {
        this.chosen[choice] = input.type === "radio" ? input.value : input.checked;
        this.remember();
        changed();
      };
    }
  }

  show(words) {
    for (const place of this.node.querySelectorAll("[data-word]")) place.textContent = words[place.dataset.word];
    this.node.hidden = false;
  }

  remembered() {
    try {
      const found = JSON.parse(window.localStorage.getItem(REMEMBERED)) ?? {};
      return { ...(found.smoothing in WEIGHTS && found), more: found.more === true, scale: found.scale === "log" ? "log" : "linear" };
    } catch {
      return {}; // nothing remembered, or the browser forbids it
    }
  }

  remember() {
    try {
      window.localStorage.setItem(REMEMBERED, JSON.stringify(this.chosen));
    } catch {
      // then it holds until the page is left
    }
  }
}
