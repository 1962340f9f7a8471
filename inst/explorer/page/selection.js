// Selected drawings and their gallery.
function select(rows) {
  const before = pickedRows.length;
  picked.fill(0);
  for (const i of rows) picked[i] = 1;
  pickedRows = Array.from(rows).sort((a, b) => a - b);
  byId("selected").textContent = pickedRows.length === 0 ? "Nothing selected" : `${number(pickedRows.length)} selected`;
  byId("save-rows").disabled = byId("clear").disabled = pickedRows.length === 0;
  if (source.selected) source.selected(pickedRows.map((i) => i + 1));
  gallery();
  if (before || pickedRows.length) recolour();
}
const galleryColumns = 8, galleryMost = 400;
const gallery = latest(async () => {
  const first = pickedRows.slice(0, galleryMost), canvas = byId("thumbs"), tile = document.createElement("canvas");
  const bytes = first.length ? await source.thumbs(first) : null;
  canvas.width = first.length ? galleryColumns * (wide + 2) : 0; canvas.height = Math.ceil(first.length / galleryColumns) * (high + 2);
  canvas.hidden = first.length === 0;
  canvas.setAttribute("aria-label", `The first ${first.length} of the selected drawings`);
  first.forEach((row, k) => {
    paint(tile, bytes.subarray(k * size, (k + 1) * size));
    canvas.getContext("2d").drawImage(tile, (k % galleryColumns) * (wide + 2) + 1, Math.floor(k / galleryColumns) * (high + 2) + 1);
  });
});
byId("thumbs").addEventListener("click", (event) => {
  const box = byId("thumbs").getBoundingClientRect();
  const k = Math.floor((event.clientY - box.top) / box.height * byId("thumbs").height / (high + 2)) * galleryColumns + Math.floor((event.clientX - box.left) / box.width * galleryColumns);
  if (k < pickedRows.length) goTo(xs[pickedRows[k]], ys[pickedRows[k]]);
});
function goTo(x, y) {
  if (toX(x) < 0 || toX(x) > width || toY(y) < 0 || toY(y) > height) { view.x = x; view.y = y; moved(); }
  pointTo(x, y);
}
function inside(line, x, y) {
  let odd = false;
  for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
    const [xi, yi] = line[i], [xj, yj] = line[j];
    if ((yi > y) !== (yj > y) && x < (xj - xi) * (y - yi) / (yj - yi) + xi) odd = !odd;
  }
  return odd;
}
function within(line) {
  const px = line.map((p) => p[0]), py = line.map((p) => p[1]), x0 = Math.min(...px), x1 = Math.max(...px), y0 = Math.min(...py), y1 = Math.max(...py), rows = [];
  for (const i of shown) if (xs[i] >= x0 && xs[i] <= x1 && ys[i] >= y0 && ys[i] <= y1 && inside(line, xs[i], ys[i])) rows.push(i);
  return rows;
}
