// The source as the compiler sees it, for tests about the source.

import { fileURLToPath } from "node:url";
import { API, type Project } from "typescript/unstable/sync";

/** The folder of the project, with a slash at its end. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Opens the program; `planted` are files with another content than they have, by their path in the project. */
export function openProgram(planted: Readonly<Record<string, string>> = {}): Project & Disposable {
  const readFile = (path: string) => (path.startsWith(ROOT) ? planted[path.slice(ROOT.length)] : undefined);
  const api = new API({ cwd: ROOT, fs: { readFile } });
  const [project] = api.updateSnapshot({ openProjects: [`${ROOT}tsconfig.json`] }).getProjects();
  if (project === undefined) throw new Error("The program cannot be read");
  return Object.assign(project, { [Symbol.dispose]: () => api.close() });
}
