"use strict";
// What is taken within limits that a reader sets. The page holds the order, the gaps and the order among ties, as
// zoo.choice found them: nothing is estimated here. No document is needed, so that tests run this file by itself.
const zooRule = (() => {
  const beyond = (quantity, value, bound) => (quantity.better === "lower" ? value > bound : value < bound);

  // Every limit that a model breaks, with by how much of the limit.
  function broken(data, model, limits) {
    const found = [];
    for (const quantity of data.quantities) {
      const bound = limits.bounds[quantity.name];
      if (bound === undefined) continue;
      const held = model.values[quantity.name];
      if (held === null) found.push({ name: quantity.name, excess: Infinity });
      else if (beyond(quantity, held.value, bound)) {
        found.push({ name: quantity.name, excess: Math.abs(held.value - bound) / bound });
      }
    }
    if (limits.licences.length && model.published && !model.permitted.some((one) => limits.licences.includes(one))) {
      found.push({ name: "licence", excess: Infinity });
    }
    return found;
  }

  // Limits that a model's value meets and its interval does not, or that it meets without an interval.
  function doubts(data, model, limits) {
    return data.quantities.filter((quantity) => {
      const bound = limits.bounds[quantity.name], held = model.values[quantity.name];
      if (bound === undefined || held === null) return false;
      const end = quantity.better === "lower" ? held.high : held.low;
      const isOpen = (held.low === null || held.high === null) && !held.stated;
      return isOpen || (end !== null && beyond(quantity, end, bound));
    }).map((quantity) => quantity.name);
  }

  // What is taken, and how each of the others stands to the best, by their places.
  function decide(data, objective, limits, margins) {
    const known = data.objectives[objective];
    const judged = data.models.map((model) => broken(data, model, limits));
    const within = judged.map((found) => found.length === 0);
    const ranked = known.order.filter((place) => within[place]);
    const isRanked = new Set(ranked);
    const found = {
      chosen: null, best: null, nearest: null, ranked,
      ties: [], unproven: [], untold: [], behind: [], gaps: new Map(),
      unranked: data.models.map((_, place) => place).filter((place) => within[place] && !isRanked.has(place)),
      broken: judged,
    };
    if (!ranked.length) {
      let least = Infinity;
      judged.forEach((limitsBroken, place) => {
        const excess = limitsBroken.reduce((sum, one) => sum + one.excess, 0);
        if (limitsBroken.length && excess < least) { least = excess; found.nearest = place; }
      });
      return found;
    }
    let best = ranked[0];
    const passed = new Set();
    for (;;) {
      found.gaps = new Map(known.gaps[best].map(([place, kind, value, text, settling]) =>
        [place, { kind, value, text, settling }]));
      passed.add(best);
      const ahead = ranked.find((place) => !passed.has(place) && (found.gaps.get(place) || {}).kind === "ahead");
      if (ahead === undefined) break;
      best = ahead;
    }
    const margin = { points: margins.points / 100, share: margins.share, none: 0 }[known.margin] + data.rounding;
    for (const place of ranked) {
      if (place !== best) found[standing(found.gaps.get(place), margin)].push(place);
    }
    const tied = new Set([best, ...found.ties]);
    found.best = best;
    found.chosen = known.ties.find((place) => tied.has(place));
    found.ties = [best, ...found.ties].filter((place) => place !== found.chosen);
    return found;
  }

  function standing(gap, margin) {
    if (!gap || gap.kind === "ahead") return "behind";
    if (gap.kind === "tied") return "ties";
    if (gap.kind === "open") return Math.abs(gap.value) <= margin ? "ties" : "unproven";
    return "untold";
  }

  // What decided among ties, in words.
  function decidedBy(data, objective, found) {
    const known = Object.fromEntries(data.quantities.map((one) => [one.name, one]));
    const rank = (place, name) => {
      const held = known[name] ? data.models[place].values[name] : null;
      return held === null ? Infinity : known[name].better === "lower" ? held.value : -held.value;
    };
    let rivals = found.ties, missing = "";
    for (const { by, words, what } of data.objectives[objective].breakers) {
      const mine = rank(found.chosen, by), left = rivals.filter((place) => rank(place, by) <= mine);
      if (!left.length) {
        const isAlone = what && rivals.every((place) => rank(place, by) === Infinity);
        return missing + (isAlone ? `the one with a measured ${what} was taken` : words);
      }
      if (mine === Infinity && what) missing += `no ${what} was measured; `;
      rivals = left;
    }
    return `${missing}the first by name was taken`;
  }

  // Places of points that no other is better than in both coordinates; "better" is of each coordinate.
  function frontier(points, betterX, betterY) {
    const x = (one) => (betterX === "lower" ? one.x : -one.x), y = (one) => (betterY === "lower" ? -one.y : one.y);
    const found = [];
    const order = points.map((_, place) => place)
      .sort((a, b) => x(points[a]) - x(points[b]) || y(points[b]) - y(points[a]) || a - b);
    for (const place of order) {
      const last = points[found[found.length - 1]], one = points[place];
      if (!found.length || y(one) > y(last) || (x(one) === x(last) && y(one) === y(last))) found.push(place);
    }
    return found;
  }

  // Places by a key, those that have none last whichever way is asked for.
  function sorted(places, key, descending) {
    const compare = (a, b) => (typeof a === "string" ? (a < b ? -1 : a > b ? 1 : 0) : a - b);
    return [...places].sort((a, b) => {
      const first = key(a), second = key(b);
      if (first === null || second === null) return (first === null) - (second === null) || a - b;
      return (descending ? compare(second, first) : compare(first, second)) || a - b;
    });
  }

  // Rows to paste into a spreadsheet, which shows them and computes none.
  function pasted(rows) {
    const cell = (text) => {
      const line = text.replace(/[\t\r\n]+/g, " ");
      return /^[=+\-@]/.test(line) && !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?%?$/.test(line) ? `'${line}` : line;
    };
    return rows.map((row) => row.map(cell).join("\t")).join("\n") + "\n";
  }

  return { beyond, broken, doubts, decide, decidedBy, frontier, sorted, pasted };
})();
