"use strict";
// Draws what zooRule finds: controls, the model taken, the chart and the table. All text goes in as text.
(() => {
  const { data, chart } = JSON.parse(document.getElementById("data").textContent);
  const find = (id) => document.getElementById(id);
  const of = Object.fromEntries(data.quantities.map((quantity) => [quantity.name, quantity]));
  // Rows that are shown at first.
  const SHOWN = 100;
  const names = data.quantities.map((quantity) => quantity.name);
  const state = {
    objective: data.objective, bounds: {}, licences: [], margins: { ...data.margins },
    x: ["latency", "params", ...names].find((name) => of[name] && name !== data.objective) || data.objective,
    y: of.accuracy ? "accuracy" : data.objective,
    column: 0, descending: false, text: "", beyond: false, all: false,
  };
  if (state.x === state.y) state.y = names.find((name) => name !== state.x) || state.x;
  let view = null, drawn = 0, asked = false, found = null, onFrontier = new Set();

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children);
    return element;
  }

  const count = zooWords.count;
  const titled = (quantity) => `${quantity.label}, ${quantity.unit}`;
  const held = (place, name) => data.models[place].values[name];

  // A bound as it is read, rounded so that what is at the bound stays within.
  function shown(quantity, bound) {
    const value = bound * quantity.factor;
    const step = 10 ** (Math.floor(Math.log10(Math.abs(value) || 1)) - 3);
    const whole = value / step, near = Math.round(whole);
    const outward = quantity.better === "lower" ? Math.ceil(whole) : Math.floor(whole);
    return Number(((Math.abs(whole - near) < 1e-6 ? near : outward) * step).toPrecision(6));
  }

  // Controls

  function choices(label, id, value, onchange) {
    const options = data.quantities.map((one) => make("option", { value: one.name }, one.label));
    const select = make("select", { id, onchange: () => { onchange(select.value); } }, ...options);
    select.value = value;
    return make("label", {}, `${label} `, select);
  }

  function margin(label, id, key, factor) {
    const input = make("input", { id, type: "number", min: 0, step: "any", value: data.margins[key] * factor });
    input.addEventListener("input", () => {
      if (input.value === "" || !(Number(input.value) >= 0)) return;
      state.margins[key] = Number(input.value) / factor;
      later();
    });
    return make("label", {}, `${label} `, input);
  }

  // A slider that stops at each value that a model has, and a field that takes any number.
  function limit(quantity) {
    const least = quantity.better === "higher";
    const values = data.models.map((one) => one.values[quantity.name]).filter(Boolean).map((one) => one.value);
    const stops = [...new Set(values)].sort((a, b) => a - b);
    const free = least ? 0 : stops.length;
    const id = `limit-${quantity.name}`, said = `${quantity.label}, ${quantity.unit}, at ${least ? "least" : "most"}`;
    const ends = { min: 0, max: stops.length, step: 1, value: free };
    const slider = make("input", { id, type: "range", ...ends, "aria-label": said });
    const field = make("input", { id: `${id}-value`, type: "number", min: 0, step: "any", placeholder: "any" });
    const set = (bound) => {
      if (bound === undefined) delete state.bounds[quantity.name]; else state.bounds[quantity.name] = bound;
      const text = bound === undefined ? "no limit" : `${shown(quantity, bound)} ${quantity.unit}`;
      slider.setAttribute("aria-valuetext", text);
    };
    slider.addEventListener("input", () => {
      const place = Number(slider.value);
      set(place === free ? undefined : stops[least ? place - 1 : place]);
      field.value = place === free ? "" : shown(quantity, state.bounds[quantity.name]);
      later();
    });
    field.addEventListener("input", () => {
      const bound = Number((Number(field.value) / quantity.factor).toPrecision(12)), isNone = field.value === "";
      field.setAttribute("aria-invalid", String(!isNone && !(bound > 0)));
      if (!isNone && !(bound > 0)) return;
      set(isNone ? undefined : bound);
      const within = stops.findIndex((stop) => stop > bound);
      const beyond = within < 0 ? stops.length : within;
      slider.value = isNone ? free : least ? beyond : Math.max(0, beyond - 1);
      later();
    });
    set(undefined);
    const reset = () => { slider.value = free; field.value = ""; set(undefined); };
    find("reset").addEventListener("click", reset);
    return make("div", { class: "limit" }, make("label", { for: field.id }, said), slider, field);
  }

  function controls() {
    find("wanted").append(
      choices("Best by", "objective", state.objective, (name) => { state.objective = name; later(); }),
      ...(of.accuracy ? [margin("Tied within, points", "margin-points", "points", 1)] : []),
      ...(data.quantities.some((one) => data.objectives[one.name].margin === "share")
        ? [margin("Tied within, % of a cost", "margin-share", "share", 100)] : []),
    );
    find("limits").append(...data.quantities.map(limit));
    find("licence-box").hidden = !data.licences.length;
    data.licences.forEach((licence, place) => {
      const box = make("input", { type: "checkbox", value: place });
      box.addEventListener("change", () => {
        state.licences = [...find("licences").querySelectorAll(":checked")].map((one) => Number(one.value));
        later();
      });
      find("licences").append(make("label", {}, box, ` ${licence}`));
    });
    find("reset").addEventListener("click", () => {
      find("licences").querySelectorAll(":checked").forEach((one) => { one.checked = false; });
      state.licences = [];
      later();
    });
    find("axes").append(
      choices("Across", "axis-x", state.x, (name) => { state.x = name; redraw(); }),
      choices("Up", "axis-y", state.y, (name) => { state.y = name; redraw(); }),
    );
    find("legend").append(...data.groups.map((group) => {
      const mark = make("span", { "aria-hidden": "true" }, group.letter);
      mark.style.color = group.colour;
      return make("li", {}, mark, ` ${group.name} (${count(group.models)})`);
    }));
    find("filter").addEventListener("input", () => { state.text = find("filter").value.toLowerCase(); table(); });
    find("all-models").addEventListener("change", () => { state.beyond = find("all-models").checked; table(); });
    find("more").addEventListener("click", () => { state.all = !state.all; table(); });
    find("copy").addEventListener("click", copy);
    find("controls").addEventListener("submit", (event) => event.preventDefault());
  }

  // The model taken

  function taken(asked) {
    const [before, described, after] = zooWords.headline(data, asked, found);
    const said = zooWords.reasons(data, asked, found);
    const lines = [make("p", {}, before, make("strong", {}, described), after)];
    if (said.length) lines.push(make("p", {}, said.join(" ")));
    const line = found.chosen === null ? "" : data.models[found.chosen].line;
    if (line) lines.push(make("pre", { tabindex: 0 }, make("code", {}, line)));
    find("taken").replaceChildren(...lines);
  }

  // The chart

  let points = [];
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function coloured(isDark) {
    if (!view) return;
    for (const [name, value] of Object.entries(zooChart.colours(isDark))) view.signal(name, value);
    view.run();
  }

  async function redraw() {
    const mine = ++drawn;
    points = zooChart.points(data, of[state.x], of[state.y]);
    const spec = zooChart.described(chart, points, of[state.x], of[state.y]);
    const result = await window.vegaEmbed(find("chart"), spec, { actions: false, renderer: "canvas" });
    if (mine !== drawn) { result.finalize(); return; }
    if (view) view.finalize();
    view = result.view;
    const box = find("chart");
    // Vega gives the box a role that few readers of screens know.
    box.setAttribute("role", "img");
    box.removeAttribute("aria-roledescription");
    const shown = `${of[state.y].label} against ${of[state.x].label} of ${count(points.length)} models`;
    box.setAttribute("aria-label", `Chart of ${shown}; the table below has the same numbers`);
    box.view = view; // for whoever looks into the chart from the console, as tests do
    coloured(dark.matches);
    update();
  }

  function paint() {
    const inside = points.filter((row) => found.broken[row.place].length === 0);
    const front = zooRule.frontier(inside, of[state.x].better, of[state.y].better).map((place) => inside[place]);
    onFrontier = new Set(front.map((row) => row.place));
    if (!view) return;
    view.signal("states", found.broken.map((broken) => (broken.length ? 0 : 1)));
    view.data("frontier", front.map(({ x, y }) => ({ x, y })));
    view.data("chosen", inside.filter((row) => row.place === found.chosen).map(({ x, y }) => ({ x, y })));
    view.run();
  }

  // The table

  function columns() {
    const order = new Map(found.ranked.map((place, rank) => [place, rank])), said = zooWords.standings(data, found);
    const rank = (place) => {
      if (place === found.chosen) return -1;
      return order.has(place) ? order.get(place) : place + (found.broken[place].length ? 2e6 : 1e6);
    };
    const text = (title, take) => ({ title, take, key: (place) => take(place).toLowerCase() || null });
    return [
      { title: "standing", take: (place) => said[place], key: rank },
      text("model", (place) => data.models[place].name),
      text("family", (place) => data.models[place].family),
      ...(data.licences.length ? [text("licence", (place) => data.models[place].licence)] : []),
      ...(data.models.some((one) => one.strategy) ? [text("regime", (place) => data.models[place].strategy)] : []),
      text("frontier", (place) => (onFrontier.has(place) ? "yes" : "")),
      ...data.quantities.map((one) => ({
        title: titled(one), number: true, take: (place) => (held(place, one.name) || { text: "n/a" }).text,
        key: (place) => (held(place, one.name) ? held(place, one.name).value : null),
      })),
    ];
  }

  const words = data.models.map((one) => `${one.name} ${one.family} ${one.licence} ${one.strategy}`.toLowerCase());

  function rows(all) {
    const places = data.models.map((_, place) => place)
      .filter((place) => (state.beyond || !found.broken[place].length) && words[place].includes(state.text));
    return zooRule.sorted(places, all[state.column].key, state.descending);
  }

  function table(most = state.all ? Infinity : SHOWN) {
    const all = columns(), places = rows(all), seen = places.slice(0, most);
    const heads = all.map((one, column) => {
      const isSorted = column === state.column;
      const way = isSorted ? (state.descending ? "descending" : "ascending") : "none";
      const sort = () => {
        state.descending = isSorted && !state.descending;
        state.column = column;
        table();
        find("models").tHead.rows[0].cells[column].firstChild.focus();
      };
      const mark = make("span", { "aria-hidden": "true" }, isSorted ? (state.descending ? " ▼" : " ▲") : "");
      return make("th", { scope: "col", "aria-sort": way, class: one.number ? "right" : "left" },
        make("button", { type: "button", onclick: sort }, one.title, mark));
    });
    find("models").tHead.replaceChildren(make("tr", {}, ...heads));
    const cell = (place, one, column) => make(column === 1 ? "th" : "td",
      { class: one.number ? "right" : "left", scope: column === 1 && "row" }, one.take(place));
    find("models").tBodies[0].replaceChildren(...seen.map((place) => make("tr",
      { class: place === found.chosen && "chosen" }, ...all.map((one, column) => cell(place, one, column)))));
    const shares = `${count(seen.length)} of ${count(places.length)} rows`;
    find("counted").textContent = `${shares}, ${count(data.models.length)} models in all.`;
    find("more").hidden = places.length <= SHOWN;
    find("more").textContent = state.all ? `Show the first ${SHOWN}` : `Show all ${count(places.length)}`;
  }

  async function copy() {
    const all = columns(), places = rows(all);
    const cells = places.map((place) => all.map((one) => one.take(place)));
    const text = zooRule.pasted([all.map((one) => one.title), ...cells]);
    try {
      await navigator.clipboard.writeText(text);
      find("said").textContent = `Copied ${count(places.length)} rows.`;
    } catch {
      find("said").textContent = "The browser does not let this page copy; mark the table and copy it by hand.";
    }
  }

  // All together

  function later() {
    if (asked) return;
    asked = true;
    window.requestAnimationFrame(() => { asked = false; update(); });
  }

  // Many rows take long to lay out: while limits move there are the first of them, and then all.
  let resting = 0;

  function update() {
    const { objective, margins, bounds, licences } = state, limits = { bounds, licences };
    found = zooRule.decide(data, objective, limits, margins);
    taken({ objective, margins, limits });
    paint();
    table(SHOWN);
    window.clearTimeout(resting);
    if (state.all) resting = window.setTimeout(table, 200);
  }

  controls();
  points = zooChart.points(data, of[state.x], of[state.y]);
  update();
  redraw();
  dark.addEventListener("change", () => coloured(dark.matches));
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("details:not([open])").forEach((one) => {
      one.open = true;
      one.dataset.printed = "yes";
    });
    coloured(false);
  });
  window.addEventListener("afterprint", () => {
    document.querySelectorAll("details[data-printed]").forEach((one) => {
      one.open = false;
      delete one.dataset.printed;
    });
    coloured(dark.matches);
  });
})();
