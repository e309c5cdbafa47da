(function () {
  "use strict";
  var PAGE = 50;
  function el(name, text, cls) {
    var e = document.createElement(name);
    if (text !== undefined) e.textContent = text;
    if (cls) e.className = cls;
    return e;
  }
  function copy(text, button) {
    var old = button.textContent;
    function done(word) { button.textContent = word; setTimeout(function () { button.textContent = old; }, 1200); }
    if (!navigator.clipboard) { done("not allowed here"); return; }
    navigator.clipboard.writeText(text).then(function () { done("copied"); }, function () { done("not allowed here"); });
  }
  // A spreadsheet runs a text that begins like a formula; numbers stay as they are.
  function field(value, numeric) {
    var s = value === null ? "" : value;
    if (!numeric && /^[=+\-@\t]/.test(s)) s = "'" + s;
    return /["\t\n\r]/.test(s) ? '"' + s.replace(/"/g, '""') + '"' : s;
  }
  function pretty(value, kind) {
    if (value === null) return "(no value)";
    if (value === "") return "(empty text)";
    if (kind !== "dynamic" && !/^\s*[\[{]/.test(value)) return value;
    try { return JSON.stringify(JSON.parse(value), null, 2); } catch (e) { return value; }
  }
  function start(root) {
    root.setAttribute("data-on", "");
    var data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
    var numeric = data.types.map(function (t) { return /^(int|long|real|decimal)$/.test(t); });
    var all = data.rows, view = all, page = 0, sorted = -1, up = true, chosen = null;
    var table = root.querySelector("table"), body = table.tBodies[0], heads = table.tHead.rows[0].cells;
    var bar = root.querySelector(".hl-bar"), scroll = root.querySelector(".hl-scroll");
    var search = el("input"), back = el("button", "\u2039"), next = el("button", "\u203a"), where = el("span", "", "hl-count");
    var copyAll = el("button", "copy"), detail = el("div", undefined, "hl-detail");
    search.type = "search"; search.placeholder = "search"; search.setAttribute("aria-label", "search in all columns");
    back.title = "earlier rows"; next.title = "later rows"; copyAll.title = "copy the rows that match, for a spreadsheet";
    detail.hidden = true;
    bar.append(el("span", undefined, "hl-space"), search, back, where, next, copyAll);
    scroll.after(detail);
    function draw() {
      body.textContent = "";
      view.slice(page * PAGE, page * PAGE + PAGE).forEach(function (row) {
        var tr = el("tr");
        row.forEach(function (value, i) {
          var td = el("td", value === null ? "" : value.length > 300 ? value.slice(0, 300) + "\u2026" : value, numeric[i] ? "n" : "");
          td.onclick = function () { open(td, value, i); };
          tr.append(td);
        });
        body.append(tr);
      });
      var last = Math.min(view.length, page * PAGE + PAGE);
      where.textContent = (view.length ? page * PAGE + 1 : 0) + "\u2013" + last + " of " + view.length.toLocaleString("en");
      back.disabled = page === 0; next.disabled = last >= view.length;
      var small = all.length <= 10;
      [search, copyAll].forEach(function (e) { e.hidden = all.length < 2; });
      [back, where, next].forEach(function (e) { e.hidden = small || (all.length <= PAGE && view === all); });
    }
    function open(td, value, i) {
      if (chosen) chosen.classList.remove("on");
      if (chosen === td) { chosen = null; detail.hidden = true; return; }
      chosen = td; td.classList.add("on");
      detail.hidden = false; detail.textContent = "";
      var button = el("button", "copy");
      button.onclick = function () { copy(value === null ? "" : value, button); };
      detail.append(el("b", data.columns[i]), el("span", data.types[i] + " ", "hl-count"), button, el("pre", pretty(value, data.types[i])));
    }
    function compare(a, b) {
      var x = a[sorted], y = b[sorted];
      if (x === null || y === null) return (x === null) - (y === null);
      var order = numeric[sorted] ? x - y : x < y ? -1 : x > y ? 1 : 0;
      return up ? order : -order;
    }
    function refresh() {
      var word = search.value.toLowerCase();
      view = word ? all.filter(function (row) { return row.some(function (x) { return x !== null && x.toLowerCase().indexOf(word) >= 0; }); }) : all;
      if (sorted >= 0) view = view.slice().sort(compare);
      page = 0; chosen = null; detail.hidden = true; draw();
    }
    Array.from(heads).forEach(function (th, i) {
      var mark = el("span", "");
      th.append(mark, el("small", data.types[i]));
      th.tabIndex = 0;
      function sort() {
        up = sorted === i ? !up : true; sorted = i;
        Array.from(heads).forEach(function (other) { other.removeAttribute("aria-sort"); other.querySelector("span").textContent = ""; });
        th.setAttribute("aria-sort", up ? "ascending" : "descending"); mark.textContent = up ? " \u25b2" : " \u25bc";
        refresh();
      }
      th.onclick = sort;
      th.onkeydown = function (e) { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); sort(); } };
    });
    search.oninput = refresh;
    search.onkeydown = function (e) { e.stopPropagation(); };
    back.onclick = function () { if (page > 0) { page--; draw(); } };
    next.onclick = function () { if ((page + 1) * PAGE < view.length) { page++; draw(); } };
    copyAll.onclick = function () {
      var lines = [data.columns.map(function (c) { return field(c, false); })].concat(view.map(function (r) { return r.map(function (x, i) { return field(x, numeric[i]); }); }));
      copy(lines.map(function (l) { return l.join("\t"); }).join("\n"), copyAll);
    };
    draw();
  }
  function scan() { document.querySelectorAll("[data-huntlens-table]:not([data-on])").forEach(start); }
  // While a page is being read, what a timer finds may be half there. An output may be put into a page that has been
  // read after its scripts have run.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", scan);
  else { scan(); setTimeout(scan, 50); setTimeout(scan, 500); }
})();
