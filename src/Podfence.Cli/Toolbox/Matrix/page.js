"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const el = id => document.getElementById(id);
  const { groups, cells } = data;
  const rows = data.rows.map(unpack);
  const form = el("form"), map = el("map"), canvas = el("canvas"), space = el("space"), tip = el("tip");
  const font = px => `${px}px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif`;
  const sizes = [[2, 2], [3, 3], [4, 4], [6, 6], [8, 8], [11, 11], [14, 14], [18, 18], [24, 24], [44, 26], [92, 30]];
  let from = [], to = [], size = 0, zoomed = false, port = null, at = null, chosen = null, colours = {}, head = { w: 0, h: 0 };

  function unpack(runs) {
    const row = [];
    for (let i = 0; i < runs.length; i += 2) for (let n = runs[i + 1]; n > 0; n--) row.push(runs[i]);
    return row;
  }

  // The level of a cell: 0 no connections, 1 closed, 2 some ports, 3 mixed, 4 all ports; with a port filter, whether that port is open.
  function level(cell) {
    if (!port || cell.o === 0) return cell.o;
    const has = set => set.some(r => (r[0] === port.protocol) && r[1] <= port.number && port.number <= r[2]);
    const every = cell.f.every(flow => has(flow.e));
    return every ? 4 : cell.f.some(flow => has(flow.s)) ? 3 : 1;
  }

  function weight(cell) {
    let ports = 0;
    for (const flow of cell.f) for (const r of flow.s) ports = Math.max(ports, r[2] - r[1] + 1 + ports);
    return Math.min(1, Math.log10(1 + ports) / 5);
  }

  function readColours() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["paper", "ink", "soft", "line", "closed", "few", "many", "open", "mixed", "nothing", "band", "on-few", "on-many", "on-open", "on-mixed", "on-closed", "cross", "focus"])
      colours[name] = style.getPropertyValue("--" + name).trim();
    const few = rgb(colours.few), many = rgb(colours.many);
    for (const cell of cells) {
      const w = weight(cell);
      cell.fill = `rgb(${few.map((v, i) => Math.round(v + (many[i] - v) * w)).join()})`;
      cell.on = w > .5 ? colours["on-many"] : colours["on-few"];
    }
  }

  const rgb = hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
  const words = text => text.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (name, all) => all.every(w => w[0] === "-" && w.length > 1 ? !name.includes(w.slice(1)) : name.includes(w));

  function filter() {
    const fields = new FormData(form);
    const text = (fields.get("port") || "").trim();
    const match = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/i.exec(text);
    port = match ? { number: +match[1], protocol: (match[2] || "TCP").toUpperCase() } : null;
    form.elements.port.setAttribute("aria-invalid", text !== "" && !match);
    const show = g => (g.k === "pods" || g.k === "new-pods" || fields.has("others")) && (g.k !== "pods" || fields.has("free") || g.i + g.e > 0);
    const pick = all => groups.map((_, i) => i).filter(i => show(groups[i]) && holds(groups[i].n.toLowerCase(), all));
    from = pick(words(fields.get("from")));
    to = pick(words(fields.get("to")));
    if (!fields.has("closed")) {
      const isOpen = (f, t) => level(cells[rows[f][t]]) > 1;
      from = from.filter(f => to.some(t => isOpen(f, t)));
      to = to.filter(t => from.some(f => isOpen(f, t)));
    }
    const counts = [0, 0, 0, 0, 0];
    for (const f of from) for (const t of to) counts[level(cells[rows[f][t]])]++;
    const pairs = counts[1] + counts[2] + counts[3] + counts[4];
    el("count").textContent = `${pairs} pairs: ` + (port ? `${counts[4]} open on ${port.number}/${port.protocol}, ` : `${counts[4]} all ports, ${counts[2]} some ports, `)
      + `${counts[1]} closed` + (counts[3] ? `, ${counts[3]} mixed` : "");
    at = null;
    if (!zoomed) size = fit();
    layout();
  }

  function fit() {
    const w = map.clientWidth - 260;
    if (from.length <= 40 && to.length * 92 <= w) return sizes.length - 1;
    let best = 2;
    // Cells with text are for matrices that can be read as a table.
    const most = from.length <= 40 ? sizes.length - 1 : sizes.length - 2;
    for (let i = best; i < most; i++) if (sizes[i][0] * to.length <= w) best = i;
    return best;
  }

  function layout() {
    const [cw, ch] = sizes[size], context = canvas.getContext("2d");
    context.font = font(12);
    const widest = list => list.reduce((most, i) => Math.max(most, context.measureText(groups[i].n).width), 60);
    head = { w: Math.ceil(Math.min(300, widest(from) + 26)), h: ch < 11 ? 120 : cw >= 60 ? 96 : Math.ceil(Math.min(230, widest(to) + 24)) };
    if (ch < 11) head.w = Math.min(head.w, 190);
    space.style.width = head.w + to.length * cw + 30 + "px";
    space.style.height = Math.max(0, head.h + from.length * ch + 30 - map.clientHeight) + "px";
    draw();
  }

  function blocks(list) {
    const found = [];
    list.forEach((g, i) => {
      const home = groups[g].s || "";
      const last = found[found.length - 1];
      if (last && last.home === home) last.n++; else found.push({ home, i, n: 1 });
    });
    return found;
  }

  function cut(context, text, width) {
    if (context.measureText(text).width <= width) return text;
    let n = Math.max(1, Math.floor(text.length * width / context.measureText(text).width));
    while (n > 1 && context.measureText(text.slice(0, n) + "…").width > width) n--;
    return text.slice(0, n) + "…";
  }

  function name(context, group, x, y, width, strong) {
    const home = group.s && group.n.startsWith(group.s + "/") ? group.s + "/" : "";
    const text = cut(context, group.n, width);
    const soft = text.startsWith(home) ? home : "";
    context.fillStyle = strong ? colours.ink : colours.soft;
    context.fillText(soft, x, y);
    context.fillStyle = colours.ink;
    context.fillText(text.slice(soft.length), x + context.measureText(soft).width, y);
  }

  function draw() {
    const ratio = window.devicePixelRatio || 1, width = map.clientWidth, height = map.clientHeight;
    canvas.width = width * ratio; canvas.height = height * ratio;
    canvas.style.width = width + "px"; canvas.style.height = height + "px";
    const c = canvas.getContext("2d"), [cw, ch] = sizes[size], sx = map.scrollLeft, sy = map.scrollTop;
    c.scale(ratio, ratio);
    c.fillStyle = colours.paper; c.fillRect(0, 0, width, height);
    const c0 = Math.max(0, Math.floor(sx / cw)), c1 = Math.min(to.length, Math.ceil((sx + width - head.w) / cw));
    const r0 = Math.max(0, Math.floor(sy / ch)), r1 = Math.min(from.length, Math.ceil((sy + height - head.h) / ch));
    const X = j => head.w + j * cw - sx, Y = i => head.h + i * ch - sy, gap = cw >= 8 ? 1 : 0;
    c.save(); c.beginPath(); c.rect(head.w, head.h, width, height); c.clip();
    c.textBaseline = "middle";
    for (let i = r0; i < r1; i++) for (let j = c0; j < c1; j++) drawCell(c, cells[rows[from[i]][to[j]]], X(j), Y(i), cw - gap, ch - gap);
    if (at) { c.fillStyle = colours.cross; c.fillRect(0, Y(at[0]), X(to.length), ch); c.fillRect(X(at[1]), 0, cw, Y(from.length)); }
    c.strokeStyle = colours.band; c.lineWidth = 1;
    const right = Math.min(width, X(to.length)), bottom = Math.min(height, Y(from.length));
    for (const b of blocks(from)) if (b.i) line(c, 0, Y(b.i) - .5, right, Y(b.i) - .5);
    for (const b of blocks(to)) if (b.i) line(c, X(b.i) - .5, 0, X(b.i) - .5, bottom);
    if (at) { c.strokeStyle = colours.focus; c.lineWidth = 2; c.strokeRect(X(at[1]) - .5, Y(at[0]) - .5, Math.max(cw, 4), Math.max(ch, 4)); }
    c.restore();
    c.fillStyle = colours.paper; c.fillRect(0, 0, width, head.h); c.fillRect(0, 0, head.w, height);
    drawRows(c, r0, r1, Y, ch, height);
    drawColumns(c, c0, c1, X, cw, ch, width);
    c.fillStyle = colours.paper; c.fillRect(0, 0, head.w, head.h);
    c.font = font(12); c.fillStyle = colours.soft; c.textAlign = "right"; c.textBaseline = "alphabetic";
    c.fillText("from ↓   to →", head.w - 10, head.h - 8);
    c.textAlign = "left";
    c.strokeStyle = colours.line; line(c, 0, head.h - .5, width, head.h - .5); line(c, head.w - .5, 0, head.w - .5, height);
  }

  function line(c, x1, y1, x2, y2) { c.beginPath(); c.moveTo(x1, y1); c.lineTo(x2, y2); c.stroke(); }

  function drawCell(c, cell, x, y, w, h) {
    const o = level(cell);
    c.fillStyle = [colours.nothing, colours.closed, cell.fill, colours.mixed, colours.open][o];
    c.fillRect(x, y, w, h);
    if (o === 3 && w >= 8 && w < 40) {
      c.save(); c.beginPath(); c.rect(x, y, w, h); c.clip(); c.strokeStyle = colours.closed; c.lineWidth = 1.5;
      for (let d = -h; d < w; d += 5) line(c, x + d, y + h, x + d + h, y);
      c.restore();
    }
    if (w >= 40 && o !== 0) {
      c.font = font(w >= 60 ? 12 : 10); c.textAlign = "center";
      c.fillStyle = [colours.soft, colours["on-closed"], cell.on, colours["on-mixed"], colours["on-open"]][o];
      c.fillText(cut(c, port ? ["", "–", "", "some", "open"][o] : cell.c, w - 6), x + w / 2, y + h / 2 + .5);
      c.textAlign = "left";
    }
  }

  function drawRows(c, r0, r1, Y, ch, height) {
    c.save(); c.beginPath(); c.rect(0, head.h, head.w, height); c.clip();
    c.textBaseline = "middle"; c.font = font(12);
    if (ch >= 11) for (let i = r0; i < r1; i++) {
      c.font = font(Math.min(12, ch));
      if (at && at[0] === i) { c.fillStyle = colours.cross; c.fillRect(0, Y(i), head.w, ch); }
      name(c, groups[from[i]], 10, Y(i) + ch / 2, head.w - 18, at && at[0] === i);
    } else for (const b of blocks(from)) {
      const top = Math.max(Y(b.i), head.h), bottom = Math.min(Y(b.i + b.n), height);
      if (b.i) { c.strokeStyle = colours.band; line(c, 0, Y(b.i) - .5, head.w, Y(b.i) - .5); }
      if (bottom - top >= 11) { c.font = font(11); c.fillStyle = colours.soft; c.fillText(cut(c, b.home || "elsewhere", head.w - 16), 10, (top + bottom) / 2); }
    }
    if (ch < 11 && at) badge(c, groups[from[at[0]]].n, 4, Y(at[0]) + ch / 2, head.w - 8);
    c.restore();
  }

  function drawColumns(c, c0, c1, X, cw, ch, width) {
    c.save(); c.beginPath(); c.rect(head.w, 0, width, head.h); c.clip();
    c.textBaseline = "middle"; c.font = font(12);
    if (cw >= 60) for (let j = c0; j < c1; j++) {
      if (at && at[1] === j) { c.fillStyle = colours.cross; c.fillRect(X(j), 0, cw, head.h); }
      wrap(c, groups[to[j]], X(j) + 4, cw - 8);
    } else if (ch >= 11) for (let j = c0; j < c1; j++) {
      if (at && at[1] === j) { c.fillStyle = colours.cross; c.fillRect(X(j), 0, cw, head.h); }
      c.font = font(Math.min(12, cw));
      c.save(); c.translate(X(j) + cw / 2, head.h - 8); c.rotate(-Math.PI / 2);
      name(c, groups[to[j]], 0, 0, head.h - 16, at && at[1] === j);
      c.restore();
    } else {
      for (const b of blocks(to)) {
        const left = Math.max(X(b.i), head.w), right = Math.min(X(b.i + b.n), width);
        if (b.i) { c.strokeStyle = colours.band; line(c, X(b.i) - .5, 0, X(b.i) - .5, head.h); }
        if (right - left < 11) continue;
        c.save(); c.translate((left + right) / 2, head.h - 8); c.rotate(-Math.PI / 2);
        c.font = font(11); c.fillStyle = colours.soft; c.fillText(cut(c, b.home || "elsewhere", head.h - 16), 0, 0); c.restore();
      }
      if (at) badge(c, groups[to[at[1]]].n, Math.max(head.w + 4, Math.min(X(at[1]), width - 240)), 14, 232);
    }
    c.restore();
  }

  function wrap(c, group, x, width) {
    const lines = [];
    for (const part of group.n.split(/(?<=[/ ,-])/)) {
      const last = lines.length - 1;
      if (last >= 0 && c.measureText(lines[last] + part).width <= width) lines[last] += part; else lines.push(part);
    }
    const shown = lines.length > 5 ? [...lines.slice(0, 4), "…"] : lines;
    c.fillStyle = colours.ink;
    shown.forEach((text, i) => c.fillText(cut(c, text, width), x, head.h - 12 - (shown.length - 1 - i) * 15));
  }

  function badge(c, text, x, y, width) {
    c.font = font(12);
    const shown = cut(c, text, width - 10);
    c.fillStyle = colours.ink; c.fillRect(x, y - 10, c.measureText(shown).width + 10, 20);
    c.fillStyle = colours.paper; c.fillText(shown, x + 5, y);
  }

  const sentence = (f, t) => `${groups[f].n} to ${groups[t].n}: ${cells[rows[f][t]].t || "no connections"}`;

  function describe(pair) {
    const box = el("cell");
    box.textContent = "";
    const add = (tag, text) => { const e = document.createElement(tag); e.textContent = text; box.append(e); };
    add("b", groups[pair[0]].n); box.append(" reaches "); add("b", groups[pair[1]].n); box.append(": ");
    box.append(cells[rows[pair[0]][pair[1]]].t || "no connections"); box.append(".");
  }

  function move(next, scroll) {
    at = next;
    if (at && scroll) {
      const [cw, ch] = sizes[size], x = at[1] * cw, y = at[0] * ch;
      map.scrollLeft = Math.min(Math.max(map.scrollLeft, x + cw + head.w - map.clientWidth + 20), x);
      map.scrollTop = Math.min(Math.max(map.scrollTop, y + ch + head.h - map.clientHeight + 20), y);
    }
    if (at) describe([from[at[0]], to[at[1]]]); else if (chosen) describe(chosen);
    draw();
  }

  function hit(event) {
    const box = map.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top, [cw, ch] = sizes[size];
    if (x < head.w || y < head.h || x > map.clientWidth || y > map.clientHeight) return null;
    const j = Math.floor((x - head.w + map.scrollLeft) / cw), i = Math.floor((y - head.h + map.scrollTop) / ch);
    return i < from.length && j < to.length ? [i, j] : null;
  }

  function about(number) {
    el("group").value = number;
    fill("in-table", groups.map((_, i) => [i, rows[i][number]]));
    fill("out-table", rows[number].map((cell, i) => [i, cell]));
  }

  function fill(id, pairs) {
    const same = new Map();
    for (const [group, number] of pairs) {
      const cell = cells[number];
      if (cell.o === 0) continue;
      if (!same.has(cell.t)) same.set(cell.t, { order: cell.o, names: [] });
      same.get(cell.t).names.push(groups[group].n);
    }
    const body = el(id).tBodies[0];
    body.textContent = "";
    for (const [ports, who] of [...same].sort((a, b) => b[1].order - a[1].order)) {
      const row = body.insertRow(), th = document.createElement("th");
      th.scope = "row"; th.textContent = ports; row.append(th);
      list(row.insertCell(), who.names);
    }
    if (!same.size) body.insertRow().insertCell().textContent = "nothing";
  }

  function list(cell, names) {
    const most = 12;
    cell.textContent = names.slice(0, most).join(", ");
    if (names.length > most) {
      const more = document.createElement("details"), summary = document.createElement("summary");
      summary.textContent = `and ${names.length - most} more`;
      more.append(summary, names.slice(most).join(", ")); cell.append(more);
    }
  }

  function choose() { if (at) { chosen = [from[at[0]], to[at[1]]]; about(chosen[1]); } }

  map.addEventListener("scroll", () => draw());
  map.addEventListener("mousemove", event => {
    const next = hit(event);
    if (String(next) !== String(at)) move(next, false);
    tip.hidden = !next;
    if (next) {
      tip.textContent = sentence(from[next[0]], to[next[1]]);
      tip.style.left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8) + "px";
      tip.style.top = Math.min(event.clientY + 18, window.innerHeight - tip.offsetHeight - 8) + "px";
    }
  });
  map.addEventListener("mouseleave", () => { tip.hidden = true; move(null, false); });
  map.addEventListener("click", event => { at = hit(event); choose(); draw(); });
  map.addEventListener("keydown", event => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (step && from.length && to.length) {
      event.preventDefault();
      const old = at || [0, -step[1]];
      move([Math.min(Math.max(old[0] + step[0], 0), from.length - 1), Math.min(Math.max(old[1] + step[1], 0), to.length - 1)], true);
    } else if (event.key === "Enter") choose();
  });
  form.addEventListener("input", filter);
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { zoomed = false; filter(); }));
  const zoom = step => { zoomed = true; size = Math.min(Math.max(size + step, 0), sizes.length - 1); layout(); };
  el("in").addEventListener("click", () => zoom(1));
  el("out").addEventListener("click", () => zoom(-1));
  window.addEventListener("resize", layout);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); draw(); });

  el("what").textContent = data.what;
  for (const note of data.notes) { const p = document.createElement("p"); p.className = "note"; p.textContent = "Note: " + note; el("notes").append(p); }
  groups.forEach((group, i) => el("group").append(new Option(group.p > 1 ? `${group.n} (${group.p} pods)` : group.n, i)));
  el("group").addEventListener("change", event => about(+event.target.value));
  readColours();
  filter();
  about(0);
})();
