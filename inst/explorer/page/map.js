// Drawing the map: points, decoded drawings behind them, axes, and what lies over them.
let stale = { points: true }, waiting = false;
function moved() { stale.points = true; later(); settle(); }
function later() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    const began = performance.now();
    if (stale.points && painter) { stale.points = false; drawBack(); painter.draw(view, pointSize()); }
    drawOver();
    timings.frame.push(performance.now() - began);
  });
}
const wholeUnit = () => Math.min(width / (right - left), height / (top - bottom));
const pointSize = () => scale * clamp((encoded > 20000 ? 1.6 : encoded > 3000 ? 3 : 6) * clamp(width / scale / 800, 0.5, 1) * Math.sqrt(view.unit / wholeUnit()), 1.5, 9);
let chosenFor;
function choosePainter() {
  chosenFor = encoded;
  let least = Infinity, best = painters[0];
  for (const p of painters) {
    // The first frame compiles and uploads; a slow one says enough.
    let took = Infinity;
    for (let k = 0; k < 4 && (k < 2 || took < 60); k++) {
      const began = performance.now();
      p.draw(view, pointSize()); p.finish();
      took = Math.min(took, performance.now() - began);
    }
    timings[p.name] = took;
    if (took < least) { least = took; best = p; }
  }
  painter = best;
  for (const p of painters) p.canvas.hidden = p !== best;
}

