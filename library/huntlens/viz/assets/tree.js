(function () {
  "use strict";
  var STEP = 18, HEIGHTS = [13, 17, 22, 30], MAP = 70;
  function el(name, text, cls) {
    var e = document.createElement(name);
    if (text !== undefined) e.textContent = text;
    if (cls) e.className = cls;
    return e;
  }
  async function read(script) {
    if (script.type === "application/json") return JSON.parse(script.textContent);
    var bytes = Uint8Array.from(atob(script.textContent), function (c) { return c.charCodeAt(0); });
    return JSON.parse(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text());
  }
  function start(root) {
    root.setAttribute("data-on", "waiting");
    read(root.querySelector('script[type="application/json"],script[type="text/plain"]')).then(function (data) { show(root, data); });
  }
  function show(root, data) {
    var depth = data.depth, n = depth.length, levels = +root.getAttribute("data-huntlens-tree");
    var last = new Int32Array(n), stack = [], shut = new Uint8Array(n), hit = new Uint8Array(n), view = [], chosen = -1, words = "", from = 0, to = n, zoom = 2, ROW = HEIGHTS[zoom];
    // last[i]: the row after the last one below i; found from the end.
    for (var i = 0; i < n; i++) {
      while (stack.length && depth[stack[stack.length - 1]] >= depth[i]) last[stack.pop()] = i;
      stack.push(i);
    }
    while (stack.length) last[stack.pop()] = n;
    for (i = 0; i < n; i++) shut[i] = depth[i] >= levels - 1 && last[i] > i + 1 ? 1 : 0;
    if (data.time && data.time.steps) {
      var sum = 0;
      data.time = data.time.steps.map(function (step) { return step === null ? null : (sum += step); });
    }
    function get(name, row) {
      var column = data[name];
      if (!column) return "";
      if (Array.isArray(column)) return column[row];
      return column.codes[row] < 0 ? "" : column.values[column.codes[row]];
    }
    function time(row) {
      var t = data.time && data.time[row];
      return t === null || t === undefined ? "" : new Date(t).toISOString().replace("T", " ").replace(/\.?0*Z$/, "");
    }
    var several = data.host && data.host.values.length > 1;
    var rows = root.querySelector(".hl-rows"), bar = root.querySelector(".hl-bar");
    var search = el("input"), found = el("span", "", "hl-count"), openAll = el("button", "open all"), closeAll = el("button", "close all");
    var smaller = el("button", "\u2212"), larger = el("button", "+"), path = el("span", "", "hl-path"), body = el("div", undefined, "hl-body"), map = el("canvas", undefined, "hl-map"), picture = el("canvas");
    var space = el("div"), detail = el("dl", undefined, "hl-detail");
    smaller.title = "smaller rows"; larger.title = "larger rows"; map.title = "the whole of what is open; click or drag to go there";
    search.type = "search"; search.placeholder = "search"; search.setAttribute("aria-label", "search names, command lines and users");
    bar.append(el("span", undefined, "hl-space"), found, search, openAll, closeAll, smaller, larger);
    bar.children[1].after(path);
    detail.hidden = true; detail.style.margin = "0";
    rows.before(body); body.append(rows, map); body.after(detail);
    rows.textContent = ""; rows.tabIndex = 0; rows.append(space);
    space.style.position = "relative";
    function lay() {
      view = [];
      for (var i = from; i < to; ) { view.push(i); i = shut[i] ? last[i] : i + 1; }
      space.style.height = view.length * ROW + "px";
      rows.style.height = Math.min(view.length * ROW + 2, parseInt(rows.style.maxHeight, 10) || 440) + "px";
      root.style.setProperty("--row", ROW + "px");
      survey();
      draw();
    }
    // The map: a line of a pixel for the rows that come to lie there, as deep as they are, in the colour of their risk.
    function survey() {
      var h = rows.clientHeight || 440, ink = getComputedStyle(root), context, risks = ["", "low", "medium", "high"];
      map.hidden = view.length * ROW <= h + 4;
      if (map.hidden) return;
      picture.width = map.width = MAP; picture.height = map.height = h;
      context = picture.getContext("2d");
      var deepest = 1, seen = {};
      view.forEach(function (i) { deepest = Math.max(deepest, depth[i] - depth[from]); });
      view.forEach(function (i, v) {
        var y = Math.floor(v * h / view.length), x = Math.round((depth[i] - depth[from]) * (MAP - 16) / Math.max(deepest, 6)), risk = Math.max(0, risks.indexOf(get("risk", i))), level = hit[i] ? 4 : risk;
        var key = y * 1000 + x * 5 + level;
        if (seen[key]) return;
        seen[key] = 1;
        context.fillStyle = hit[i] ? ink.getPropertyValue("--hit") : risk ? ink.getPropertyValue("--risk" + risk) : ink.color;
        context.globalAlpha = level ? 1 : 0.45;
        context.fillRect(x, y, level ? 14 : 9, Math.max(1, Math.min(3, h / view.length - 1)));
      });
    }
    function where() {
      if (map.hidden) return;
      var context = map.getContext("2d"), h = map.height, all = view.length * ROW;
      context.clearRect(0, 0, MAP, h);
      context.drawImage(picture, 0, 0);
      context.strokeStyle = getComputedStyle(root).getPropertyValue("--frame"); context.lineWidth = 2;
      context.strokeRect(1, rows.scrollTop * h / all + 1, MAP - 2, Math.max(6, rows.clientHeight * h / all - 2));
    }
    function go(event) {
      if (event.buttons !== 1 && event.type !== "click") return;
      var box = map.getBoundingClientRect();
      rows.scrollTop = (event.clientY - box.top) / box.height * view.length * ROW - rows.clientHeight / 2;
    }
    function only(i) {
      from = i < 0 ? 0 : i; to = i < 0 ? n : last[i];
      if (i >= 0) shut[i] = 0;
      path.textContent = "";
      if (i >= 0) {
        var back = el("button", "all");
        back.onclick = function () { only(-1); if (chosen >= 0) bring(chosen); };
        path.append(back, el("span", " \u203a " + (get("name", i) || "(unknown)")));
      }
      rows.scrollTop = 0; lay();
    }
    function resize(step) {
      var at = rows.scrollTop / ROW;
      zoom = Math.max(0, Math.min(HEIGHTS.length - 1, zoom + step)); ROW = HEIGHTS[zoom];
      lay(); rows.scrollTop = at * ROW; draw();
    }
    function draw() {
      var first = Math.max(0, Math.floor(rows.scrollTop / ROW) - 5), end = Math.min(view.length, first + Math.ceil((rows.clientHeight || 440) / ROW) + 12);
      space.textContent = "";
      for (var v = first; v < end; v++) space.append(row(view[v], v));
      where();
    }
    function row(i, v) {
      var kids = last[i] - i - 1, e = el("div", undefined, "hl-row");
      e.style.top = v * ROW + "px";
      var risk = ["", "low", "medium", "high"].indexOf(get("risk", i));
      if (risk > 0) e.classList.add("risk" + risk);
      if (data.inferred && data.inferred[i]) e.classList.add("guess");
      if (hit[i]) e.classList.add("hit");
      if (i === chosen) e.classList.add("on");
      var step = el("span", undefined, "hl-step"); step.style.width = Math.min(depth[i] - depth[from], 40) * STEP + "px";
      var fold = el("span", kids ? (shut[i] ? "\u25b8" : "\u25be") : "", "hl-fold");
      fold.onclick = function (event) { event.stopPropagation(); toggle(i); };
      e.append(step, fold, el("b", get("name", i) || "(unknown)"));
      if (data.pid) e.append(el("span", get("pid", i), "hl-dim"));
      if (kids && shut[i]) e.append(el("span", "+" + kids.toLocaleString("en"), "hl-more"));
      if ((depth[i] === 0 || i === from) && several) e.append(el("span", get("host", i), "hl-dim"));
      if (data.time) e.append(el("span", time(i), "hl-dim"));
      if (data.user) e.append(el("span", get("user", i), "hl-dim"));
      e.append(el("code", get("command_line", i).replace(/\s+/g, " ")));
      e.onclick = function () { choose(i === chosen ? -1 : i); };
      e.ondblclick = function () { toggle(i); };
      return e;
    }
    function toggle(i) { if (last[i] > i + 1) { shut[i] = shut[i] ? 0 : 1; lay(); } }
    function choose(i) {
      chosen = i; detail.hidden = i < 0; detail.textContent = "";
      if (i >= 0) {
        var facts = [["process", get("name", i)], ["id", get("pid", i)], ["command line", get("command_line", i)], ["path", get("path", i)], ["user", get("user", i)], ["host", get("host", i)], ["logon", get("logon", i)], ["time (UTC)", time(i)], ["risk", get("risk", i)], ["below", (last[i] - i - 1).toLocaleString("en")], ["", data.inferred && data.inferred[i] ? "not in the log itself: known from what it started" : ""]];
        facts.forEach(function (f) { if (f[1] !== "" && f[1] !== undefined) detail.append(el("dt", f[0]), el("dd", String(f[1]))); });
        if (last[i] > i + 1 && i !== from) {
          var alone = el("button", "show only this and what is below");
          alone.onclick = function () { only(i); };
          detail.append(el("dt", ""), alone);
        }
      }
      draw();
    }
    function bring(i) {
      if (i < from || i >= to) only(-1);
      for (var j = i - 1, d = depth[i]; j >= 0 && d > 0; j--) if (depth[j] < d) { shut[j] = 0; d = depth[j]; }
      lay();
      var at = view.indexOf(i) * ROW;
      if (at < rows.scrollTop || at > rows.scrollTop + rows.clientHeight - ROW) rows.scrollTop = Math.max(0, at - 60);
      draw();
    }
    function look() {
      words = search.value.toLowerCase(); hit.fill(0);
      if (!words) { found.textContent = ""; lay(); return; }
      var cache = {}, names = ["name", "command_line", "user", "path", "pid"], count = 0, first = -1;
      names.forEach(function (name) { if (data[name]) cache[name] = data[name].values.map(function (x) { return x.toLowerCase().indexOf(words) >= 0; }); });
      for (var i = n - 1; i >= 0; i--) {
        hit[i] = names.some(function (name) { return cache[name] && data[name].codes[i] >= 0 && cache[name][data[name].codes[i]]; }) ? 1 : 0;
        if (hit[i]) { count++; first = i; }
      }
      found.textContent = count.toLocaleString("en") + " found";
      // Open what leads to a hit, close the rest.
      var inside = new Uint32Array(n + 1);
      for (i = 0; i < n; i++) inside[i + 1] = inside[i] + hit[i];
      for (i = 0; i < n; i++) if (last[i] > i + 1) shut[i] = inside[last[i]] - inside[i + 1] > 0 ? 0 : 1;
      lay();
      if (first >= 0) bring(first);
    }
    search.oninput = look;
    search.onkeydown = function (e) {
      e.stopPropagation();
      if (e.key !== "Enter" || !words) return;
      for (var k = 1; k <= n; k++) { var i = (chosen + k + n) % n; if (hit[i]) { choose(i); bring(i); return; } }
    };
    rows.onkeydown = function (e) {
      var at = view.indexOf(chosen), moves = { ArrowDown: 1, ArrowUp: -1 };
      if (moves[e.key]) { var next = view[Math.max(0, Math.min(view.length - 1, at + moves[e.key]))]; choose(next); bring(next); }
      else if (e.key === "ArrowRight" && chosen >= 0 && shut[chosen]) toggle(chosen);
      else if (e.key === "ArrowLeft" && chosen >= 0 && !shut[chosen]) toggle(chosen);
      else return;
      e.preventDefault(); e.stopPropagation();
    };
    openAll.onclick = function () { shut.fill(0); lay(); };
    closeAll.onclick = function () { for (var i = 0; i < n; i++) shut[i] = last[i] > i + 1 ? 1 : 0; lay(); };
    smaller.onclick = function () { resize(-1); };
    larger.onclick = function () { resize(1); };
    rows.addEventListener("wheel", function (e) { if (e.ctrlKey) { e.preventDefault(); resize(e.deltaY < 0 ? 1 : -1); } }, { passive: false });
    map.onclick = map.onmousemove = go;
    rows.onscroll = draw;
    root.setAttribute("data-on", "drawn");
    lay();
  }
  function scan() { document.querySelectorAll("[data-huntlens-tree]:not([data-on])").forEach(start); }
  // While a page is being read, what a timer finds may be half there. An output may be put into a page that has been
  // read after its scripts have run.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", scan);
  else { scan(); setTimeout(scan, 50); setTimeout(scan, 500); }
})();
