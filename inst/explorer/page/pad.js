// The drawing pad: strokes as Quick, Draw! makes its bitmaps of them.
const pad = byId("pad"), strokes = [];
// The drawing's box scaled to 255 of 304 units and centred, round lines 16 units wide.
function inkOf() {
  const all = strokes.flat(), px = all.map((p) => p[0]), py = all.map((p) => p[1]), fine = 8, canvas = document.createElement("canvas");
  const x0 = Math.min(...px), y0 = Math.min(...py), w = Math.max(...px) - x0, h = Math.max(...py) - y0, unit = Math.min(wide, high) * fine / 304, by = 255 / Math.max(w, h, 1e-9) * unit;
  canvas.width = wide * fine; canvas.height = high * fine;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.translate(canvas.width / 2, canvas.height / 2);
  context.lineWidth = 16 * unit; context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    context.beginPath();
    stroke.forEach(([x, y]) => context.lineTo((x - x0 - w / 2) * by, (y - y0 - h / 2) * by));
    if (stroke.length === 1) context.lineTo((stroke[0][0] - x0 - w / 2) * by, (stroke[0][1] - y0 - h / 2) * by + 1e-3);
    context.stroke();
  }
  const alpha = context.getImageData(0, 0, canvas.width, canvas.height).data, ink = new Uint8Array(size);
  for (let p = 0; p < size; p++) {
    let sum = 0;
    for (let r = 0; r < fine; r++) for (let c = 0; c < fine; c++) sum += alpha[4 * ((Math.floor(p / wide) * fine + r) * canvas.width + p % wide * fine + c) + 3];
    ink[p] = Math.round(sum / fine / fine);
  }
  return ink;
}
function drawPad() {
  const context = pad.getContext("2d");
  context.clearRect(0, 0, pad.width, pad.height);
  context.lineWidth = 12; context.lineCap = context.lineJoin = "round"; context.strokeStyle = "#222";
  for (const stroke of strokes) {
    context.beginPath(); stroke.forEach(([x, y]) => context.lineTo(x, y));
    if (stroke.length === 1) context.lineTo(stroke[0][0], stroke[0][1] + 0.01);
    context.stroke();
  }
  byId("pad-undo").disabled = byId("pad-clear").disabled = strokes.length === 0;
}
const judge = latest(async () => {
  if (strokes.length === 0) { yours = null; byId("pad-result").hidden = true; byId("pad-go").disabled = true; later(); return; }
  const ink = inkOf(), count = strokes.length, { code, error, redrawn } = await source.place(ink);
  yours = { ink, code, error, strokes: count };
  // Nearest in all dimensions, among all drawings.
  let best = 0, least = Infinity;
  for (let i = 0; i < n; i++) {
    let far = 0;
    for (let k = 0; k < d; k++) far += (z[i * d + k] - code[k]) ** 2;
    if (far < least) { least = far; best = i; }
  }
  const thumb = await source.thumbs([best]);
  const lines = [`Lands at ${Array.from(code, (x) => x.toFixed(2)).join(", ")}` + (meta.baked ? " (the place whose decoded drawing is most like it)" : "")];
  lines.push(`Squared error ${error.toFixed(1)}` + (mse ? `, ${among(error)}` : "") + (meta.cutoff !== null ? error > meta.cutoff ? ", an anomaly" : ", no anomaly" : ""));
  lines.push(`Nearest: row ${number(best + 1)}` + (cluster ? meta.groups.cluster[cluster[best]] === "noise" ? ", in no cluster" : `, cluster ${meta.groups.cluster[cluster[best]]}` : "") + (label ? `, label ${meta.groups.label[label[best]]}` : ""));
  byId("pad-facts").textContent = lines.join("\n");
  paint(byId("pad-seen"), ink); paint(byId("pad-redrawn"), redrawn); paint(byId("pad-near"), thumb);
  byId("pad-result").hidden = false; byId("pad-go").disabled = false;
  later();
});
const padPlace = (event) => { const box = pad.getBoundingClientRect(); return [(event.clientX - box.left) / box.width * pad.width, (event.clientY - box.top) / box.height * pad.height]; };
let stroke = null;
pad.addEventListener("pointerdown", (event) => { pad.setPointerCapture(event.pointerId); stroke = [padPlace(event)]; strokes.push(stroke); drawPad(); });
pad.addEventListener("pointermove", (event) => {
  if (!stroke) return;
  for (const one of event.getCoalescedEvents ? event.getCoalescedEvents() : [event]) stroke.push(padPlace(one));
  drawPad();
});
for (const name of ["pointerup", "pointercancel"]) pad.addEventListener(name, () => { if (stroke) { stroke = null; judge(); } });
byId("pad-undo").addEventListener("click", () => { strokes.pop(); drawPad(); judge(); });
byId("pad-clear").addEventListener("click", () => { strokes.length = 0; drawPad(); judge(); });
byId("pad-go").addEventListener("click", () => {
  for (let k = 0; k < d; k++) middle[k] = yours.code[k];
  showSliders();
  goTo(yours.code[axes[0]], yours.code[axes[1]]);
  map.scrollIntoView({ block: "nearest" });
});
