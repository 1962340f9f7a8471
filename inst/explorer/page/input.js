// Pointer, wheel and keys on the map.
const place = (event) => {
  const box = over.getBoundingClientRect();
  return [(event.clientX - box.left) * width / box.width, (event.clientY - box.top) * height / box.height];
};
const down = new Map();
over.addEventListener("pointerdown", (event) => {
  over.setPointerCapture(event.pointerId);
  const [px, py] = place(event);
  down.set(event.pointerId, [px, py]);
  pause();
  if (down.size > 1) lasso = null;
  else if (mode === "lasso" || event.shiftKey) lasso = Object.assign([[fromX(px), fromY(py)]], { adds: event.shiftKey });
  else if (mode === "walk") walk = { line: [[fromX(px), fromY(py)]], drawing: true, share: 0 };
  pointing = true;
  pointTo(fromX(px), fromY(py));
});
over.addEventListener("pointermove", (event) => {
  const [px, py] = place(event), before = down.get(event.pointerId);
  pointing = true;
  if (before && down.size === 2) {
    const other = [...down].find(([id]) => id !== event.pointerId)[1];
    const was = Math.hypot(before[0] - other[0], before[1] - other[1]), is = Math.hypot(px - other[0], py - other[1]);
    if (was > 0 && is > 0) zoom(is / was, (px + other[0]) / 2, (py + other[1]) / 2);
  } else if (before && lasso) lasso.push([fromX(px), fromY(py)]);
  else if (before && walk && walk.drawing) walk.line.push([fromX(px), fromY(py)]);
  else if (before) {
    source.busy();
    view.x -= (px - before[0]) / view.unit; view.y += (py - before[1]) / view.unit;
    down.set(event.pointerId, [px, py]);
    moved();
    return;
  }
  if (before) down.set(event.pointerId, [px, py]);
  else if (byId("walk-play").textContent === "Pause") return; // a walk that plays is not disturbed by looking at it
  pointTo(fromX(px), fromY(py), event.timeStamp);
});
const up = (event) => {
  if (!down.delete(event.pointerId)) return;
  if (lasso) {
    const line = lasso, rows = line.length > 2 ? within(line) : [];
    lasso = null;
    select(line.adds ? new Set([...pickedRows, ...rows]) : rows);
    later();
  } else if (walk && walk.drawing) {
    if (walk.line.length > 2) newWalk(walk.line).catch(fail); else dropWalk();
  }
};
over.addEventListener("pointerup", up);
over.addEventListener("pointercancel", up);
over.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse" && down.size === 0) { pointing = false; later(); } });
over.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), ...place(event));
}, { passive: false });
const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
over.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key, step = (event.shiftKey ? 60 : 12) * scale / view.unit;
  pointing = true;
  if (arrows[key]) {
    pause();
    const [x, y] = [at[0] + step * arrows[key][0], at[1] + step * arrows[key][1]];
    // The map follows a pointer that leaves it.
    if (toX(x) < 0 || toX(x) > width) view.x = x;
    if (toY(y) < 0 || toY(y) > height) view.y = y;
    moved(); pointTo(x, y);
  } else if (key === "+" || key === "=") zoom(1.25, toX(at[0]), toY(at[1]));
  else if (key === "-") zoom(0.8, toX(at[0]), toY(at[1]));
  else if (key === "0") { wholeView(); moved(); }
  else if (key === "Enter") {
    if (near >= 0) { const rows = new Set(pickedRows); if (!rows.delete(near)) rows.add(near); select(rows); }
  } else if (key === "w" || key === "W") {
    const stops = [...(walk && walk.stops || []), at.slice()];
    if (stops.length > 1) newWalk(stops, stops).catch(fail); else { walk = { line: stops, stops, share: 0 }; later(); }
  } else if ((key === "p" || key === "P") && walk && walk.bytes) byId("walk-play").click();
  else if (key === "m" || key === "M") setMode("move");
  else if (key === "s" || key === "S") setMode("lasso");
  else if (key === "d" || key === "D") setMode("walk");
  else if (key === "Escape") { lasso = null; dropWalk(); select([]); }
  else return;
  event.preventDefault();
});
