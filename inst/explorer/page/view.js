// The view: the middle of the map and how many pixels a unit has.
const toX = (x) => (x - view.x) * view.unit + width / 2, toY = (y) => height / 2 - (y - view.y) * view.unit;
const fromX = (px) => (px - width / 2) / view.unit + view.x, fromY = (py) => (height / 2 - py) / view.unit + view.y;
// The map opens on where most points lie: the limits, by the rule of R/map_limits.R.
function bulkView() {
  view = { x: (left + right) / 2, y: (bottom + top) / 2, unit: 0.94 * wholeUnit() };
}
// And shows all, the farthest too, on request.
function wholeView() {
  const [x0, x1, y0, y1] = ends;
  view = { x: (x0 + x1) / 2, y: (y0 + y1) / 2, unit: 0.94 * Math.min(width / (x1 - x0), height / (y1 - y0)) };
}
function zoom(factor, px, py) {
  source.busy();
  const x = fromX(px), y = fromY(py), whole = wholeUnit();
  view.unit = clamp(view.unit * factor, Math.min(whole, height / (ends[3] - ends[2]), width / (ends[1] - ends[0])) / 20, whole * 5000);
  view.x += x - fromX(px); view.y += y - fromY(py);
  moved();
}
function resize() {
  const box = map.getBoundingClientRect(), before = width;
  scale = Math.min(devicePixelRatio || 1, 2);
  width = Math.max(1, Math.round(map.clientWidth * scale)); height = Math.max(1, Math.round(map.clientHeight * scale));
  for (const canvas of [back, over, byId("gl"), byId("raster")]) { canvas.width = width; canvas.height = height; }
  if (!view) bulkView(); else if (before) view.unit *= width / before;
  moved();
}
function useAxes() {
  xs = new Float32Array(n); ys = new Float32Array(n);
  for (let i = 0; i < n; i++) { xs[i] = z[i * d + axes[0]]; ys[i] = z[i * d + axes[1]]; }
  [left, right] = meta.limits.slice(2 * axes[0], 2 * axes[0] + 2); [bottom, top] = meta.limits.slice(2 * axes[1], 2 * axes[1] + 2);
  let outside = 0;
  ends = [left, right, bottom, top];
  for (let i = 0; i < n; i++) if (there[i] && !(xs[i] >= left && xs[i] <= right && ys[i] >= bottom && ys[i] <= top)) {
    outside++;
    ends = [Math.min(ends[0], xs[i]), Math.max(ends[1], xs[i]), Math.min(ends[2], ys[i]), Math.max(ends[3], ys[i])];
  }
  byId("outside").textContent = outside === 0 ? "" : `${number(outside)} ${outside === 1 ? "point lies" : "points lie"} outside: Whole map shows all.`;
  byId("bulk").hidden = outside === 0;
  for (const p of painters) p.places(xs, ys);
}
const codeAt = (x, y) => { const code = middle.slice(); code[axes[0]] = x; code[axes[1]] = y; return code; };
