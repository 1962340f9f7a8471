// Looking: what is decoded at the pointer, the nearest drawing and its reconstruction.
let lastLook = null, lastAsked = "";
const look = latest(async (began) => {
  const [x, y] = at, row = near, wanted = row < 0 ? 1 : 2, codes = new Float32Array(wanted * d);
  codes.set(codeAt(x, y));
  if (row >= 0) codes.set(z.subarray(row * d, row * d + d), d);
  const [drawn, original] = await Promise.all([source.decode(codes), row < 0 ? null : source.thumbs([row])]);
  lastLook = { x, y, row, decoded: drawn.subarray(0, size), redrawn: row < 0 ? null : drawn.subarray(size), original };
  paint(byId("decoded"), lastLook.decoded); paint(byId("nearest"), original); paint(byId("redrawn"), lastLook.redrawn);
  // The lens shows it, and comes up where this is the first drawing.
  later();
  timings.decode.push(performance.now() - began);
});
function paintLens() {
  if (onPoint() && lastLook.row === near) paint(lens, lastLook.original, lastLook.redrawn); else paint(lens, lastLook.decoded);
}
let pointing = false;
function placeLens(px, py) {
  lens.hidden = !(pointing && lastLook) || lasso !== null;
  if (lens.hidden) return;
  // Anew each time: a map that zooms under the pointer moves a point to it, or away.
  paintLens();
  const w = 84 * lens.width / lens.height, x = px / scale, y = py / scale, gap = 18;
  const lx = x + gap + w < map.clientWidth ? x + gap : x - gap - w, ly = y - gap - 84 > 0 ? y - gap - 84 : y + gap;
  lens.style.transform = `translate(${Math.max(0, lx)}px, ${ly}px)`;
}
// Where a squared error stands among those of all drawings.
function among(error) {
  let low = 0, up = n;
  while (low < up) { const m = (low + up) >> 1; if (sortedError[m] < error) low = m + 1; else up = m; }
  return `above ${Math.floor(100 * low / n)} % of the drawings`;
}
function pointTo(x, y, began = performance.now()) {
  at = [x, y];
  near = shown.length ? nearest(x, y) : -1;
  const outside = x < left || x > right || y < bottom || y > top;
  const lines = [`${onPoint() ? "On" : "At"} ${x.toFixed(2)}, ${y.toFixed(2)}` + (outside ? meta.baked ? " (beyond the map: its edge is drawn)" : " (far from most drawings)" : "")];
  if (near >= 0) {
    lines.push(`Nearest: row ${number(near + 1)}` + (mse ? `, squared error ${mse[near].toFixed(1)} (${among(mse[near])})` : ""));
    if (cluster) lines.push(meta.groups.cluster[cluster[near]] === "noise" ? "In no cluster (noise)" : `Cluster ${meta.groups.cluster[cluster[near]]}`);
    if (label) lines.push(`Label: ${meta.groups.label[label[near]]}`);
  }
  byId("facts").textContent = lines.join("\n");
  // A map that moves along with the pointer changes nothing about the place that is pointed to.
  const asked = [...codeAt(x, y), near].join();
  if (asked !== lastAsked) { lastAsked = asked; look(began); }
  later();
}
