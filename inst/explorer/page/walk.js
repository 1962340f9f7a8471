// Walks: decoded at once in steps of equal length, then played and blended.
const walkSteps = 64, walkLasts = 5000;
let playing = 0;
function along(line, steps) {
  const gone = [0];
  for (let i = 1; i < line.length; i++) gone.push(gone[i - 1] + Math.hypot(line[i][0] - line[i - 1][0], line[i][1] - line[i - 1][1]));
  const all = gone[gone.length - 1], places = [];
  for (let k = 0, i = 1; k < steps; k++) {
    const length = all * k / (steps - 1);
    while (i < gone.length - 1 && gone[i] < length) i++;
    const t = gone[i] > gone[i - 1] ? clamp((length - gone[i - 1]) / (gone[i] - gone[i - 1]), 0, 1) : 1;
    places.push([line[i - 1][0] + t * (line[i][0] - line[i - 1][0]), line[i - 1][1] + t * (line[i][1] - line[i - 1][1])]);
  }
  return places;
}
async function newWalk(line, stops) {
  const mine = walk = { line, stops, places: along(line, walkSteps), share: 0 };
  const codes = new Float32Array(walkSteps * d);
  walk.places.forEach(([x, y], k) => codes.set(codeAt(x, y), k * d));
  const bytes = await source.decode(codes);
  if (walk !== mine) return;
  walk.bytes = bytes;
  byId("walk").hidden = false;
  play();
}
function showWalk(share) {
  const place = share * (walkSteps - 1), k = Math.min(walkSteps - 2, Math.floor(place)), t = place - k, ink = new Uint8Array(size);
  for (let p = 0; p < size; p++) ink[p] = (1 - t) * walk.bytes[k * size + p] + t * walk.bytes[(k + 1) * size + p];
  walk.share = share;
  at = [0, 1].map((i) => (1 - t) * walk.places[k][i] + t * walk.places[k + 1][i]);
  near = -1; pointing = true; lastAsked = "";
  lastLook = { x: at[0], y: at[1], row: -1, decoded: ink, original: null };
  paint(byId("decoded"), ink);
  byId("walk-at").value = Math.round(1000 * share);
  byId("facts").textContent = `At ${at[0].toFixed(2)}, ${at[1].toFixed(2)}: ${Math.round(100 * share)} % of the walk`;
  later();
}
function play() {
  const mine = ++playing, from = walk.share < 1 ? walk.share : 0, began = performance.now();
  byId("walk-play").textContent = "Pause";
  (function frame(now) {
    if (mine !== playing || !walk) return;
    const share = clamp(from + (now - began) / walkLasts, 0, 1);
    showWalk(share);
    if (share < 1) requestAnimationFrame(frame); else pause();
  })(began);
}
function pause() { playing++; byId("walk-play").textContent = "Play"; }
function dropWalk() { pause(); walk = null; byId("walk").hidden = true; later(); }
byId("walk-play").addEventListener("click", () => { if (byId("walk-play").textContent === "Play") play(); else pause(); });
byId("walk-at").addEventListener("input", () => { pause(); showWalk(byId("walk-at").value / 1000); });
byId("walk-clear").addEventListener("click", dropWalk);