// Decoded drawings behind the points: decoded anew for what is in view when it comes to rest.
let mosaic = null, mosaicView = null, resting = 0;
const decodeBack = latest(async () => {
  if (!byId("backdrop").checked) return;
  // Tiles have the shape of drawings.
  const pixel = 72 * scale / view.unit / Math.max(wide, high), across = pixel * wide, down = pixel * high, cols = [], lines = [];
  const x0 = Math.max(fromX(0), left - across), x1 = Math.min(fromX(width), right + across), y0 = Math.max(fromY(height), bottom - down), y1 = Math.min(fromY(0), top + down);
  for (let x = x0 + across / 2; x < x1 + across / 2; x += across) cols.push(x);
  for (let y = y1 - down / 2; y > y0 - down / 2; y -= down) lines.push(y);
  if (!cols.length || !lines.length) { mosaic = null; moved(); return; }
  const codes = new Float32Array(cols.length * lines.length * d);
  lines.forEach((y, r) => cols.forEach((x, c) => codes.set(codeAt(x, y), (r * cols.length + c) * d)));
  const bytes = await source.decode(codes), canvas = document.createElement("canvas"), ink = isDark() ? 255 : 0;
  canvas.width = cols.length * wide; canvas.height = lines.length * high;
  const image = new ImageData(canvas.width, canvas.height);
  for (let k = 0; k < cols.length * lines.length; k++) for (let p = 0; p < size; p++) {
    const to = 4 * ((Math.floor(k / cols.length) * high + Math.floor(p / wide)) * canvas.width + (k % cols.length) * wide + p % wide);
    image.data[to] = image.data[to + 1] = image.data[to + 2] = ink; image.data[to + 3] = bytes[k * size + p];
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  mosaic = canvas; mosaicView = { x: x0, y: y1, wide: cols.length * across, high: lines.length * down };
  stale.points = true; later();
});
function settle() {
  clearTimeout(resting);
  if (byId("backdrop").checked) resting = setTimeout(decodeBack, 150);
}
function drawBack() {
  const context = back.getContext("2d", { willReadFrequently: true });
  back.hidden = !(mosaic && byId("backdrop").checked);
  context.clearRect(0, 0, width, height);
  if (mosaic && byId("backdrop").checked) {
    context.drawImage(mosaic, toX(mosaicView.x), toY(mosaicView.y), mosaicView.wide * view.unit, mosaicView.high * view.unit);
  }
}
// Axes along the lower and the left edge: round numbers at least 70 pixels apart.
function drawAxes(context, ink) {
  const rough = 80 * scale / view.unit, power = 10 ** Math.floor(Math.log10(rough)), step = power * [1, 2, 5, 10].find((k) => k * power >= rough);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9)), text = (x) => (Math.abs(x) < step / 2 ? 0 : x).toFixed(digits);
  context.font = `${11 * scale}px system-ui, sans-serif`; context.fillStyle = ink; context.strokeStyle = ink; context.lineWidth = scale;
  context.beginPath();
  context.textAlign = "center"; context.textBaseline = "bottom";
  for (let x = Math.ceil(fromX(40 * scale) / step) * step; toX(x) < width - 20 * scale; x += step) {
    context.moveTo(toX(x), height); context.lineTo(toX(x), height - 5 * scale); context.fillText(text(x), toX(x), height - 6 * scale);
  }
  context.textAlign = "left"; context.textBaseline = "middle";
  for (let y = Math.ceil(fromY(height - 30 * scale) / step) * step; toY(y) > 24 * scale; y += step) {
    context.moveTo(0, toY(y)); context.lineTo(5 * scale, toY(y)); context.fillText(text(y), 8 * scale, toY(y));
  }
  context.stroke();
  context.textAlign = "right"; context.textBaseline = "bottom";
  context.fillText(`latent dimension ${axes[0] + 1} \u2192`, width - 8 * scale, height - 22 * scale);
  context.textAlign = "left"; context.textBaseline = "top";
  context.fillText(`\u2191 latent dimension ${axes[1] + 1}`, 8 * scale, 6 * scale);
}
function drawOver(forPicture) {
  const context = over.getContext("2d", { willReadFrequently: true }), style = getComputedStyle(document.documentElement), ink = style.getPropertyValue("--ink"), key = style.getPropertyValue("--key"), paper = style.getPropertyValue("--paper");
  context.clearRect(0, 0, width, height);
  drawAxes(context, style.getPropertyValue("--soft"));
  const ring = (x, y, radius, line, colour) => { context.lineWidth = line * scale; context.strokeStyle = colour; context.beginPath(); context.arc(toX(x), toY(y), radius * scale, 0, 7); context.stroke(); };
  if (pickedRows.length <= 40) for (const i of pickedRows) ring(xs[i], ys[i], 6, 1.5, ink);
  const halo = (draw) => { context.strokeStyle = paper; context.lineWidth = 4 * scale; draw(); context.strokeStyle = key; context.lineWidth = 2 * scale; draw(); };
  for (const line of [lasso, walk && walk.line]) if (line) halo(() => {
    context.beginPath(); line.forEach(([x, y]) => context.lineTo(toX(x), toY(y))); context.stroke();
  });
  if (walk) for (const [x, y] of walk.stops || []) ring(x, y, 4, 2, key);
  if (yours) {
    const px = toX(yours.code[axes[0]]), py = toY(yours.code[axes[1]]), r = 8 * scale;
    halo(() => { context.beginPath(); context.moveTo(px, py - r); context.lineTo(px + r, py); context.lineTo(px, py + r); context.lineTo(px - r, py); context.closePath(); context.stroke(); });
    context.font = `600 ${12 * scale}px system-ui, sans-serif`; context.textAlign = "left"; context.textBaseline = "middle";
    context.lineWidth = 3 * scale; context.strokeStyle = paper; context.fillStyle = key;
    context.strokeText("yours", px + r + 4 * scale, py); context.fillText("yours", px + r + 4 * scale, py);
  }
  if (forPicture) return;
  const px = toX(at[0]), py = toY(at[1]);
  halo(() => { context.beginPath(); context.moveTo(px - 9 * scale, py); context.lineTo(px + 9 * scale, py); context.moveTo(px, py - 9 * scale); context.lineTo(px, py + 9 * scale); context.stroke(); });
  if (near >= 0) ring(xs[near], ys[near], 7, onPoint() ? 3 : 1.5, ink);
  placeLens(px, py);
}
// Is the pointer on a drawing's point?
const onPoint = () => near >= 0 && Math.hypot(toX(xs[near]) - toX(at[0]), toY(ys[near]) - toY(at[1])) <= 7 * scale;

function paint(canvas, ink, also) {
  canvas.width = also ? 2 * wide : wide; canvas.height = high;
  const image = new ImageData(canvas.width, high);
  for (let p = 0; p < size; p++) for (const [k, bytes] of [[0, ink], [1, also]]) {
    if (k === 1 && !also) continue;
    const to = 4 * (Math.floor(p / wide) * canvas.width + k * wide + p % wide);
    image.data[to] = image.data[to + 1] = image.data[to + 2] = 255 - (bytes ? bytes[p] : 0); image.data[to + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}
