// Times Microsoft's own KQL service; read by kql_language.py. Work comes as JSON on stdin, figures go to stdout.
"use strict";
require("@kusto/language-service-next/bridge.min.js");
require("@kusto/language-service-next/Kusto.Language.Bridge.min.js");
const { KustoCode, GlobalState } = Kusto.Language;
const { DatabaseSymbol, TableSymbol, ColumnSymbol, ScalarTypes } = Kusto.Language.Symbols;
const { KustoCodeService } = Kusto.Language.Editor;

function globalsOf(tables) {
  const symbols = Object.entries(tables).map(([name, columns]) => {
    const found = Object.entries(columns).map(([column, type]) => new ColumnSymbol(column, ScalarTypes.GetSymbol(type), null, null, null, null));
    return new TableSymbol.$ctor4(name, found);
  });
  return GlobalState.Default.WithDatabase(new DatabaseSymbol.ctor("db", symbols));
}

function milliseconds(work) {
  const before = process.cpuUsage();
  work();
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 1000;
}

function best(items, work, rounds) {
  for (const item of items) work(item); // warm up: everything is compiled once before it is measured
  const times = items.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    items.forEach((item, i) => (times[i] = Math.min(times[i], milliseconds(() => work(item)))));
  }
  return times;
}

const { tables, queries, growth, positions, rounds } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const globals = globalsOf(tables);
const parse = (text) => KustoCode.Parse(text);
const check = (text) => KustoCode.ParseAndAnalyze(text, globals).GetDiagnostics();
const complete = ([text, offset]) => new KustoCodeService.$ctor1(text, globals).GetCompletionItems(offset);
process.stdout.write(
  JSON.stringify({
    parse: best(queries, parse, rounds),
    check: best(queries, check, rounds),
    complete: best(positions, complete, rounds),
    growth: best(growth, check, rounds),
  }),
);
