"use strict";
// What is said of a choice that zooRule found: plain text, for the page to show. No document is needed.
const zooWords = (() => {
  // Models that a sentence names.
  const NAMED = 3;
  const STANDS = [["ties", "tied"], ["unproven", "unproven"], ["untold", "not told apart"], ["behind", "behind"]];
  const count = (number) => number.toLocaleString("en");
  const labels = (data) => Object.fromEntries(data.quantities.map((one) => [one.name, one.label]));

  function by(found, place) {
    const gap = found.gaps.get(place);
    return gap && gap.text ? ` by ${gap.text}` : "";
  }

  function each(data, found, places, after = () => "") {
    const more = places.length - NAMED;
    const named = places.slice(0, NAMED).map((place) => data.models[place].name + by(found, place) + after(place));
    return named.join(", ") + (more > 0 ? ` and ${count(more)} more` : "");
  }

  function tied(data, asked, found) {
    const kind = data.objectives[asked.objective].margin, { points, share } = asked.margins;
    if (kind === "none" || [...found.gaps.values()].some((gap) => gap.kind === "tied")) return "Equal";
    return kind === "points" ? `Tied within ${points} point${points === 1 ? "" : "s"}`
      : `Tied within ${Number((100 * share).toPrecision(6))}%`;
  }

  // The limits that a model breaks.
  function why(data, found, place) {
    return found.broken[place].map((one) => labels(data)[one.name] || one.name).join(", ");
  }

  // What is taken: before, the model with its numbers, and after it.
  function headline(data, asked, found) {
    const label = labels(data)[asked.objective];
    if (found.chosen === null) {
      return ["", found.unranked.length ? `No ${label} is known within these limits.` : "Nothing qualifies.", ""];
    }
    const { below, described } = data.models[found.chosen];
    const place = `${found.chosen === found.best ? "best" : "tied with the best"} by ${label}`;
    const among = `among ${count(found.ranked.length)} within the limits`;
    return below ? ["Not recommended: ", described, ` is ${place} ${among}, but below ${below}.`]
      : ["Take ", described, ` — ${place} ${among}.`];
  }

  // What would be taken without each limit, where that is another model.
  function prices(data, asked, found) {
    const { bounds, licences } = asked.limits, said = [];
    const without = (label, limits) => {
      const other = zooRule.decide(data, asked.objective, limits, asked.margins).chosen;
      if (other === null || other === found.chosen) return;
      const text = (place) => data.models[place].values[asked.objective].text;
      const instead = found.chosen === null ? " would qualify"
        : `, ${labels(data)[asked.objective]} ${text(other)} in place of ${text(found.chosen)}`;
      said.push(`Without the limit on ${label}: ${data.models[other].name}${instead}.`);
    };
    for (const { name, label } of data.quantities) {
      const { [name]: bound, ...left } = bounds;
      if (bound !== undefined) without(label, { bounds: left, licences });
    }
    if (licences.length) without("licences", { bounds, licences: [] });
    return said;
  }

  // How the others stand to it, what is not certain and what limits cost, a sentence each.
  function reasons(data, asked, found) {
    if (found.chosen === null) {
      const missed = found.nearest === null ? []
        : [`Nearest miss: ${data.models[found.nearest].name}, beyond ${why(data, found, found.nearest)}.`];
      return [...missed, ...prices(data, asked, found)];
    }
    const model = data.models[found.chosen], isBest = found.chosen === found.best, said = [...model.mind];
    const others = found.ties.filter((place) => place !== found.best), how = by(found, found.chosen);
    const decided = found.ties.length ? `; ${zooRule.decidedBy(data, asked.objective, found)}` : "";
    const better = isBest ? "Better" : "The best is better";
    if (!isBest) {
      const best = data.models[found.best].name;
      said.push(`${tied(data, asked, found)} with the best, ${best}${how && `, which is better${how}`}${decided}.`);
      if (others.length) said.push(`Tied with the best as well: ${each(data, found, others)}.`);
    } else if (others.length) said.push(`${tied(data, asked, found)}: ${each(data, found, others)}${decided}.`);
    const would = (place) => ` (${data.objectives[asked.objective].settling[found.gaps.get(place).settling]})`;
    if (found.unproven.length) {
      said.push(`${better}, but unproven, than ${each(data, found, found.unproven, would)}.`);
    }
    if (found.untold.length) {
      said.push(`Not told apart (no interval): ${each(data, { gaps: new Map() }, found.untold)}.`);
    }
    for (const name of zooRule.doubts(data, model, asked.limits)) {
      const doubt = model.values[name].low === null ? "has no interval" : "may by its interval be beyond the limit";
      said.push(`Not certain: ${labels(data)[name]} ${doubt}.`);
    }
    return [...said, ...prices(data, asked, found)];
  }

  // How each model stands, in a word or two.
  function standings(data, found) {
    const out = (place) => (found.broken[place].length ? `beyond ${why(data, found, place)}` : "not ranked");
    const said = data.models.map((_, place) => out(place));
    for (const [key, word] of STANDS) found[key].forEach((place) => { said[place] = word; });
    if (found.best !== null) said[found.best] = "best";
    if (found.chosen !== null) said[found.chosen] = "taken";
    return said;
  }

  return { count, headline, reasons, standings };
})();
