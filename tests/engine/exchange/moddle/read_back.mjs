// Reads DMN models with dmn-moddle and writes them again: a JSON list of texts in, one of {xml, warnings, policies} out.

import { DmnModdle } from 'dmn-moddle';

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);

const moddle = new DmnModdle();
const found = [];
for (const text of JSON.parse(Buffer.concat(chunks).toString('utf-8'))) {
  const { rootElement, warnings } = await moddle.fromXML(text, 'dmn:Definitions');
  const { xml } = await moddle.toXML(rootElement, { format: true });
  const grids = rootElement.drgElement.filter((each) => each.$type === 'dmn:Decision').map((each) => each.decisionLogic);
  found.push({
    xml,
    warnings: warnings.map((each) => each.message),
    tables: grids.map((grid) => ({
      type: grid.$type,
      hit: [grid.hitPolicy, grid.aggregation].filter(Boolean).join(' '),
      inputs: grid.input.map((each) => each.inputExpression.text),
      outputs: grid.output.map((each) => each.name),
      rows: grid.rule.map((each) => [...each.inputEntry, ...each.outputEntry].map((entry) => entry.text)),
    })),
  });
}
process.stdout.write(JSON.stringify(found));
