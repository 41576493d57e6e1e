// Runs the command line of a program for Node once for each command, all in one process, since to start one takes a second.
//
// The program is the first word; standard input is a JSON list of commands, each a list of words. Prints a JSON list with
// what each has printed, as {printed} or {refused}. Requests go to PARLEY_URL alone: none of these programs may call home.
// PARLEY_MCP_KEY is added where a request has no token, as the inspector's command line has no option for headers.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const program = process.argv[2];
const plainFetch = globalThis.fetch;
globalThis.fetch = (url, options = {}) => {
  if (!String(url.url ?? url).startsWith(process.env.PARLEY_URL)) throw new Error(`A request went to ${url}`);
  const headers = new Headers(options.headers);
  if (!headers.has("Authorization")) headers.set("Authorization", `Bearer ${process.env.PARLEY_MCP_KEY}`);
  return plainFetch(url, { ...options, headers });
};
process.setMaxListeners(0);
const answer = process.stdout.write.bind(process.stdout);

async function run(words, number) {
  process.argv = [process.execPath, program, ...words];
  let errors = "";
  return new Promise((resolve) => {
    process.stdout.write = (text) => resolve({ printed: String(text) });
    process.stderr.write = (text) => (errors += text);
    process.exit = () => resolve({ refused: errors });
    import(`${pathToFileURL(program)}?run=${number}`);
  });
}

const answers = [];
for (const [number, words] of JSON.parse(readFileSync(0, "utf8")).entries()) {
  answers.push(await run(words, number));
}
answer(JSON.stringify(answers));
