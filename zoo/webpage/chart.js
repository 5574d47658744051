"use strict";
// The points of the chart and its description, for the two numbers that a reader picks. No document is needed.
const zooChart = (() => {
  // Points from which they are drawn small.
  const MANY = 150;

  // The models that have both numbers, in the units in which they are shown, those without a colour first.
  function points(data, x, y) {
    const end = (held, name, factor) => (held[name] === null ? held.value : held[name]) * factor;
    const told = (quantity, held, strategy) => {
      const regime = quantity.name === "accuracy" && strategy ? ` (${strategy})` : "";
      return `${quantity.label} ${held.text} ${quantity.unit}${regime}`;
    };
    return data.models.map((model, place) => ({ model, place, a: model.values[x.name], b: model.values[y.name] }))
      .filter(({ a, b }) => a && b)
      .sort((first, second) => second.model.group - first.model.group)
      .map(({ model, place, a, b }) => ({
        place, model: model.name, family: model.family, group: data.groups[model.group].name,
        x: a.value * x.factor, x_low: end(a, "low", x.factor), x_high: end(a, "high", x.factor),
        y: b.value * y.factor, y_low: end(b, "low", y.factor), y_high: end(b, "high", y.factor),
        across: told(x, a, model.strategy), up: told(y, b, model.strategy),
      }));
  }

  // Vega-Lite's description with titles, scales and points filled in.
  function described(chart, rows, x, y) {
    const spec = JSON.parse(JSON.stringify(chart));
    for (const [channel, quantity] of [["x", x], ["y", y]]) {
      const way = channel === "x" ? { lower: "left", higher: "right" } : { lower: "down", higher: "up" };
      for (const layer of spec.layer.filter((one) => one.encoding[channel])) {
        layer.encoding[channel].title = `${quantity.label}, ${quantity.unit} (better: ${way[quantity.better]})`;
        Object.assign(layer.encoding[channel].scale, scale(rows, channel, quantity));
      }
    }
    for (const { mark, name } of spec.layer) {
      if (mark.type === "line") mark.interpolate = x.better === "lower" ? "step-after" : "step-before";
      if (rows.length > MANY && name === "models") mark.size = 26;
      if (rows.length > MANY && mark.type === "rule") mark.strokeWidth = 0.5;
    }
    spec.datasets = { points: rows, frontier: [], chosen: [] };
    return spec;
  }

  // The ends of an axis are stated, so that it stays where it is as limits move.
  function scale(rows, channel, quantity) {
    if (!rows.length) return { type: "linear", domain: [0, 1] };
    const least = Math.min(...rows.map((row) => row[`${channel}_low`]));
    const most = Math.max(...rows.map((row) => row[`${channel}_high`]));
    const type = !quantity.fraction && least > 0 && most > 3 * least ? "log" : "linear";
    const room = least < most ? 0 : (Math.abs(least) || 1) / 10;
    return { type, domain: [least - room, most + room], nice: false };
  }

  const colours = (isDark) => (isDark ? { ink: "#e6e8ea", grid: "#3a4046" } : { ink: "#222222", grid: "#dddddd" });

  return { points, described, colours };
})();
